import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readRepository } from '../../../src/machine/git/repository.ts';
import { type CaptureOptions, captureSource } from '../../../src/machine/source/capture-source.ts';
import { checkoutSource } from '../../../src/machine/source/checkout-source.ts';
import { type FinishOptions, finishSource, type Source } from '../../../src/machine/source/finish-source.ts';
import { makeRecordedClone } from '../../../src/machine/source/recorded-clone.ts';
import { cleanEnvironment, newFolder, TemporaryRepository } from '../git/temporary-repository.ts';

const startedAt = new Date('2100-01-01T00:00:00Z');

/** Captures and finishes, and makes sure that the temporary folder is gone and nothing in the repository was touched. */
async function sourceOf(
  repository: TemporaryRepository,
  options: FinishOptions & Partial<CaptureOptions> & { during?: () => void } = {},
): Promise<Source> {
  const before = snapshot(repository.folder);
  const facts = await readRepository(repository.git, repository.folder);
  const capture = await captureSource(repository.git, facts, { startedAt, ...options });
  try {
    if (!options.during) {
      const source = await finishSource(capture, options);
      expect(differences(before, snapshot(repository.folder))).toEqual([]);
      return source;
    }
    options.during();
    return await finishSource(capture, options);
  } finally {
    await capture.release();
    expect(() => lstatSync(capture.workspace.folder)).toThrow(/ENOENT/);
  }
}

/** Every file, link and folder with bytes, mode and mtime in nanoseconds. */
function snapshot(folder: string): Map<string, string> {
  const all = new Map<string, string>();
  const walk = (at: Buffer) => {
    const state = lstatSync(at, { bigint: true });
    const content = state.isFile()
      ? readFileSync(at).toString('latin1')
      : state.isSymbolicLink()
        ? readlinkSync(at, 'latin1')
        : '';
    all.set(at.toString('latin1'), `${state.mode} ${state.mtimeNs} ${content}`);
    if (!state.isDirectory()) return;
    for (const name of readdirSync(at, { encoding: 'buffer' })) walk(Buffer.concat([at, Buffer.from('/'), name]));
  };
  walk(Buffer.from(folder));
  return all;
}

/** Paths that are not in both snapshots alike. */
function differences(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(path => before.get(path) !== after.get(path));
}

/** The tree that git itself would write of all that is in a fresh checkout of HEAD with the patch applied. */
function treeAfterPatch(repository: TemporaryRepository, patch: Buffer | null, ...config: string[]): string {
  const clone = cloneOf(repository, ...config);
  if (patch && patch.length > 0) clone.doWith(patch, 'apply', '--whitespace=nowarn', '-');
  return flatTree(clone);
}

function cloneOf(repository: TemporaryRepository, ...config: string[]): TemporaryRepository {
  const folder = newFolder('clone');
  const options = config.flatMap(item => ['-c', item]);
  new TemporaryRepository(folder).do(
    ...options,
    'clone',
    '-q',
    '--recurse-submodules',
    '--no-local',
    repository.folder,
    folder,
  );
  const clone = new TemporaryRepository(folder);
  for (const item of config) clone.do('config', ...item.split('='));
  return clone;
}

/** `git write-tree` of all files on disk; submodules become plain folders. Changes the repository. */
function flatTree(repository: TemporaryRepository): string {
  const gitlinks = repository.do('ls-files', '-s').matchAll(/^160000 \S+ \d\t(.*)$/gm);
  for (const [, path] of gitlinks) {
    repository.do('update-index', '--force-remove', path!);
    renameSync(join(repository.folder, path!, '.git'), join(newFolder('aside'), 'git'));
    for (const inner of nestedGits(join(repository.folder, path!))) rmSync(inner, { recursive: true });
  }
  repository.do('add', '-A', '-f', '.');
  return repository.do('write-tree').trim();
}

function nestedGits(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('/.git'))
    .map(path => join(folder, path));
}

