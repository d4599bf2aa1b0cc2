import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { distributionsOf, installedDistributions } from '../../../src/machine/dependencies/python-distributions.ts';

test('what is installed while it is looked at again and again is seen', () => {
  const base = mkdtempSync(join(tmpdir(), 'corroborate-site-'));
  try {
    const site = join(base, 'site-packages');
    const install = (name: string, version: string) => {
      const folder = join(site, `${name}-${version}.dist-info`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'METADATA'), `Name: ${name}\nVersion: ${version}\n`);
      writeFileSync(join(folder, 'RECORD'), `${name}/__init__.py,,\n`);
    };
    const installed = installedDistributions();
    const found = (...names: string[]) => {
      const modules = names.map(name => join(site, name, '__init__.py'));
      const { dependencies } = distributionsOf({ searchPath: [site], modules }, installed);
      return dependencies.map(({ name, version }) => `${name} ${version}`).sort();
    };
    install('one', '1.0');
    expect(found('one', 'two')).toEqual(['one 1.0']);
    expect(found('one', 'two')).toEqual(['one 1.0']);
    install('two', '2.0');
    expect(found('one', 'two')).toEqual(['one 1.0', 'two 2.0']);
    rmSync(join(site, 'one-1.0.dist-info'), { recursive: true });
    install('one', '1.1');
    expect(found('one', 'two')).toEqual(['one 1.1', 'two 2.0']);
  } finally {
    rmSync(base, { recursive: true });
  }
});
