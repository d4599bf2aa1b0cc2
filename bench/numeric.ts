import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { numeric } from '../src/differentiation/numeric/numeric.ts';
import { absoluteRow, median, type Row, ratioRow } from './row.ts';
import { isInstalled, pythonWithNumpy, seconds } from './timing.ts';

const rounds = 7;
/** Tables of 10 MB and their neighbours within 1e-9, as numpy writes them; without numpy there is nothing to hold to. */
const write = `
import sys
import numpy as np
random = np.random.default_rng(1815)
for name, rows, columns, form in [('long', 40000, 10, '%.18e'), ('short', 110000, 10, '%.6f')]:
    table = random.normal(size=(rows, columns))
    np.savetxt(f'{sys.argv[1]}/{name}-from', table * (1 + 1e-9 * random.normal(size=table.shape)), fmt=form)
    np.savetxt(f'{sys.argv[1]}/{name}-toward', table, fmt=form)
`;
/** The second time, as ours is warm too. */
const load = `
import sys, time
import numpy as np
np.loadtxt(sys.argv[1])
start = time.perf_counter()
np.loadtxt(sys.argv[1])
print(time.perf_counter() - start)
`;

/** `numeric` on two 10 MB tables beside numpy.loadtxt on one of them, and beside numdiff on both. */
export async function measure(): Promise<Row[]> {
  const python = pythonWithNumpy();
  if (python === null) return [];
  const folder = mkdtempSync(join(tmpdir(), 'numeric-'));
  try {
    execFileSync(python, ['-c', write, folder]);
    const rows: Row[] = [];
    for (const [name, what] of [
      ['long', '%.18e'],
      ['short', '%.6f'],
    ] as const) {
      const paths = [join(folder, `${name}-from`), join(folder, `${name}-toward`)] as const;
      const [ours, theirs] = await timesOf(paths[0], paths[1], () =>
        Number(execFileSync(python, ['-c', load, paths[1]], { encoding: 'utf8' })),
      );
      rows.push(absoluteRow(`two 10 MB tables of ${what}`, ours, 0.6));
      rows.push(ratioRow(`two 10 MB tables of ${what}, and numpy.loadtxt on one`, ours, theirs, 1));
      if (!isInstalled('numdiff')) continue;
      const command = ['numdiff', '-q', '-r', '1e-6', ...paths];
      rows.push(
        ratioRow(
          `two 10 MB tables of ${what}, and numdiff`,
          ours,
          seconds({ command, cwd: folder, accept: [1] }),
          Number.POSITIVE_INFINITY,
        ),
      );
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of the comparison itself, files in memory as the method is given them, and of the other, in turns. */
async function timesOf(from: string, toward: string, other: () => number): Promise<[ours: number, theirs: number]> {
  const one = readFileSync(from);
  const two = readFileSync(toward);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const start = performance.now();
    await numeric.compare('table.dat', one, two, {}, { bytes: 2 ** 26, steps: 1e9 });
    const took = (performance.now() - start) / 1000;
    const besides = other();
    if (round < 0) continue;
    ours.push(took);
    theirs.push(besides);
  }
  return [median(ours), median(theirs)];
}
