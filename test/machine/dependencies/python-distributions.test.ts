import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

test('what was found out about import names is a hint for later runs, and never more', () => {
  const base = mkdtempSync(join(tmpdir(), 'corroborate-site-'));
  try {
    const [site, cache] = [join(base, 'dist-packages'), join(base, 'cache')];
    const install = (name: string, ...importNames: string[]) => {
      const folder = join(site, `${name}-1.0.egg-info`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'PKG-INFO'), `Name: ${name}\nVersion: 1.0\n`);
      writeFileSync(join(folder, 'top_level.txt'), `${importNames.join('\n')}\n`);
    };
    const found = (...names: string[]) => {
      const modules = names.map(name => join(site, name, '__init__.py'));
      const { dependencies, notes } = distributionsOf({ searchPath: [site], modules }, installedDistributions(cache));
      return [...dependencies.map(({ name }) => name), ...notes.map(() => 'unknown')].sort();
    };
    install('matplotlib', 'matplotlib', 'mpl_toolkits');
    install('setuptools', 'setuptools', '_distutils_hack');
    expect(found('mpl_toolkits', 'setuptools', 'nobodys')).toEqual(['matplotlib', 'setuptools', 'unknown']);
    expect(found('mpl_toolkits', '_distutils_hack')).toEqual(['matplotlib', 'setuptools']);
    const [kept] = readdirSync(cache);
    expect(readFileSync(join(cache, kept!), 'utf8')).toBe(
      'mpl_toolkits\tmatplotlib-1.0.egg-info\n_distutils_hack\tsetuptools-1.0.egg-info\n',
    );
    // It is another's now.
    install('matplotlib', 'matplotlib');
    install('toolkits', 'mpl_toolkits');
    expect(found('mpl_toolkits')).toEqual(['toolkits']);
    rmSync(join(site, 'toolkits-1.0.egg-info'), { recursive: true });
    expect(found('mpl_toolkits')).toEqual(['unknown']);
    // Whatever stands there.
    for (const text of ['', '\0\0\0', 'mpl_toolkits', '\t\n\n_distutils_hack\t..\n']) {
      writeFileSync(join(cache, kept!), text);
      expect(found('_distutils_hack')).toEqual(['setuptools']);
    }
  } finally {
    rmSync(base, { recursive: true });
  }
});
