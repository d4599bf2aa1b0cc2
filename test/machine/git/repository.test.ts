import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  ownerOf,
  readRepository,
  requireCommit,
  requireWorkingTree,
  withoutCredentials,
} from '../../../src/machine/git/repository.ts';
import { cleanEnvironment, newFolder, TemporaryRepository } from './temporary-repository.ts';

const read = (repository: TemporaryRepository) => readRepository(repository.git, repository.folder);

function withCommit(): TemporaryRepository {
  const repository = TemporaryRepository.make();
  repository.write('main.py', 'print(1)\n');
  repository.commit();
  return repository;
}

test('all that a run must know', async () => {
  const repository = withCommit();
  const commit = repository.do('rev-parse', 'HEAD').trim();
  repository.do('remote', 'add', 'origin', 'https://ada:secret@github.com/acme/demo.git');
  expect(await read(repository)).toEqual({
    topLevel: repository.folder,
    gitDir: join(repository.folder, '.git'),
    commonDir: join(repository.folder, '.git'),
    objectsDir: join(repository.folder, '.git/objects'),
    indexFile: join(repository.folder, '.git/index'),
    bare: false,
    shallow: false,
    objectFormat: 'sha1',
    prefix: '',
    commit,
    tree: repository.do('rev-parse', 'HEAD^{tree}').trim(),
    branch: 'main',
    remote: 'https://github.com/acme/demo.git',
    login: null,
    id: null,
    author: { name: 'Ada Lovelace', email: 'ada@example.org' },
  });
});

test('the tree is that of the commit itself, whatever `git replace` puts in its place', async () => {
  const repository = withCommit();
  const tree = repository.do('rev-parse', 'HEAD^{tree}').trim();
  const empty = repository.do('hash-object', '-t', 'tree', '-w', '--stdin').trim();
  const other = repository.do('commit-tree', '-m', 'other', empty).trim();
  repository.do('replace', 'HEAD', other);
  expect(repository.do('rev-parse', 'HEAD^{tree}').trim()).toBe(empty);
  expect((await read(repository)).tree).toBe(tree);
});

describe('where it may be called', () => {
  test('in a sub-folder whose name has a newline', async () => {
    const outer = newFolder('new\nline');
    const repository = new TemporaryRepository(join(outer, 'a b'));
    mkdirSync(join(repository.folder, 'sub\n--folder'), { recursive: true });
    repository.do('init', '-q', '--object-format=sha256');
    const facts = await readRepository(repository.git, join(repository.folder, 'sub\n--folder'));
    expect(facts).toMatchObject({ topLevel: repository.folder, prefix: 'sub\n--folder/', objectFormat: 'sha256' });
    expect(facts.indexFile).toBe(join(repository.folder, '.git/index'));
    expect(facts.objectsDir).toBe(join(repository.folder, '.git/objects'));
  });

  test('before the first commit, which only who needs one minds', async () => {
    const facts = await read(TemporaryRepository.make());
    expect(facts).toMatchObject({ commit: null, branch: 'main', remote: null });
    expect(() => requireCommit(facts)).toThrow(expect.objectContaining({ code: 'NO_COMMIT' }));
    expect(requireWorkingTree(facts)).toBe(facts.topLevel);
  });

  test('with a detached head', async () => {
    const repository = withCommit();
    repository.do('checkout', '-q', '--detach');
    const facts = await read(repository);
    expect(facts.branch).toBeNull();
    expect(requireCommit(facts)).toMatch(/^[0-9a-f]{40}$/);
  });

  test('in a linked working tree', async () => {
    const repository = withCommit();
    const folder = join(newFolder('trees'), 'linked');
    repository.do('worktree', 'add', '-q', '-b', 'side', folder);
    expect(await read(new TemporaryRepository(folder))).toMatchObject({
      topLevel: folder,
      branch: 'side',
      gitDir: join(repository.folder, '.git/worktrees/linked'),
      commonDir: join(repository.folder, '.git'),
      objectsDir: join(repository.folder, '.git/objects'),
      indexFile: join(repository.folder, '.git/worktrees/linked/index'),
    });
  });

  test('in a shallow clone', async () => {
    const repository = withCommit();
    repository.commit('second');
    const folder = join(newFolder('clones'), 'shallow');
    repository.do('clone', '-q', '--depth=1', `file://${repository.folder}`, folder);
    expect(await read(new TemporaryRepository(folder))).toMatchObject({
      shallow: true,
      remote: `file://${repository.folder}`,
    });
  });

  test('with a repository named by the environment, relative to where it was started', async () => {
    const repository = withCommit();
    const sub = join(repository.folder, 'sub');
    mkdirSync(sub);
    const environment = { ...cleanEnvironment, GIT_DIR: '../.git', GIT_WORK_TREE: '..' };
    const elsewhere = new TemporaryRepository(sub, environment);
    const answer = await elsewhere.git.run(['rev-parse', '--show-toplevel'], { cwd: repository.folder });
    expect(answer.stdout.toString().trim()).toBe(repository.folder);
    const other = withCommit();
    const named = await elsewhere.git.run(['rev-parse', '--show-toplevel'], {
      cwd: other.folder,
      environment: { GIT_DIR: join(other.folder, '.git') },
    });
    expect(named.stdout.toString().trim()).toBe(other.folder);
  });
});