/** The whole promise about one working tree: id as git gives it, patch and restore bring it back. */
async function roundTrip(repository: TemporaryRepository, ...config: string[]): Promise<Source> {
  const source = await sourceOf(repository);
  expect(treeAfterPatch(repository, source.patch, ...config)).toBe(source.source);
  const facts = await readRepository(repository.git, repository.folder);
  const restored = new TemporaryRepository(newFolder('restored'));
  const wanted = { commit: facts.commit!, patch: source.patch, remote: null };
  const clone = await makeRecordedClone(restored.git, facts, wanted, restored.folder, false);
  expect(clone.sourceLess(() => false)).toBe(source.source);
  for (const item of config) restored.do('config', ...item.split('='));
  await clone.checkOut();
  // As a run in there sees it.
  expect(await sourceOf(restored)).toMatchObject({ source: source.source, dirty: source.dirty });
  expect(flatTree(restored)).toBe(source.source);
  return source;
}

function simulation(...options: string[]): TemporaryRepository {
  const repository = TemporaryRepository.make(...options);
  repository.write('main.py', 'import helper\nprint(helper.value)\n');
  repository.write('helper.py', 'value = 1\n');
  repository.write('default.param', 'seed = 1\n');
  repository.write('lib/run.sh', '#!/bin/sh\necho hi\n', 0o755);
  repository.write('data/noise.bin', Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * at * 31) % 256)));
  repository.link('lib/link', '../main.py');
  repository.commit();
  return repository;
}

/** Past the tick in which the index was written, so that git need not look into the files. */
function settle(repository: TemporaryRepository): void {
  for (const name of repository.do('ls-files', '-z').split('\0')) {
    if (name !== '' && lstatSync(repository.at(name)).isFile()) utimesSync(repository.at(name), 1e9, 1e9);
  }
  repository.do('update-index', '-q', '--refresh');
}

describe.each(['sha1', 'sha256'])('the source of a %s repository', format => {
  test('is that of HEAD while nothing has changed', async () => {
    const repository = simulation(`--object-format=${format}`);
    settle(repository);
    const source = await sourceOf(repository);
    expect(source).toMatchObject({
      source: repository.do('rev-parse', 'HEAD^{tree}').trim(),
      dirty: false,
      patch: null,
      notes: [],
    });
    expect(source.files).toContainEqual({ path: 'lib/run.sh', tracked: true });
  });

  test('has what changed in tracked files, whatever changed', async () => {
    const repository = simulation(`--object-format=${format}`);
    repository.write('helper.py', 'value = 2\r\nno newline at the end');
    repository.write('data/noise.bin', Buffer.from([0, 1, 2, 255, 0]));
    repository.write('lib/run.sh', '#!/bin/sh\necho hi\n', 0o644);
    repository.remove('main.py');
    repository.remove('lib/link');
    repository.link('lib/link', '../helper.py');
    repository.write('staged.py', 'new = True\n');
    repository.do('add', 'staged.py');
    repository.write('empty', '');
    repository.do('add', 'empty');
    repository.write('unseen.py', 'untracked\n');
    const source = await roundTrip(repository);
    expect(source.dirty).toBe(true);
    expect(source.files.map(({ path }) => path)).toEqual([
      'data/noise.bin',
      'default.param',
      'empty',
      'helper.py',
      'lib/link',
      'lib/run.sh',
      'staged.py',
    ]);
  });
});

test('files that become links, folders and the other way round come back from the patch', async () => {
  const repository = simulation();
  repository.write('thing', 'a file\n');
  repository.write('place/inner', 'a file in a folder\n');
  repository.write('turn', 'a file\n');
  repository.commit();
  repository.remove('thing');
  repository.write('thing/deep/file', 'now a folder\n');
  repository.remove('place');
  repository.write('place', 'now a file\n');
  repository.remove('turn');
  repository.link('turn', 'main.py');
  repository.do('add', '-A');
  await roundTrip(repository);
});

