import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { workplace } from './watched-run.ts';

const hasR = spawnSync('Rscript', ['--version']).status === 0;
if (!hasR) console.log('No R on this machine: the tests of the R probe are passed over.');

describe.skipIf(!hasR)('R', () => {
  test.each([
    ['that ends', 'cat("out\\n")'],
    ['that quits', 'quit(status = 4)'],
    ['that fails', 'stop("as it was")'],
  ])('a script %s is as it was, and tells its packages', async (_, statement) => {
    using place = workplace();
    place.write('.Rprofile', 'own <- "mine"\n1 + 1\n');
    place.write('main.R', `cat(own, search(), ls(all.names = TRUE), "\\n")\nlibrary(stats4)\n${statement}\n`);
    const bare = await place.bare(['Rscript', 'main.R']);
    const { found, ...watched } = await place.watched(['Rscript', 'main.R']);
    expect(watched).toEqual(bare);
    expect(watched.stdout).toContain('mine');
    const version = spawnSync('Rscript', ['-e', 'cat(as.character(getRversion()))'], { encoding: 'utf8' }).stdout;
    expect(found.dependencies.filter(it => it.system === 'R')).toEqual([{ name: 'R', version, system: 'R' }]);
    expect(found.loaded).toEqual([join(place.folder, 'main.R')]);
  });

  test('an installed package is named with its version, and the own R_PROFILE_USER is read', async () => {
    using place = workplace();
    place.write(
      'thing/DESCRIPTION',
      'Package: thing\nVersion: 1.2-3\nTitle: T\nDescription: D.\nAuthor: A\nMaintainer: A <a@b.c>\nLicense: GPL-2\n',
    );
    place.write('thing/NAMESPACE', 'export(f)\n');
    place.write('thing/R/f.R', 'f <- function() 1\n');
    place.write('mine.R', 'own <- TRUE\n');
    const library = join(place.folder, 'library');
    place.write('library/.keep', '');
    const installed = spawnSync('R', ['CMD', 'INSTALL', '--no-docs', `--library=${library}`, 'thing'], {
      cwd: place.folder,
    });
    expect(installed.status).toBe(0);
    place.write('main.R', 'stopifnot(own)\nthing::f()\n');
    const environment = { R_LIBS: library, R_PROFILE_USER: 'mine.R' };
    const { code, found } = await place.watched(['Rscript', 'main.R'], { environment });
    expect(code).toBe(0);
    expect(found.dependencies).toContainEqual({ name: 'thing', version: '1.2-3', system: 'R' });
  });

  test('--vanilla keeps it out, and the record says so', async () => {
    using place = workplace();
    place.write('main.R', '1\n');
    const { found } = await place.watched(['Rscript', '--vanilla', 'main.R']);
    expect(found.notes).toEqual([expect.stringContaining('--vanilla')]);
  });
});
