import { Problem } from '../../domain/problem.ts';
import type { ContainerAccess, ContainerUser } from './container-arguments.ts';
import type { ContainerEngine } from './container-engine.ts';
import { type Dialect, dockerCommandLine } from './docker-command-line.ts';
import { callEngine } from './engine-call.ts';
import { notRunning } from './engine-problem.ts';

/**
 * Docker, whose daemon must run.
 * @throws Problem UNSUPPORTED where it does not
 */
export async function dockerEngine(
  program: string,
  environment: NodeJS.ProcessEnv,
  temporaryFolder: string,
): Promise<ContainerEngine> {
  const answer = await callEngine(program, ['info', '--format={{json .SecurityOptions}}'], environment);
  // The client answers by itself, with nothing, where no daemon does.
  if (answer === null || answer.code !== 0 || !answer.stdout.trim().startsWith('[')) {
    throw new Problem('UNSUPPORTED', notRunning('docker'));
  }
  const rootless = answer.stdout.includes('name=rootless');
  const remapped = answer.stdout.includes('name=userns');
  const dialect: Dialect = {
    system: 'docker',
    // In a rootless engine, user 0 is whoever started it.
    user: rootless ? { uid: 0, gid: 0 } : thisUser(),
    createOptions: ({ access }) => [...(remapped ? ['--userns=host'] : []), ...gpuOptions(access)],
    labelOptions: (key, value) => [`--label=${key}=${value}`],
    async push(call, image, to) {
      await call(['tag', image, to], `name the image ${to}`);
      const { stdout } = await call(['push', to], `push ${to}`);
      const digest = /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1];
      if (digest) return digest;
      throw new Problem('ENGINE_FAILED', `docker pushed ${to}, but did not say which digest the registry gave it.`);
    },
    saveOptions: (image, file) => ['save', `--output=${file}`, image],
  };
  return dockerCommandLine(dialect, program, environment, temporaryFolder);
}

function gpuOptions({ gpus }: ContainerAccess): string[] {
  if (gpus === null) return [];
  return [typeof gpus === 'number' || gpus === 'all' ? `--gpus=${gpus}` : `--gpus="device=${gpus}"`];
}

/** Null where there are no numbers for users. */
export function thisUser(): ContainerUser | null {
  return process.getuid && process.getgid ? { uid: process.getuid(), gid: process.getgid() } : null;
}