test('names are bytes: spaces, quotes, newlines, other alphabets and no alphabet at all', async () => {
  const repository = simulation();
  const names = [
    'with space',
    'qu"ote',
    "apo'strophe",
    'new\nline',
    'tab\tbed',
    'back\\slash',
    'caf\xc3\xa9',
    '\xff\xfe',
  ];
  names.push(' lead', 'trail ', '-dash', ':colon', 'a*b', '[x]', 'dir \xe9/in \xff');
  for (const name of names) repository.write(name, `${names.indexOf(name)}\n`);
  repository.commit();
  for (const name of names) repository.write(name, `changed ${names.indexOf(name)}\n`);
  repository.write('n\xe9w "\n"', 'new\n');
  repository.do('add', '-A');
  const source = await roundTrip(repository);
  expect(source.files.map(({ path }) => path)).toEqual(expect.arrayContaining(['new\nline', 'café', '\ufffd\ufffd']));
});

test('a file that git writes with other line ends is the same source', async () => {
  const repository = simulation();
  repository.write('.gitattributes', '*.txt text\n*.bat text eol=crlf\n');
  repository.write('note.txt', 'one\ntwo\n');
  repository.write('go.bat', 'one\r\ntwo\r\n');
  repository.write('kept', 'carriage\r\nreturns\r\n');
  repository.commit();
  const clone = cloneOf(repository, 'core.autocrlf=true');
  expect(readFileSync(clone.at('note.txt'), 'latin1')).toBe('one\r\ntwo\r\n');
  expect(await sourceOf(clone)).toMatchObject({ dirty: false, source: (await sourceOf(repository)).source });
  clone.write('note.txt', 'one\r\nthree\r\n');
  clone.write('go.bat', 'zero\r\n');
  clone.write('kept', 'carriage\r\nreturn\r\n');
  clone.do('config', 'core.safecrlf', 'true');
  const source = await roundTrip(clone, 'core.autocrlf=true');
  repository.write('note.txt', 'one\nthree\n');
  repository.write('go.bat', 'zero\n');
  repository.write('kept', 'carriage\r\nreturn\r\n');
  expect((await sourceOf(repository)).source).toBe(source.source);
});

test('clean filters are those of the user', async () => {
  const repository = simulation();
  repository.do('config', 'filter.upper.clean', 'tr a-z A-Z');
  repository.do('config', 'filter.upper.smudge', 'tr A-Z a-z');
  repository.do('config', 'filter.upper.required', 'true');
  repository.write('.gitattributes', '*.up filter=upper\n');
  repository.write('word.up', 'hello\n');
  repository.commit();
  expect(await sourceOf(repository)).toMatchObject({ dirty: false });
  repository.write('word.up', 'goodbye\n');
  const source = await roundTrip(repository, 'filter.upper.clean=tr a-z A-Z', 'filter.upper.smudge=tr A-Z a-z');
  expect(source.patch!.toString()).toContain('+GOODBYE');
});

const hasLfs = spawnSync('git', ['lfs', 'version']).status === 0;
test.skipIf(!hasLfs)('Git LFS has its files, and is given none (skipped where git-lfs is not installed)', async () => {
  const repository = simulation();
  repository.do('lfs', 'install', '--local');
  repository.do('lfs', 'track', '*.big');
  repository.write('one.big', 'one\n');
  repository.write('two.big', 'two\n');
  repository.commit();
  repository.write('one.big', 'changed\n');
  const source = await sourceOf(repository);
  expect(source.patch!.toString()).toContain('+oid sha256:');
  expect(source.notes).toEqual(['source.patch has the Git LFS pointers of changed files, not their content.']);
  const facts = await readRepository(repository.git, repository.folder);
  const before = snapshot(repository.folder);
  const capture = await captureSource(repository.git, facts, { startedAt });
  const folder = newFolder('isolated');
  await checkoutSource(capture, folder);
  await capture.release();
  expect(differences(before, snapshot(repository.folder))).toEqual([]);
  expect(readFileSync(join(folder, 'one.big'), 'utf8')).toBe('changed\n');
  expect(readFileSync(join(folder, 'two.big'), 'utf8')).toBe('two\n');
});

