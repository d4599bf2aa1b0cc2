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
  throw new Problem('UNSUPPORTED', wanted === null ? noEngine : notFound(wanted, environment.PATH));
}

const noEngine = 'no container engine was found here: install docker, podman or apptainer.';

function notFound(wanted: EngineName, path: string | undefined): string {
  const other = engineNames.find(name => programs[name].some(word => onPath(word, path) !== null));
  const instead =
    other === undefined
      ? ''
      : `, or take ${other}, which is here (\`container: {system: ${other}}\` in corroborate.yml)`;
  return `the container engine ${wanted} was not found on the PATH: install it${instead}.`;
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
