import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { absoluteRow, median, type Row } from './row.ts';
import { node } from './timing.ts';

const dist = join(import.meta.dirname, '../dist');
const rounds = 25;

/** The Action's bundle as the runner loads it: nothing of it is in a cache of V8's there, and none is used here. */
export async function measureAction(): Promise<Row[]> {
  const main: number[] = [];
  const bare: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const [ours, theirs] = [await firstWord([join(dist, 'main.js')]), await firstWord(['-e', 'console.log(1)'])];
    if (round < 0) continue;
    main.push(ours);
    bare.push(theirs);
  }
  const size = (name: string) => statSync(join(dist, name)).size / 1000;
  return [
    absoluteRow('action: main.js', size('main.js'), 1500, 'kB'),
    absoluteRow('action: post.js', size('post.js'), 1500, 'kB'),
    absoluteRow('action: start-up of main.js to its first step', median(main), 0.15),
    absoluteRow('action: (node alone to its first word)', median(bare), Number.POSITIVE_INFINITY),
  ];
}

/** Seconds from the start of a process until it says something: the Action's first step is to hide its token. */
function firstWord(args: readonly string[]): Promise<number> {
  return new Promise((fulfil, reject) => {
    const begun = process.hrtime.bigint();
    const child = spawn(node, args, {
      cwd: tmpdir(),
      env: { ...process.env, INPUT_TOKEN: 'a token of nobody' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.once('error', reject);
    child.stdout.once('data', () => {
      const took = Number(process.hrtime.bigint() - begun) / 1e9;
      child.once('close', () => fulfil(took));
      child.kill('SIGKILL');
    });
  });
}
