import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepCachedText } from '../../../src/machine/files/cached-text.ts';

test('a text is kept whole, or not at all, and never at the cost of a run', () => {
  const base = mkdtempSync(join(tmpdir(), 'corroborate-cache-'));
  try {
    const file = join(base, 'made/when/needed');
    keepCachedText(file, 'one');
    keepCachedText(file, 'two');
    expect(readFileSync(file, 'utf8')).toBe('two');
    // A file where there should be a folder, and a folder where there should be a file.
    writeFileSync(join(base, 'file'), '');
    keepCachedText(join(base, 'file/below'), 'lost');
    mkdirSync(join(base, 'folder/within'), { recursive: true });
    keepCachedText(join(base, 'folder'), 'lost');
    expect(readdirSync(base).sort()).toEqual(['file', 'folder', 'made']);
    expect(readdirSync(join(base, 'made/when'))).toEqual(['needed']);
  } finally {
    rmSync(base, { recursive: true });
  }
});
