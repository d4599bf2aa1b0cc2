import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerAccess } from './container-arguments.ts';
import type { ContainerEngine } from './container-engine.ts';
import { thisUser } from './docker.ts';
import { type Dialect, dockerCommandLine } from './docker-command-line.ts';

/** Podman, which needs no daemon. */
export function podmanEngine(
  program: string,
  environment: NodeJS.ProcessEnv,
  temporaryFolder: string,
): ContainerEngine {
  const user = thisUser();
  const dialect: Dialect = {
    system: 'podman',
    user,
    createOptions: ({ access }) => [
      // Without root, our own numbers would be others' in the container.
      ...(user !== null && user.uid !== 0 ? ['--userns=keep-id'] : []),
      ...gpuOptions(access),
    ],
    labelOptions: (key, value) => [`--label=${key}=${value}`, `--annotation=${key}=${value}`],
    async push(call, image, to, temporary) {
      const folder = await mkdtemp(join(temporary, 'corroborate-push-'));
      try {
        const file = join(folder, 'digest');
        await call(['push', '--quiet', `--digestfile=${file}`, image, `docker://${to}`], `push ${to}`);
        return (await readFile(file, 'utf8')).trim();
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    saveOptions: (image, file) => ['save', '--quiet', '--format=oci-archive', `--output=${file}`, image],
  };
  return dockerCommandLine(dialect, program, environment, temporaryFolder);
}

/** By the Container Device Interface, which NVIDIA's toolkit fills (`nvidia-ctk cdi generate`). */
function gpuOptions({ gpus }: ContainerAccess): string[] {
  if (gpus === null) return [];
  const devices = typeof gpus === 'number' ? Array.from({ length: gpus }, (_, index) => `${index}`) : gpus.split(',');
  return devices.map(device => `--device=nvidia.com/gpu=${device}`);
}
