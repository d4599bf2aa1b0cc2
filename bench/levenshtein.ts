import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { levenshteinDistance } from '../src/differentiation/levenshtein-distance.ts';
import { median, type Row } from './row.ts';

const python = '/usr/bin/python3';
const peer = `
import sys, time, edlib
a, b = (open(path).read() for path in sys.argv[1:3])
for _ in range(int(sys.argv[3])):
    start = time.perf_counter()
    distance = edlib.align(a, b, mode='NW', task='distance')['editDistance']
    print(distance, time.perf_counter() - start)
`;

/** The same texts in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A table of numbers as a simulation prints it, `length` characters long, and the numbers that it holds. */
function table(length: number, noise: number): { from: string; toward: string } {
  const random = randomFrom(7);
  const from: string[] = [];
  const toward: string[] = [];
  let written = 0;
  for (let row = 0; written < length; row++) {
    const values = Array.from({ length: 4 }, () => (random(2_000_000_000) - 1_000_000_000) / 1e6);
    const line = `${(row / 100).toFixed(2)} ${values.map(value => value.toExponential(9)).join(' ')}\n`;
    from.push(line);
    written += line.length;
    toward.push(
      noise === 0
        ? line
        : `${(row / 100).toFixed(2)} ${values.map(value => (value * (1 + (random(2001) - 1000) * noise)).toExponential(9)).join(' ')}\n`,
    );
  }
  return { from: from.join('').slice(0, length), toward: toward.join('').slice(0, length) };
}

function withScatteredEdits(text: string, edits: number): string {
  const random = randomFrom(11);
  const places = Array.from({ length: edits }, () => random(text.length)).sort((one, two) => one - two);
  const parts: string[] = [];
  let at = 0;
  for (const place of places) {
    if (place < at) continue;
    parts.push(text.slice(at, place));
    const kind = random(3);
    if (kind !== 0) parts.push(String(random(10)));
    at = place + (kind === 1 ? 0 : 1);
  }
  parts.push(text.slice(at));
  return parts.join('');
}

function unrelated(length: number, seed: number): string {
  const random = randomFrom(seed);
  return Array.from({ length }, () => String.fromCharCode(97 + random(20))).join('');
}

/** Levenshtein distance side by side with edlib (Debian's python3-edlib), in one run on the same texts. */
export async function measure(): Promise<Row[]> {
  const oneMega = table(1_000_000, 0).from;
  const tenMega = table(10_000_000, 0).from;
  const noisy = table(1_000_000, 2.9e-13);
  const cases = [
    {
      name: '1 MB, 1,000 scattered edits',
      from: oneMega,
      toward: withScatteredEdits(oneMega, 1000),
      times: 5,
      limit: 1,
    },
    {
      name: '10 MB, 1,000 scattered edits',
      from: tenMega,
      toward: withScatteredEdits(tenMega, 1000),
      times: 3,
      limit: 1,
    },
    { name: '1 MB, noise in every number', ...noisy, times: 3, limit: 2 },
    { name: '20 kB, unrelated', from: unrelated(20_000, 1), toward: unrelated(20_000, 2), times: 9, limit: 4 },
  ];
  const hasPeer = spawnSync(python, ['-c', 'import edlib']).status === 0;
  const folder = mkdtempSync(join(tmpdir(), 'levenshtein-'));
  try {
    return cases.map(({ name, from, toward, times, limit }) => {
      const seconds: number[] = [];
      let distance: number | null = null;
      for (let time = 0; time < times; time++) {
        const start = performance.now();
        distance = levenshteinDistance(from, toward, Number.POSITIVE_INFINITY).distance;
        seconds.push((performance.now() - start) / 1000);
      }
      const ours = median(seconds);
      if (!hasPeer) return { name, ours, theirs: null, ratio: null, limit };
      writeFileSync(join(folder, 'from'), from);
      writeFileSync(join(folder, 'toward'), toward);
      const lines = execFileSync(python, ['-c', peer, join(folder, 'from'), join(folder, 'toward'), String(times)])
        .toString()
        .trim()
        .split('\n')
        .map(line => line.split(' ').map(Number) as [number, number]);
      if (lines[0]![0] !== distance) throw new Error(`${name}: ours is ${distance}, edlib's ${lines[0]![0]}`);
      const theirs = median(lines.map(line => line[1]));
      return { name, ours, theirs, ratio: ours / theirs, limit };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.table(await measure());