describe('what the user told git about a file', () => {
  test('intent to add: the file counts', async () => {
    const repository = simulation();
    settle(repository);
    repository.write('soon.py', 'soon = 1\n');
    repository.do('add', '-N', 'soon.py');
    const source = await roundTrip(repository);
    expect(source.patch!.toString()).toContain('+soon = 1');
    repository.remove('soon.py');
    expect(await sourceOf(repository)).toMatchObject({ dirty: false });
  });

  test('assume-unchanged: the file counts as it is', async () => {
    const repository = simulation();
    settle(repository);
    repository.do('update-index', '--assume-unchanged', 'helper.py');
    expect(await sourceOf(repository)).toMatchObject({ dirty: false });
    repository.write('helper.py', 'value = 3\n');
    expect((await roundTrip(repository)).patch!.toString()).toContain('+value = 3');
  });

  test('skip-worktree: a file that is there counts as it is, one that is not as committed', async () => {
    const repository = simulation();
    settle(repository);
    repository.do('update-index', '--skip-worktree', 'helper.py', 'main.py');
    repository.write('helper.py', 'value = 4\n');
    repository.remove('main.py');
    const source = await roundTrip(repository);
    expect(source.patch!.toString()).toContain('+value = 4');
    expect(source.patch!.toString()).not.toContain('main.py');
    expect(source.notes).toEqual(['1 tracked file is outside this sparse checkout and counts as committed.']);
  });

  test('a sparse checkout, with a sparse index', async () => {
    const repository = simulation();
    settle(repository);
    const whole = await sourceOf(repository);
    repository.do('sparse-checkout', 'set', '--cone', '--sparse-index', 'lib');
    expect(() => lstatSync(repository.at('data/noise.bin'))).toThrow();
    expect(await sourceOf(repository)).toMatchObject({ dirty: false, source: whole.source });
    repository.write('lib/run.sh', 'exit 1\n', 0o755);
    expect(await roundTrip(repository)).toMatchObject({ dirty: true });
  });

  test('unmerged: the file counts as it lies there', async () => {
    const repository = simulation();
    repository.do('checkout', '-q', '-b', 'other');
    repository.write('helper.py', 'value = 5\n');
    repository.remove('default.param');
    repository.commit();
    repository.do('checkout', '-q', 'main');
    repository.write('helper.py', 'value = 6\n');
    repository.write('default.param', 'seed = 2\n');
    repository.commit();
    expect(() => repository.do('merge', '-q', 'other')).toThrow();
    expect(repository.do('ls-files', '-u')).toContain('helper.py');
    const source = await roundTrip(repository);
    expect(source.patch!.toString()).toContain('+<<<<<<< HEAD');
  });

  test.each([
    ['a split index', (repository: TemporaryRepository) => repository.do('update-index', '--split-index')],
    ['an untracked cache', (repository: TemporaryRepository) => repository.do('update-index', '--untracked-cache')],
    [
      'a file system monitor that lies',
      (repository: TemporaryRepository) => {
        repository.write('.git/monitor', '#!/bin/sh\nprintf "now\\0"\n', 0o755);
        repository.do('config', 'core.fsmonitor', '.git/monitor');
        repository.do('update-index', '--fsmonitor');
        repository.do('status');
      },
    ],
    [
      'modes that are not trusted',
      (repository: TemporaryRepository) => repository.do('config', 'core.fileMode', 'false'),
    ],
  ])('%s', async (_, prepare) => {
    const repository = simulation();
    settle(repository);
    prepare(repository);
    expect(await sourceOf(repository)).toMatchObject({ dirty: false });
    repository.write('helper.py', 'value = 7\n');
    expect((await roundTrip(repository)).patch!.toString()).toContain('+value = 7');
  });
});

