import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absoluteRow, median, type Row } from './row.ts';
import { corroborate, git, inTurns, isInstalled, seconds } from './timing.ts';

const rounds = 15;
const busybox = ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path));

/** What recording costs in a container, over the engine's own bare `run` of the same command with the same folder. */
export function measureContainers(): Row[] {
  // Docker before 25 keeps no archive, and a registry would be measured along.
  const engine = (['podman', 'docker'] as const).find(name => isInstalled(name, 'info'));
  return engine && busybox ? [measure(engine)] : [];
}

function measure(engine: 'podman' | 'docker'): Row {
  const place = mkdtempSync(join(tmpdir(), 'bench-containers-'));
  try {
    const folder = join(place, 'simulation');
    mkdirSync(folder);
    copyFileSync(busybox!, join(folder, 'busybox'));
    chmodSync(join(folder, 'busybox'), 0o755);
    const files = {
      Containerfile: 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n',
      'corroborate.yml': `inputs: ['*.param']\noutputs: [result.txt]\ncontainer: {system: ${engine}, build: Containerfile, archive: ../}\n`,
      'default.param': 'n=10\n',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'config', 'user.name', 'Ada');
    git(folder, 'config', 'user.email', 'ada@example.org');
    git(folder, 'add', '-A');
    git(folder, 'commit', '-qm', 'The simulation');
    const environment = { ...process.env, XDG_CACHE_HOME: join(place, 'cache') };
    const image = `corroborate-bench-${process.pid}`;
    seconds({ command: [engine, 'build', '--tag', image, '--file', 'Containerfile', '.'], cwd: folder });
    const command = ['sh', '-c', 'cp default.param result.txt'];
    const mount = [`--mount=type=bind,source=${folder},target=${folder}`, `--workdir=${folder}`];
    const bare = [engine, 'run', '--rm', '--init', '--network=none', '--pull=never', ...mount, image, ...command];
    const taken = inTurns(rounds, {
      bare: () => seconds({ command: bare, cwd: folder }),
      recorded: () => seconds({ command: [...corroborate, 'run', '--', ...command], cwd: folder, environment }),
    });
    seconds({ command: [engine, 'rmi', '--force', image], cwd: folder, accept: [1] });
    const overhead = median(taken.recorded.map((value, index) => value - taken.bare[index]!));
    return absoluteRow(`run in a container: overhead over \`${engine} run\``, overhead, 0.25);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
