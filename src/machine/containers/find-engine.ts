import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { apptainerEngine } from './apptainer.ts';
import { type ContainerEngine, type EngineName, engineNames } from './container-engine.ts';
import { dockerEngine } from './docker.ts';
import { podmanEngine } from './podman.ts';

/** Programs that are the same system under another name. */
const programs: Readonly<Record<EngineName, readonly string[]>> = {
  docker: ['docker'],
  podman: ['podman'],
  apptainer: ['apptainer', 'singularity'],
};

/**
 * The engine that is wanted, or else the first that is there and runs: docker, podman, apptainer.
 * @throws Problem UNSUPPORTED: there is none, or it is there and does not run; with what to do
 */
export async function findEngine(
  wanted: EngineName | null,
  environment: NodeJS.ProcessEnv,
  temporaryFolder: string,
): Promise<ContainerEngine> {
  let notRunning: unknown = null;
  for (const name of wanted === null ? engineNames : [wanted]) {
    const program = programs[name].map(word => onPath(word, environment.PATH)).find(path => path !== null);
    if (!program) continue;
    try {
      return await open(name, program, environment, temporaryFolder);
    } catch (problem) {
      notRunning ??= problem;
    }
  }
  if (notRunning !== null) throw notRunning;
  throw new Problem(
    'UNSUPPORTED',
    wanted === null
      ? 'no container engine was found here: install docker, podman or apptainer, or run on the host with `--container none`.'
      : `${wanted}, which the container is configured for, was not found on the PATH: install it, or say which other engine to take (\`--container podman\`), or \`--container none\` to run on the host.`,
  );
}

async function open(
  name: EngineName,
  program: string,
  environment: NodeJS.ProcessEnv,
  temporaryFolder: string,
): Promise<ContainerEngine> {
  if (name === 'docker') return dockerEngine(program, environment, temporaryFolder);
  if (name === 'podman') return podmanEngine(program, environment, temporaryFolder);
  return apptainerEngine(program, environment);
}

function onPath(name: string, path: string | undefined): string | null {
  for (const folder of (path ?? '').split(':').filter(Boolean)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}