test('a change of the same size in the same tick as the index is seen', async () => {
  const repository = simulation();
  for (let value = 1; value < 9; value += 1) {
    repository.write('helper.py', `value = ${value}\n`);
    repository.do('add', 'helper.py');
    repository.write('helper.py', `value = ${value + 1}\n`);
    const source = await sourceOf(repository);
    expect(source.files.length).toBe(6);
    const expected = repository.doWith(`value = ${value + 1}\n`, 'hash-object', '--stdin').trim();
    expect(source.patch!.toString()).toContain(expected);
  }
});

test('without an index, nothing is tracked; without a commit, all is new', async () => {
  const repository = TemporaryRepository.make();
  expect(await sourceOf(repository)).toMatchObject({ dirty: false, files: [] });
  repository.write('main.py', 'print(1)\n');
  repository.do('add', 'main.py');
  expect(await sourceOf(repository)).toMatchObject({ dirty: true, source: repository.do('write-tree').trim() });
});

test('a linked working tree has its own source', async () => {
  const repository = simulation();
  const folder = newFolder('linked');
  repository.do('worktree', 'add', '-q', '--detach', folder);
  const linked = new TemporaryRepository(folder);
  linked.write('helper.py', 'value = 8\n');
  const before = snapshot(repository.folder);
  const source = await sourceOf(linked);
  expect(differences(before, snapshot(repository.folder))).toEqual([]);
  expect(treeAfterPatch(repository, source.patch)).toBe(source.source);
  expect(await sourceOf(repository)).toMatchObject({ dirty: false });
});

test('a repository that the environment names, called from elsewhere', async () => {
  const plain = simulation();
  plain.write('helper.py', 'value = 9\n');
  const expected = await sourceOf(plain);
  renameSync(join(plain.folder, '.git'), `${plain.folder}.git`);
  const inner = join(plain.folder, 'lib');
  const gitDir = `../../${basename(plain.folder)}.git`;
  const repository = new TemporaryRepository(inner, { ...cleanEnvironment, GIT_DIR: gitDir, GIT_WORK_TREE: '..' });
  const facts = await readRepository(repository.git, inner);
  expect(facts).toMatchObject({ topLevel: plain.folder, prefix: 'lib/' });
  const capture = await captureSource(repository.git, facts, { startedAt });
  expect(await finishSource(capture)).toMatchObject({ source: expected.source, patch: expected.patch });
  await capture.release();
});

test('what is left out changes neither the source nor the patch', async () => {
  const repository = simulation();
  repository.write('corroborate.yml', 'project: demo\n');
  repository.write('.github/workflows/run.yml', 'on: push\n');
  repository.commit();
  const excluded = (path: string) => path.endsWith('.param');
  const first = await sourceOf(repository, { excluded });
  repository.write('default.param', 'seed = 2\n');
  repository.write('corroborate.yml', 'project: other\n');
  repository.remove('.github');
  expect(await sourceOf(repository, { excluded })).toEqual(first);
  expect(first.dirty).toBe(false);
  expect(first.files.map(({ path }) => path)).not.toContain('default.param');
  repository.write('helper.py', 'value = 2\n');
  const patch = (await sourceOf(repository, { excluded })).patch!.toString();
  expect(patch).toContain('helper.py');
  expect(patch).not.toMatch(/param|corroborate|github/);
});

