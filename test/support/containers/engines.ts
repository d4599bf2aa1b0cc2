import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A machine with an engine and images of its own: another one has none of them. */
export interface EngineHost extends AsyncDisposable {
  readonly system: 'podman' | 'docker';
  /** On top of anybody's environment. */
  readonly environment: NodeJS.ProcessEnv;
  /** What the engine's own program prints. @throws where it fails */
  does(...args: string[]): string;
}

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path));

/** What an image needs at least: a static busybox (Debian's busybox-static). */
export const tinyContainerfile =
  'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n';

/** Puts busybox into a folder that an image is built from. */
export function placeBusybox(folder: string): void {
  copyFileSync(busybox!, join(folder, 'busybox'));
  chmodSync(join(folder, 'busybox'), 0o755);
}

/** No cgroup manager and few limits: what runs in a container in a container, too. */
const containersConf = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** Why podman cannot be tested here; null where it can. */
export const noPodman: string | null = await whyNot(() => podmanHost([]));

if (noPodman !== null) console.log(`Containers are not tested with podman: ${noPodman}`);

/** Why an engine cannot build and run a tiny image here; null where it can. */
export async function whyNot(start: () => Promise<EngineHost>): Promise<string | null> {
  if (!busybox) return 'no busybox (busybox-static)';
  let host: EngineHost | null = null;
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-tiny-'));
  try {
    host = await start();
    placeBusybox(folder);
    writeFileSync(join(folder, 'Containerfile'), tinyContainerfile);
    host.does('build', '--tag=tiny', `--file=${folder}/Containerfile`, folder);
    host.does('run', '--rm', '--init', '--network=none', 'tiny', 'true');
    return null;
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1)!;
  } finally {
    await host?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function engineHost(
  system: EngineHost['system'],
  own: NodeJS.ProcessEnv,
  dispose: (host: EngineHost) => Promise<void>,
): EngineHost {
  const host: EngineHost = {
    system,
    environment: own,
    does(...args) {
      const { status, stdout, stderr, error } = spawnSync(system, args, {
        encoding: 'utf8',
        env: { ...process.env, ...own },
      });
      if (status === 0) return stdout.trim();
      throw new Error(`${system} ${args.join(' ')}: ${stderr ?? error?.message}`);
    },
    [Symbol.asyncDispose]: () => dispose(host),
  };
  return host;
}

/** @param registries on loopback, which are spoken to without TLS */
export async function podmanHost(registries: readonly string[]): Promise<EngineHost> {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-podman-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const insecure = registries.map(host => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`).join('');
  return engineHost(
    'podman',
    {
      CONTAINERS_CONF: file('containers.conf', containersConf),
      CONTAINERS_REGISTRIES_CONF: file('registries.conf', insecure),
      CONTAINERS_STORAGE_CONF: file(
        'storage.conf',
        `[storage]\ndriver = "overlay"\ngraphroot = "${folder}/storage"\nrunroot = "${folder}/run"\n`,
      ),
    },
    async host => {
      host.does('rm', '--all', '--force');
      host.does('rmi', '--all', '--force');
      spawnSync('umount', [join(folder, 'storage/overlay')]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  );
}
