import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absoluteRow, median, type Row } from './row.ts';
import { demoSimulation } from './run-overhead.ts';
import { corroborate, git, inTurns, seconds } from './timing.ts';

const rounds = 5;

/** What `reproduce` takes over `run` of the same command, less what git takes to check the source out. */
export function measureReproduce(): Row[] {
  const place = mkdtempSync(join(tmpdir(), 'bench-reproduce-'));
  try {
    const environment = { ...process.env, XDG_CACHE_HOME: join(place, 'cache') };
    const rows: Row[] = [];
    for (const [name, files] of [
      ['the example', 0],
      ['20,000 tracked files', 20_000],
    ] as const) {
      const folder = join(place, String(files));
      demoSimulation(folder, files, 0);
      const command = ['sh', '-c', 'cat default.param > Data/example2.dat'];
      seconds({ command: [...corroborate, 'run', '--', ...command], cwd: folder, environment });
      const out = join(folder, '.git/out');
      const taken = inTurns(rounds, {
        run: () =>
          seconds({ command: [...corroborate, 'run', '--tag', 'again', '--', ...command], cwd: folder, environment }),
        reproduce: () => seconds({ command: [...corroborate, 'reproduce', 'latest'], cwd: folder, environment }),
        checkout: () => {
          git(folder, 'clone', '-q', '--shared', '--no-checkout', '.', out);
          const took = seconds({ command: ['git', 'checkout', '-q', '--detach', 'HEAD'], cwd: out });
          rmSync(out, { recursive: true, force: true });
          return took;
        },
      });
      const over = median(taken.reproduce.map((value, at) => value - taken.run[at]! - taken.checkout[at]!));
      rows.push(absoluteRow(`reproduce: over run and git checkout, ${name}`, over, 0.5));
    }
    return rows;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
