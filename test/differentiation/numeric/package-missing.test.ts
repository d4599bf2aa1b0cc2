import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { compareNumeric } from './compare-numeric.ts';

vi.mock('h5wasm', () => {
  throw new Error("Cannot find package 'h5wasm'");
});

test('HDF5 without the package that reads it is a finding that names the package, and no verdict', async () => {
  const file = readFileSync(join(import.meta.dirname, 'fixtures/chunked.h5'));
  const reason = 'from is HDF5, which the optional package h5wasm reads: npm install h5wasm';
  expect(await compareNumeric('x.h5', file, file)).toEqual({
    same: false,
    passes_with: null,
    reason,
    failed: reason,
  });
});
