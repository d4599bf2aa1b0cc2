import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { actionEntries, buildAction } from '../../../scripts/build-action.ts';

const top = join(import.meta.dirname, '../../..');
const dist = join(top, 'dist');

test('dist/ is what the sources give: `npm run dist`', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-dist-'));
  try {
    await buildAction(folder);
    expect(readdirSync(dist).sort()).toEqual(readdirSync(folder).sort());
    for (const name of readdirSync(folder)) {
      const same = readFileSync(join(dist, name)).equals(readFileSync(join(folder, name)));
      expect(same, `dist/${name} is old: npm run dist`).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('action.yml names what is there, for node24, and it is small enough to be loaded at once', () => {
  const { runs } = parse(readFileSync(join(top, 'action.yml'), 'utf8'));
  expect(runs).toMatchObject({ using: 'node24', main: 'dist/main.js', post: 'dist/post.js' });
  expect(actionEntries.map(entry => `dist/${entry}.js`)).toEqual([runs.main, runs.post]);
  expect(statSync(join(dist, 'main.js')).size).toBeLessThanOrEqual(1.5e6);
});

test('it is marked as generated, is no module of anything that would have to be installed, and holds no place of this machine', () => {
  const attributes = execFileSync('git', ['check-attr', 'linguist-generated', '--', 'dist/main.js'], {
    cwd: top,
    encoding: 'utf8',
  });
  expect(attributes).toContain('linguist-generated: true');
  for (const entry of actionEntries) {
    const code = readFileSync(join(dist, `${entry}.js`), 'utf8');
    const imported = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?["'`]([^"'`\s]+)["'`]/g)].map(([, name]) => name!);
    const foreign = imported.filter(name => !isBuiltin(name));
    expect(foreign.filter(name => name !== 'h5wasm' && name !== 'h5wasm/node')).toEqual([]);
    expect(code).not.toContain(top);
  }
});