describe('where it may not', () => {
  test('no repository', async () => {
    const folder = newFolder();
    await expect(read(new TemporaryRepository(folder))).rejects.toMatchObject({
      code: 'NOT_A_REPOSITORY',
      message: expect.stringContaining(folder),
    });
  });

  test('a bare repository, and the inside of .git', async () => {
    const bare = await read(TemporaryRepository.make('--bare'));
    expect(bare).toMatchObject({ bare: true, topLevel: null });
    expect(() => requireWorkingTree(bare)).toThrow(/is a bare repository/);
    const inside = await read(new TemporaryRepository(join(withCommit().folder, '.git')));
    expect(inside).toMatchObject({ bare: false, topLevel: null, branch: 'main', commit: expect.any(String) });
    expect(() => requireWorkingTree(inside)).toThrow(/git's own folder/);
  });
});

describe('the remote', () => {
  test.each([
    ['https://user:pass@host/a.git', 'https://host/a.git'],
    ['https://token@host:8080/a@b.git', 'https://host:8080/a@b.git'],
    ['https://us:p@ss@host/a', 'https://host/a'],
    ['ssh://git@host:22/a.git', 'ssh://git@host:22/a.git'],
    ['ssh://git:secret@host/a.git', 'ssh://git@host/a.git'],
    ['git@host:acme/demo.git', 'git@host:acme/demo.git'],
    ['https://host/a.git', 'https://host/a.git'],
    ['https://host/a.git?access_token=secret', 'https://host/a.git'],
    ['/srv/git/a@b.git', '/srv/git/a@b.git'],
    ['../sibling', '../sibling'],
  ])('%s is told as %s', (url, told) => expect(withoutCredentials(url)).toBe(told));

  test("is that of the branch, else origin's, with shortcuts spelt out", async () => {
    const repository = withCommit();
    repository.do('remote', 'add', 'origin', 'gh:acme/demo');
    repository.do('remote', 'add', 'fork', 'git@host:ada/demo');
    repository.do('config', 'url.https://x:y@github.com/.insteadOf', 'gh:');
    expect(await read(repository)).toMatchObject({ remote: 'https://github.com/acme/demo' });
    repository.do('config', 'branch.main.remote', '.');
    expect(await read(repository)).toMatchObject({ remote: 'https://github.com/acme/demo' });
    repository.do('config', 'branch.main.remote', 'fork');
    expect(await read(repository)).toMatchObject({ remote: 'git@host:ada/demo' });
  });
});

describe('the owner', () => {
  const author = { name: 'Ada Lovelace', email: 'ada@example.org' };

  test('is whom the configuration names', async () => {
    const repository = withCommit();
    repository.do('config', 'corroborate.login', 'ada');
    repository.do('config', 'corroborate.id', '1815');
    expect(ownerOf(await read(repository))).toEqual({ login: 'ada', id: 1815 });
  });

  test("is whom GitHub's address names, else name and email", () => {
    const address = (email: string) => ownerOf({ login: null, id: null, author: { name: 'Ada', email } });
    expect(address('1815+ada@users.noreply.github.com')).toEqual({ login: 'ada', id: 1815 });
    expect(address('41898282+github-actions[bot]@users.noreply.github.com')).toEqual({
      login: 'github-actions[bot]',
      id: 41898282,
    });
    expect(address('ada@users.noreply.github.com')).toEqual({ name: 'Ada', email: 'ada@users.noreply.github.com' });
    expect(address('0+ada@users.noreply.github.com')).toMatchObject({ name: 'Ada' });
  });

  test('is never guessed', async () => {
    expect(() => ownerOf({ login: 'ada', id: null, author })).toThrow(/corroborate\.login but no|login but no/);
    expect(() => ownerOf({ login: 'ada', id: 'many', author })).toThrow(/name no GitHub account/);
    const { GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, ...environment } = cleanEnvironment;
    expect([GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL]).not.toContain(undefined);
    const repository = withCommit();
    repository.do('config', 'user.useConfigOnly', 'true');
    const facts = await read(new TemporaryRepository(repository.folder, environment));
    expect(facts.author).toBeNull();
    expect(() => ownerOf(facts)).toThrow(/git does not know who you are/);
  });
});
