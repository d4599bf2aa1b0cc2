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

test('what was found out about a file is a hint for later runs, and changes no answer', () => {
  const base = mkdtempSync(join(tmpdir(), 'corroborate-site-'));
  try {
    const [site, cache] = [join(base, 'dist-packages'), join(base, 'cache')];
    const install = (name: string, files: Record<string, string>) => {
      const folder = join(site, name);
      mkdirSync(folder, { recursive: true });
      const text = `Name: ${name.split('-')[0]}\nVersion: 1.0\n`;
      for (const [file, content] of Object.entries({ METADATA: text, 'PKG-INFO': text, ...files })) {
        writeFileSync(join(folder, file), content);
      }
    };
    const found = (...files: string[]) => {
      const loaded = { searchPath: [site], modules: files.map(file => join(site, file)) };
      const answers = [installedDistributions(cache), installedDistributions()].map(installed => {
        const { dependencies, notes } = distributionsOf(loaded, installed);
        return [...dependencies.map(({ name }) => name), ...notes.map(() => 'unknown')].sort();
      });
      expect(answers[0]).toEqual(answers[1]);
      return answers[0];
    };
    const kept = () => readdirSync(cache).map(name => join(cache, name))[0]!;
    const [toolkits, hack] = ['mpl_toolkits/__init__.py', '_distutils_hack/__init__.py'];
    install('matplotlib-1.0.egg-info', { 'top_level.txt': 'matplotlib\nmpl_toolkits\n' });
    install('setuptools-1.0.egg-info', { 'top_level.txt': 'setuptools\n_distutils_hack\n' });
    expect(found(toolkits, 'setuptools/a.py', 'nobodys/a.py')).toEqual(['matplotlib', 'setuptools', 'unknown']);
    expect(found(toolkits, hack)).toEqual(['matplotlib', 'setuptools']);
    expect(readFileSync(kept(), 'utf8').split('\n').slice(1)).toEqual([
      `${toolkits}\tmatplotlib-1.0.egg-info`,
      `${hack}\tsetuptools-1.0.egg-info`,
      '',
    ]);
    // It is another's now, in the same folder.
    install('matplotlib-1.0.egg-info', { 'top_level.txt': 'matplotlib\n' });
    expect(found(toolkits)).toEqual(['unknown']);
    install('toolkits-1.0.egg-info', { 'top_level.txt': 'mpl_toolkits\n' });
    expect(found(toolkits)).toEqual(['toolkits']);
    // Two that share a name, one of which lists its files; and one that comes first, later.
    install('aaa-1.0.dist-info', { RECORD: '\nns/b.py,,\n', 'top_level.txt': 'ns\n' });
    install('zzz-1.0.egg-info', { 'top_level.txt': 'ns\n' });
    expect(found('ns/z.py', 'ns/b.py')).toEqual(['aaa', 'zzz']);
    expect(found('ns/b.py')).toEqual(['aaa']);
    install('headless-1.0.dist-info', { RECORD: '\ncv2/__init__.py,,\n' });
    expect(found('cv2/__init__.py')).toEqual(['headless']);
    install('all_of_it-1.0.dist-info', { RECORD: '\ncv2/__init__.py,,\n' });
    expect(found('cv2/__init__.py')).toEqual(['all_of_it']);
    // Whatever stands there.
    const [mark] = readFileSync(kept(), 'utf8').split('\n');
    for (const text of [
      '',
      '\0\0\0',
      mark!,
      `${mark}\n${hack}\n`,
      `${mark}\n${hack}\t..\n`,
      `${mark}\n${hack}\taaa-1.0.dist-info\n`,
    ]) {
      writeFileSync(kept(), text);
      expect(found(hack)).toEqual(['setuptools']);
    }
  } finally {
    rmSync(base, { recursive: true });
  }
});

test("a library that is no module is its distribution's; the system's are nobody's", () => {
  const base = mkdtempSync(join(tmpdir(), 'corroborate-site-'));
  try {
    const install = (folder: string, name: string, file: string) => {
      const metadata = join(base, folder, `${name}-1.0.dist-info`);
      mkdirSync(metadata, { recursive: true });
      writeFileSync(join(metadata, 'METADATA'), `Name: ${name}\nVersion: 1.0\n`);
      writeFileSync(join(metadata, 'RECORD'), `\n${file},,\n`);
    };
    install('site-packages', 'one', 'one.libs/libone.so');
    install('other', 'two', 'libtwo.so');
    const found = (kind: 'modules' | 'libraries', ...files: string[]) => {
      const loaded = { searchPath: [], modules: [], [kind]: files.map(file => join(base, file)) };
      return distributionsOf(loaded).dependencies.map(({ name }) => name);
    };
    expect(found('libraries', 'site-packages/one.libs/libone.so', 'other/libtwo.so')).toEqual(['one']);
    expect(found('modules', 'other/libtwo.so')).toEqual(['two']);
  } finally {
    rmSync(base, { recursive: true });
  }
});