describe('untracked files', () => {
  function withUntracked(): TemporaryRepository {
    const repository = simulation();
    repository.write('.gitignore', 'ignored.py\n');
    repository.commit();
    repository.write('extra/one.py', 'one = 1\n');
    repository.write('extra/\xff.py', 'bytes = 1\n');
    repository.write('extra/run', '#!/bin/sh\n', 0o755);
    repository.write('extra/site-packages/dep.py', 'dep = 1\n');
    repository.write('env/pyvenv.cfg', 'home = /usr\n');
    repository.write('env/lib/dep.py', 'dep = 1\n');
    repository.write('extra/.env', 'TOKEN=1\n');
    repository.write('extra/key.pem', 'secret\n');
    repository.write('ignored.py', 'ignored = 1\n');
    repository.write('other.py', 'other = 1\n');
    repository.write('nested/inner.py', 'nested = 1\n');
    new TemporaryRepository(join(repository.folder, 'nested')).do('init', '-q');
    return repository;
  }

  test('count when globs name them, ignored or not, but for packages and secrets', async () => {
    const repository = withUntracked();
    const source = await sourceOf(repository, {
      globs: ['extra/**', 'ignored.py', '**/inner.py', 'env/**', 'main.py'],
    });
    expect(source.files.filter(({ tracked }) => !tracked).map(({ path }) => path)).toEqual([
      'extra/one.py',
      'extra/run',
      'extra/\ufffd.py',
      'ignored.py',
      'nested/inner.py',
    ]);
    expect(source.patch!.toString()).not.toMatch(/secret|TOKEN|dep/);
    expect(treeAfterPatch(repository, source.patch)).toBe(source.source);
    const none = await sourceOf(repository);
    expect(none.dirty).toBe(false);
  });

  test('count when they were loaded, the same way', async () => {
    const repository = withUntracked();
    repository.link('alias.py', 'other.py');
    repository.link('out.py', '/etc/hostname');
    const paths = ['extra/one.py', 'extra/site-packages/dep.py', 'env/lib/dep.py', 'extra/.env', 'alias.py', 'out.py'];
    paths.push('helper.py', 'gone.py', 'nested/inner.py', '.git/config', 'extra', 'lib/../ignored.py');
    const loaded: (string | Buffer)[] = paths.map(path => `${repository.folder}/${path}`);
    loaded.push(repository.at('extra/\xff.py'), '/usr/bin/env', 'relative.py');
    const source = await sourceOf(repository, { loaded });
    expect(source.files.filter(({ tracked }) => !tracked).map(({ path }) => path)).toEqual([
      'alias.py',
      'extra/one.py',
      'extra/\ufffd.py',
      'ignored.py',
      'nested/inner.py',
      'other.py',
      'out.py',
    ]);
    expect(source.notes).toEqual([
      'out.py is a link out of the working tree: the source has the link, not what it leads to.',
      'gone.py was loaded, but was gone at the end: it is no part of the source.',
    ]);
    expect(treeAfterPatch(repository, source.patch)).toBe(source.source);
  });

  test('are found through links, and give the same id as when they were tracked', async () => {
    const repository = withUntracked();
    const link = join(newFolder('links'), 'here');
    new TemporaryRepository('/').link(link.slice(1), repository.folder);
    const loaded = await sourceOf(repository, { loaded: [`${link}/other.py`] });
    repository.do('add', 'other.py');
    expect((await sourceOf(repository)).source).toBe(loaded.source);
  });

  test('that were written after the start are noted', async () => {
    const repository = withUntracked();
    const loaded = [`${repository.folder}/other.py`];
    const source = await sourceOf(repository, { loaded, startedAt: new Date('2000-01-01T00:00:00Z') });
    expect(source.notes).toEqual([
      'other.py is untracked and was written after the start: the source has it as it was at the end.',
    ]);
  });

  test('under a name that the run turned from file to folder do not spoil the tree', async () => {
    const repository = simulation();
    const source = await sourceOf(repository, {
      loaded: [`${repository.folder}/main.py/x.py`],
      during: () => {
        repository.remove('main.py');
        repository.write('main.py/x.py', 'x = 1\n');
      },
    });
    expect(source).toMatchObject({ dirty: false, notes: [expect.stringContaining('main.py/x.py')] });
  });
});

