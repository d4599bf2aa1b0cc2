import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absoluteRow, median, type Row, ratioRow } from './row.ts';
import { corroborate, git, inTurns, isInstalled, pythonWithNumpy, seconds } from './timing.ts';

const rounds = 15;
const example = join(import.meta.dirname, '../examples/demo-sumatra');

/** The paper's example as a repository, with numbers of tracked files and of packed bytes to carry along. */
export function demoSimulation(folder: string, files: number, packedBytes: number): void {
  mkdirSync(join(folder, 'Data'), { recursive: true });
  cpSync(example, folder, { recursive: true });
  rmSync(join(folder, '.gitignore'), { force: true });
  writeFileSync(join(folder, 'Data/.keep'), '');
  for (let index = 0; index < files; index++) {
    const place = join(folder, 'src', String(index % 200));
    if (index < 200) mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `${index}.txt`), `file ${index}\n`);
  }
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.org');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'The simulation');
  for (let written = 0; written < packedBytes; written += 50e6) {
    writeFileSync(join(folder, 'heavy.bin'), randomBytes(50e6));
    git(folder, 'add', 'heavy.bin');
    git(folder, 'commit', '-qm', 'Heavy data');
  }
  if (packedBytes > 0) {
    git(folder, 'rm', '-q', 'heavy.bin');
    git(folder, 'commit', '-qm', 'Without it');
    git(folder, 'repack', '-adq', '--window=0');
  }
}

/** What recording costs on top of the bare command, beside what others cost. */
export function measureRun(): Row[] {
  const python = pythonWithNumpy();
  const place = mkdtempSync(join(tmpdir(), 'bench-run-'));
  try {
    const [small, plain, other, large] = ['small', 'plain', 'datalad', 'large'].map(name => join(place, name)) as [
      string,
      string,
      string,
      string,
    ];
    demoSimulation(small, 0, 0);
    demoSimulation(plain, 0, 0);
    demoSimulation(large, 20_000, 500e6);
    const command = python
      ? [python, 'main.py', 'default.param']
      : ['sh', '-c', 'cat default.param > Data/example2.dat'];
    const environment = { ...process.env, XDG_CACHE_HOME: join(place, 'cache') };
    const recorded = [...corroborate, 'run', '--', ...command];
    const datalad = isInstalled('datalad');
    if (datalad) {
      demoSimulation(other, 0, 0);
      seconds({ command: ['datalad', 'create', '-f', '.'], cwd: other, environment });
      seconds({ command: ['datalad', 'save', '-m', 'all'], cwd: other, environment });
    }
    // Its outputs are declared, as its users do: what it has saved is read-only else.
    const unlocked = ['-o', 'Data/example2.dat', '-o', 'Data/n'];
    let count = 0;
    const taken = inTurns(rounds, {
      bare: () => seconds({ command, cwd: small }),
      recorded: () => seconds({ command: recorded, cwd: small, environment }),
      committed: () => {
        const begun = performance.now();
        seconds({
          command: [
            'sh',
            '-c',
            `${command.join(' ')} && echo ${count++} >> Data/log && git add -A && git -c user.name=A -c user.email=a@b commit -qm run`,
          ],
          cwd: plain,
        });
        return (performance.now() - begun) / 1000;
      },
      datalad: () =>
        datalad
          ? seconds({
              command: [
                'datalad',
                'run',
                '-m',
                String(count++),
                ...unlocked,
                `${command.join(' ')} && echo ${count} > Data/n`,
              ],
              cwd: other,
              environment,
            })
          : 0,
      largeBare: () => seconds({ command, cwd: large }),
      large: () => seconds({ command: recorded, cwd: large, environment }),
    });
    const over = (one: readonly number[], bare: readonly number[]) =>
      median(one.map((value, index) => value - bare[index]!));
    const overhead = over(taken.recorded, taken.bare);
    return [
      absoluteRow('run: overhead over the bare command', overhead, 0.15),
      ratioRow(
        'run: overhead, beside that of datalad run',
        overhead,
        datalad ? over(taken.datalad, taken.bare) : null,
        0.2,
      ),
      ratioRow(
        'run: overhead, beside that of git add and commit',
        overhead,
        over(taken.committed, taken.bare),
        Number.POSITIVE_INFINITY,
      ),
      ratioRow(
        'run: whole, beside the bare command',
        median(taken.recorded),
        median(taken.bare),
        Number.POSITIVE_INFINITY,
      ),
      absoluteRow(
        'run: overhead with 20,000 tracked files and 500 MB of packs',
        over(taken.large, taken.largeBare),
        0.4,
      ),
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
