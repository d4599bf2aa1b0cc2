import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mappedFiles } from '../../../src/machine/dependencies/look-ahead.ts';
import { debianPrograms, systemPackagesOf } from '../../../src/machine/dependencies/system-packages.ts';
import { workplace } from './watched-run.ts';

const compiler = ['cc', 'gcc', 'clang'].find(name => spawnSync(name, ['--version']).status === 0);
const debian = existsSync('/var/lib/dpkg/info');
const linux = process.platform === 'linux';
if (!compiler) console.log('No C compiler on this machine: the tests of compiled programs are passed over.');
if (!debian) console.log('No dpkg on this machine: the tests of Debian packages are passed over.');

const versionOf = (name: string) =>
  /^Version: (.*)$/m.exec(spawnSync('dpkg', ['-s', name], { encoding: 'utf8' }).stdout)?.[1];

describe.skipIf(!compiler || !linux)('a compiled program', () => {
  const compile = (folder: string, ...words: string[]) => {
    const { status, stderr } = spawnSync(compiler!, words, { cwd: folder, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  };

  test('depends on its libraries: of a package, of the working tree, and of neither', async () => {
    using place = workplace();
    using elsewhere = workplace();
    place.write('own.c', 'double own(double x) { return x; }\n');
    compile(place.folder, '-shared', '-fPIC', '-o', 'libown.so', 'own.c');
    elsewhere.write('far.c', 'double far(double x) { return x; }\n');
    compile(elsewhere.folder, '-shared', '-fPIC', '-Wl,-soname,libfar.so.2', '-o', 'libfar.so.2.4.1', 'far.c');
    compile(elsewhere.folder, '-shared', '-fPIC', '-o', 'libfar.so', 'far.c', '-Wl,-soname,libfar.so.2');
    spawnSync('ln', ['-s', 'libfar.so.2.4.1', 'libfar.so.2'], { cwd: elsewhere.folder });
    place.write(
      'main.c',
      '#include <math.h>\ndouble own(double), far(double);\nint main(int n, char **v) { return (int)(own(far(cos(n - 1))) * 3); }\n',
    );
    const libraries = ['-L.', '-lown', `-L${elsewhere.folder}`, '-lfar', '-lm'];
    compile(place.folder, '-fno-builtin', '-o', 'main', 'main.c', ...libraries);
    const environment = { LD_LIBRARY_PATH: `${place.folder}:${elsewhere.folder}` };

    const { found, ...watched } = await place.watched([join(place.folder, 'main')], { environment });
    expect(watched).toEqual(await place.bare([join(place.folder, 'main')], { environment }));
    expect(watched.code).toBe(3);
    expect(found.dependencies.filter(it => it.system === 'lib')).toContainEqual({
      name: 'libfar',
      version: '2.4.1',
      system: 'lib',
    });
    expect(found.loaded).toEqual([join(place.folder, 'libown.so'), join(place.folder, 'main')]);
    if (debian) {
      expect(found.dependencies).toContainEqual({ name: 'libc6', version: versionOf('libc6'), system: 'apt' });
      expect(found.dependencies.filter(it => it.system === 'lib')).toHaveLength(1);
    }
  });

  test('a library that it opens later is seen in its process', async () => {
    using place = workplace();
    place.write('late.c', 'int late(void) { return 0; }\n');
    compile(place.folder, '-shared', '-fPIC', '-o', 'liblate.so', 'late.c');
    place.write(
      'main.c',
      '#include <dlfcn.h>\n#include <unistd.h>\n#include <stdio.h>\nint main(void) { if (!dlopen("./liblate.so", RTLD_NOW)) return 1; puts("open"); fflush(stdout); sleep(2); return 0; }\n',
    );
    compile(place.folder, '-o', 'main', 'main.c', '-ldl');
    const { code, found } = await place.watched([join(place.folder, 'main')]);
    expect(code).toBe(0);
    expect(found.loaded).toContain(join(place.folder, 'liblate.so'));
  });

  test('without libraries it is only itself', async () => {
    using place = workplace();
    place.write('main.c', 'int main(void) { return 0; }\n');
    compile(place.folder, '-static', '-o', 'main', 'main.c');
    const { found } = await place.watched([join(place.folder, 'main')]);
    expect(found).toEqual({ dependencies: [], loaded: [join(place.folder, 'main')], notes: [], usage: null });
  });
});

test.skipIf(!debian)('the Debian packages of files are those that dpkg names, under /usr or not', async () => {
  const files = spawnSync('dpkg', ['-L', 'coreutils'], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(file => /\/(?:ls|sort)$/.test(file));
  expect(files.length).toBeGreaterThan(1);
  const coreutils = { name: 'coreutils', version: versionOf('coreutils'), system: 'apt' };
  const packages = await systemPackagesOf([...files, '/etc/nobodys'], { environment: process.env });
  for (const file of files) {
    expect(packages.ownerOf(file)).toEqual(coreutils);
    if (file.startsWith('/bin/')) expect(packages.ownerOf(`/usr${file}`)).toEqual(coreutils);
  }
  expect(packages.ownerOf('/etc/nobodys')).toBeNull();
  expect(packages.ownerOf('/usr/bin/awk')).toBeNull();
});

test.skipIf(!debian)(
  'the index of programs is the same from its cache, and a cache of another time is not believed',
  async () => {
    using place = workplace();
    const cache = join(place.folder, 'cache');
    const sort = '/usr/bin/sort';
    const call = { environment: process.env };
    const fresh = (await debianPrograms(cache, call))!.ownerOf(sort);
    expect(fresh?.name).toBe('coreutils');
    const file = join(cache, 'debian-owners.txt');
    const text = readFileSync(file, 'utf8');
    // Proof that the cache is read: another owner stands in it.
    writeFileSync(file, text.replaceAll('\tcoreutils\t', '\tdash\t'));
    expect((await debianPrograms(cache, call))!.ownerOf(sort)?.name).toBe('dash');
    writeFileSync(file, text.replaceAll('\tcoreutils\t', '\tdash\t').replace(/^/, '1'));
    expect((await debianPrograms(cache, call))!.ownerOf(sort)).toEqual(fresh);
    writeFileSync(file, text.slice(0, text.length / 2));
    expect((await debianPrograms(cache, call))!.ownerOf(sort)).toEqual(fresh);
    expect((await debianPrograms('/dev/null/x', call))!.ownerOf(sort)).toEqual(fresh);
  },
);

test.skipIf(!debian || !linux)('a tool that is no simulation of the tree belongs to its package', async () => {
  using place = workplace();
  const { found } = await place.watched(['/usr/bin/sort', '/dev/null']);
  expect(found.dependencies.map(it => it.name)).toContain('coreutils');
  expect(found.loaded).toEqual([]);
});

test('the files in /proc/<pid>/maps', () => {
  const maps = `7f00-7f01 r--p 00000000 fe:00 12      /usr/lib/a b.so.1\n7f01-7f02 r-xp 00001000 fe:00 12      /usr/lib/a b.so.1\n7f02-7f03 rw-p 00000000 00:00 0      [heap]\n7f03-7f04 rw-p 00000000 00:00 0\n`;
  expect(mappedFiles(maps)).toEqual(['/usr/lib/a b.so.1']);
});
