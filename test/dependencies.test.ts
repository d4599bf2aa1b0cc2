import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(top, path), 'utf8');

test('docs/dependencies.md has a row for each dependency, and for nothing else, with the version that is locked', () => {
  const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: { [name: string]: string } };
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: { [path: string]: { readonly version: string } };
  };
  const rows = [...read('docs/dependencies.md').matchAll(/^\| (\S+) +\| ([\d.]+), \d{4}-\d\d-\d\d +\|/gm)];
  expect(Object.fromEntries(rows.map(([, name, version]) => [name, version]))).toEqual(
    Object.fromEntries(Object.keys(devDependencies).map(name => [name, packages[`node_modules/${name}`]!.version])),
  );
});