test('the source is as it was at the start, whatever the run did to it', async () => {
  const repository = simulation();
  repository.write('helper.py', 'value = 2\n');
  repository.write('named.py', 'named = 1\n');
  const globs = ['named.py'];
  const before = await sourceOf(repository, { globs });
  const after = await sourceOf(repository, {
    globs,
    loaded: [`${repository.folder}/named.py`],
    during: () => {
      repository.write('helper.py', 'value = 3\n');
      repository.write('named.py', 'named = 2\n');
      repository.remove('main.py');
    },
  });
  expect(after).toEqual(before);
});

test('the changed content of a tracked file of secrets is not published', async () => {
  const repository = simulation();
  repository.write('.env', 'TOKEN=none\n');
  repository.write('id_map.py', 'ids = 1\n');
  repository.commit();
  repository.write('.env', 'TOKEN=hunter2\n');
  repository.write('id_map.py', 'ids = 2\n');
  const source = await sourceOf(repository);
  expect(source.dirty).toBe(true);
  expect(source.patch!.toString()).not.toContain('hunter2');
  expect(source.patch!.toString()).toContain('+ids = 2');
  expect(source.notes).toEqual(['source.patch leaves out .env, whose name says that it holds secrets.']);
});

describe('submodules', () => {
  function withSubmodules(): TemporaryRepository {
    const inmost = simulation();
    const inner = simulation();
    inner.do('submodule', '-q', 'add', inmost.folder, 'deep/inmost');
    inner.commit();
    const repository = simulation();
    repository.do('submodule', '-q', 'add', inner.folder, 'sub module');
    repository.do('submodule', '-q', 'update', '--init', '--recursive');
    repository.commit();
    return repository;
  }

  test('count as folders with content', async () => {
    const repository = withSubmodules();
    const source = await sourceOf(repository);
    expect(source).toMatchObject({ dirty: false, notes: [] });
    expect(source.files.map(({ path }) => path)).toContain('sub module/deep/inmost/helper.py');
    expect(treeAfterPatch(repository, null)).toBe(source.source);
    const facts = await readRepository(repository.git, repository.folder);
    expect(facts.commit).not.toBeNull();
  });

  test('change with their content, tracked, loaded and at another commit', async () => {
    const repository = withSubmodules();
    repository.write('sub module/helper.py', 'value = 2\n');
    repository.write('sub module/deep/inmost/helper.py', 'value = 3\n');
    repository.write('sub module/deep/inmost/new.py', 'new = 1\n');
    const loaded = [`${repository.folder}/sub module/deep/inmost/new.py`];
    const source = await sourceOf(repository, { loaded });
    expect(source.dirty).toBe(true);
    expect(treeAfterPatch(repository, source.patch)).toBe(source.source);
    const sub = new TemporaryRepository(join(repository.folder, 'sub module'));
    sub.do('commit', '-q', '-am', 'moved on');
    expect(await sourceOf(repository, { loaded })).toEqual(source);
    repository.do('add', 'sub module');
    expect(await sourceOf(repository, { loaded })).toEqual(source);
    await roundTrip(repository);
  });

  test('that were removed or added come back from the patch', async () => {
    const repository = withSubmodules();
    const other = simulation();
    repository.do('submodule', '-q', 'add', other.folder, 'second');
    await roundTrip(repository);
    repository.do('rm', '-q', '-f', 'sub module');
    const source = await roundTrip(repository);
    expect(source.notes).toEqual([]);
    expect(source.files.some(({ path }) => path.startsWith('sub module/'))).toBe(false);
  });

  test('that are not checked out are nothing, with a note', async () => {
    const repository = withSubmodules();
    repository.do('submodule', '-q', 'deinit', '--all', '-f');
    const source = await sourceOf(repository);
    expect(source.notes).toEqual([
      'the submodule sub module is not checked out, so its files are no part of the source.',
    ]);
    expect(source.files.some(({ path }) => path.startsWith('sub module/'))).toBe(false);
  });
});

