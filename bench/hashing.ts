import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '../src/machine/files/digest.ts';
import { median, type Row, ratioRow } from './row.ts';
import { isInstalled, seconds } from './timing.ts';

const size = 1e9;
const rounds = 5;

/** One file of 1 GB: seconds of ours beside those of `openssl dgst -sha256`; 0.8 of its speed is 1.25 of its time. */
export async function measureHashing(): Promise<Row[]> {
  const place = mkdtempSync(join(tmpdir(), 'bench-hash-'));
  try {
    const file = join(place, 'output.bin');
    writeFileSync(file, '');
    const part = randomBytes(10e6);
    for (let written = 0; written < size; written += part.length) appendFileSync(file, part);
    const openssl = isInstalled('openssl', 'version');
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = -1; round < rounds; round++) {
      const begun = performance.now();
      await digestFile(file, { keep: -1, follow: false });
      const took = (performance.now() - begun) / 1000;
      const other = openssl ? seconds({ command: ['openssl', 'dgst', '-sha256', file], cwd: place }) : 0;
      if (round >= 0) {
        ours.push(took);
        theirs.push(other);
      }
    }
    return [
      ratioRow('hashing: 1 GB, beside openssl dgst -sha256', median(ours), openssl ? median(theirs) : null, 1.25),
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
