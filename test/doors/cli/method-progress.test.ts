import { expect, test } from 'vitest';
import { findMethod, readOptions } from '../../../src/differentiation/registry.ts';
import { withProgress } from '../../../src/doors/cli/method-progress.ts';

test('a large file is told of before it is compared, small ones once a second is over, ten times a second', async () => {
  const told: string[] = [];
  let time = 0;
  const method = findMethod('default', null)!;
  const shown = withProgress(method, { progress: line => told.push(line) }, () => time);
  const options = readOptions(method, {});
  const compare = (path: string, size: number) =>
    shown.compare(path, new Uint8Array(size), new Uint8Array(size), options, { bytes: 1e9, steps: 1e9 });

  expect(await compare('small.txt', 10)).toMatchObject({ same: true });
  expect(told).toEqual([]);
  await compare('large\u001b[31m.txt', 200_000);
  expect(told).toEqual([expect.stringMatching(/^comparing large.*\.txt, 195\.3 KiB with 195\.3 KiB$/)]);
  expect(told[0]).not.toContain('\u001b');
  time = 1000;
  await compare('small.txt', 10);
  await compare('another.txt', 10);
  expect(told.slice(1)).toEqual(['comparing small.txt, 10 B with 10 B']);
  time = 1100;
  await compare('another.txt', 10);
  expect(told).toHaveLength(3);
});