describe('a source elsewhere', () => {
  test('is checked out as it was captured, with further files', async () => {
    const repository = simulation();
    const other = simulation();
    repository.do('submodule', '-q', 'add', other.folder, 'sub');
    repository.commit();
    repository.write('helper.py', 'value = 2\n');
    repository.write('sub/helper.py', 'value = 3\n');
    repository.write('named.py', 'named = 1\n');
    repository.write('big/input data.csv', '1,2\n');
    const facts = await readRepository(repository.git, repository.folder);
    const capture = await captureSource(repository.git, facts, { startedAt, globs: ['named.py'] });
    const { source } = await finishSource(capture);
    repository.write('helper.py', 'value = 9\n');
    const folder = join(newFolder('isolated'), 'run-1');
    await checkoutSource(capture, folder, ['big/input data.csv', 'helper.py']);
    const isolated = new TemporaryRepository(folder);
    expect(readFileSync(isolated.at('helper.py'), 'utf8')).toBe('value = 2\n');
    expect(readFileSync(isolated.at('big/input data.csv'), 'utf8')).toBe('1,2\n');
    rmSync(isolated.at('big'), { recursive: true });
    isolated.do('init', '-q');
    expect(flatTree(isolated)).toBe(source);
    await expect(checkoutSource(capture, folder)).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(checkoutSource(capture, newFolder(), ['../x'])).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(checkoutSource(capture, newFolder(), ['nowhere'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await capture.release();
  });

  test('a link in the source does not lead a further file out of the folder', async () => {
    const repository = simulation();
    const outside = newFolder('outside');
    repository.link('store', outside);
    repository.commit();
    repository.write('store/in.csv', '1\n');
    const facts = await readRepository(repository.git, repository.folder);
    const capture = await captureSource(repository.git, facts, { startedAt });
    await expect(checkoutSource(capture, newFolder(), ['store/in.csv'])).rejects.toMatchObject({ code: 'REFUSED' });
    await capture.release();
  });

  test('comes back in a clone from its own patch and commit only', async () => {
    const repository = simulation();
    repository.write('helper.py', 'value = 2\n');
    const source = await sourceOf(repository);
    const facts = await readRepository(repository.git, repository.folder);
    const clones = (
      wanted: Partial<Parameters<typeof makeRecordedClone>[2]>,
      at = new TemporaryRepository(newFolder()),
    ) =>
      makeRecordedClone(
        at.git,
        facts,
        { commit: facts.commit!, patch: source.patch, remote: null, ...wanted },
        at.folder,
        false,
      );
    expect((await clones({ patch: null })).sourceLess(() => false)).not.toBe(source.source);
    await expect(clones({ patch: Buffer.from('nonsense') })).rejects.toMatchObject({ code: 'INVALID' });
    await expect(clones({ commit: '1'.repeat(40) })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const clone = await clones({});
    expect(readdirSync(clone.folder)).toEqual(['.git']);
    await clone.checkOut();
    expect(readFileSync(join(clone.folder, 'helper.py'), 'utf8')).toBe('value = 2\n');
  });
});

test('a tracked file that cannot be read is said, and nothing is left behind', async () => {
  const repository = simulation();
  repository.write('helper.py', 'changed\n');
  repository.do('config', 'filter.broken.clean', 'echo Permission denied >&2; false');
  repository.do('config', 'filter.broken.required', 'true');
  repository.write('.git/info/attributes', 'helper.py filter=broken\n');
  const facts = await readRepository(repository.git, repository.folder);
  const temporary = newFolder('temporary');
  vi.stubEnv('TMPDIR', temporary);
  await expect(captureSource(repository.git, facts, { startedAt })).rejects.toMatchObject({ code: 'UNREADABLE' });
  expect(readdirSync(temporary)).toEqual([]);
  vi.stubEnv('TMPDIR', join(temporary, 'missing'));
  await expect(captureSource(repository.git, facts, { startedAt })).rejects.toMatchObject({ code: 'READ_ONLY' });
  vi.unstubAllEnvs();
});
