import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { FindEngine } from '../../flows/container/container-world.ts';
import type { ContainerEngine, EngineName } from '../../machine/containers/container-engine.ts';
import { simulationEnvironment } from './simulation-environment.ts';
import type { Step } from './step.ts';

type Hosting = Pick<Step, 'environment' | 'context' | 'inputs'>;

/** Container engines, logged in to GitHub's own registry; loaded by those who run in a container. */
export function engineOf({ environment, context, inputs }: Hosting): FindEngine {
  const found = new Map<EngineName | null, Promise<ContainerEngine>>();
  return wanted => {
    const known = found.get(wanted) ?? find(wanted);
    found.set(wanted, known);
    return known;
  };

  async function find(wanted: EngineName | null): Promise<ContainerEngine> {
    const { findEngine } = await import('../../machine/containers/find-engine.ts');
    const { registryLogin } = await import('../../machine/containers/registry-login.ts');
    const plain = simulationEnvironment(environment);
    const engine = await findEngine(wanted, plain, context.temporary);
    const login = { registry: registryOf(context.server), user: context.actor.login, password: inputs.token };
    const folder = await mkdtemp(join(context.temporary, 'corroborate-login-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const own = await registryLogin(engine.system, plain, login, folder);
    if (own === null) return engine;
    const logged = await findEngine(engine.system, own, context.temporary);
    return {
      ...logged,
      // A token without the permission `packages` is refused what anybody may have.
      pull: reference =>
        logged.pull(reference).catch(cause =>
          engine.pull(reference).catch(() => {
            throw cause;
          }),
        ),
      push: (image, to) =>
        logged.push(image, to).catch(cause => {
          throw to.name.startsWith(`${login.registry}/`) ? withPermission(cause) : cause;
        }),
    };
  }
}

function withPermission(cause: unknown): unknown {
  if (!(cause instanceof Problem) || cause.code !== 'REMOTE_FAILED') return cause;
  const advice = `The workflow's token may push there where the job says \`packages: write\` under \`permissions:\`, and the package, if it is there already, is linked to this repository.`;
  return new Problem(cause.code, `${cause.message} ${advice}`, { cause });
}

/** https://docs.github.com/packages/working-with-a-github-packages-registry/working-with-the-container-registry */
function registryOf(server: string): string {
  const { host } = new URL(server);
  return host === 'github.com' ? 'ghcr.io' : `containers.${host}`;
}
