import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
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

test('it is marked as generated, and holds no place of this machine', () => {
  const attributes = execFileSync('git', ['check-attr', 'linguist-generated', '--', 'dist/main.js'], {
    cwd: top,
    encoding: 'utf8',
  });
  expect(attributes).toContain('linguist-generated: true');
  for (const entry of actionEntries) expect(readFileSync(join(dist, `${entry}.js`), 'utf8')).not.toContain(top);
});

test('it runs where nothing is installed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-alone-'));
  try {
    cpSync(dist, join(folder, 'dist'), { recursive: true });
    cpSync(join(top, 'package.json'), join(folder, 'package.json'));
    for (const entry of actionEntries) {
      const { status, stdout } = spawnSync(process.execPath, [join(folder, 'dist', `${entry}.js`)], {
        cwd: folder,
        env: { PATH: process.env.PATH, INPUT_TOKEN: 'a token of nobody' },
        encoding: 'utf8',
      });
      expect({ status, stdout }).toEqual({
        status: 1,
        stdout: expect.stringContaining('GITHUB_REPOSITORY is not set'),
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
