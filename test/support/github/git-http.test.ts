import { execFile } from 'node:child_process';
import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import isomorphic from 'isomorphic-git';
import http from 'isomorphic-git/http/node';
import { afterAll, describe, expect, test } from 'vitest';
import type { GitHub } from './github.ts';
import { startGitHub } from './start-github.ts';
import type { Repository } from './state/repository.ts';

const folder = mkdtempSync(join(tmpdir(), 'corroborate-git-client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = {
  PATH: process.env.PATH,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};
const git = async (cwd: string, ...args: string[]) =>
  (await promisify(execFile)('git', args, { cwd, env, encoding: 'utf8' })).stdout.trim();
const refusal = (cwd: string, ...args: string[]) =>
  git(cwd, ...args).then(
    () => {
      throw new Error('git did it');
    },
    (error: { stderr: string }) => error.stderr,
  );

let clones = 0;
async function clone(address: string): Promise<string> {
  const into = join(folder, `clone-${++clones}`);
  await git(folder, 'clone', '-q', address, into);
  return into;
}

async function commit(at: string, name: string): Promise<string> {
  writeFileSync(join(at, name), `${name}\n`);
  await git(at, 'add', '.');
  await git(at, 'commit', '-q', '-m', name);
  return git(at, 'rev-parse', 'HEAD');
}

const open = (github: GitHub, repository: Repository) => `${github.origin}/${repository.fullName}.git`;

describe('git over HTTP', () => {
  test('anybody clones and fetches what is public; who may write pushes with a token', async () => {
    await using github = await startGitHub();
    const ada = github.user('ada', 1815);
    const repository = await ada.createRepository('acme/demo', { files: { 'README.md': '# demo\n' } });
    const hers = await clone(ada.remote(repository));
    expect(readFileSync(join(hers, 'README.md'), 'utf8')).toBe('# demo\n');
    const pushed = await commit(hers, 'a.txt');
    await git(hers, 'push', '-q', 'origin', 'main');
    expect(repository.branch('main')).toBe(pushed);

    const anybody = await clone(open(github, repository));
    expect(await git(anybody, 'rev-parse', 'HEAD')).toBe(pushed);
    await commit(anybody, 'b.txt');
    expect(await refusal(anybody, 'push', '-q', 'origin', 'main')).toContain('could not read Username');
    const grace = github.user('grace', 1906);
    expect(await refusal(anybody, 'push', '-q', grace.remote(repository), 'main')).toContain('403');
    expect(await refusal(anybody, 'push', '-q', ada.remote(repository, 'ghp_wrong'), 'main')).toContain(
      'Authentication failed',
    );
    expect(repository.branch('main')).toBe(pushed);
  });

  test('isomorphic-git clones and pushes as well', async () => {
    await using github = await startGitHub();
    const ada = github.user('ada', 1815);
    const repository = await ada.createRepository('ada/demo', { files: { a: 'a' } });
    const dir = join(folder, 'isomorphic');
    await isomorphic.clone({ fs, http, dir, url: open(github, repository), singleBranch: true });
    writeFileSync(join(dir, 'b'), 'b');
    await isomorphic.add({ fs, dir, filepath: 'b' });
    const author = { name: 'Ada', email: 'ada@example.org' };
    const made = await isomorphic.commit({ fs, dir, message: 'b', author });
    const onAuth = () => ({ username: 'x-access-token', password: ada.token() });
    await isomorphic.push({ fs, http, dir, onAuth });
    expect(repository.branch('main')).toBe(made);
  });

  test('what is private is there for its collaborators only', async () => {
    await using github = await startGitHub();
    const ada = github.user('ada', 1815);
    const repository = await ada.createRepository('ada/secret', { files: { a: 'a' }, isPrivate: true });
    expect(await refusal(folder, 'clone', '-q', open(github, repository), 'nowhere')).toContain('Username');
    expect(await refusal(folder, 'clone', '-q', github.user('grace').remote(repository), 'nowhere')).toContain(
      'not found',
    );
    await clone(ada.remote(repository));
  });

  test('a push that is no fast-forward, or comes too late, is refused', async () => {
    await using github = await startGitHub();
    const ada = github.user('ada', 1815);
    const repository = await ada.createRepository('ada/demo', { files: { a: 'a' } });
    const [one, two] = [await clone(ada.remote(repository)), await clone(ada.remote(repository))];
    await commit(one, 'one');
    await git(one, 'push', '-q', 'origin', 'main');
    await commit(two, 'two');
    expect(await refusal(two, 'push', '-q', 'origin', 'main')).toContain('rejected');
    github.trouble.movesBranch(
      repository,
      'main',
      async () => void (await ada.commits(repository, 'main', { b: 'b' })),
    );
    await commit(one, 'three');
    expect(await refusal(one, 'push', '-q', 'origin', 'main')).toMatch(/rejected|failed to (push|update ref)/);
  });

  test('a protected branch takes pushes from those on its list', async () => {
    await using github = await startGitHub();
    const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
    const repository = await ada.createRepository('ada/demo', { files: { a: 'a' } });
    ada.invites(grace, repository);
    ada.protects(repository, 'main', { pushers: [ada.account] });
    const hers = await clone(grace.remote(repository));
    await commit(hers, 'b');
    const said = await refusal(hers, 'push', '-q', 'origin', 'main');
    expect(said).toContain('GH006: Protected branch update failed for refs/heads/main.');
    await git(hers, 'push', '-q', 'origin', 'main:other');
    await git(hers, 'push', '-q', ada.remote(repository), 'main');
  });

  test("a workflow's token pushes to its own repository, and no workflows", async () => {
    await using github = await startGitHub();
    const ada = github.user('ada', 1815);
    const repository = await ada.createRepository('ada/demo', { files: { '.github/workflows/a.yml': 'on: push\n' } });
    const other = await ada.createRepository('ada/other', { files: { a: 'a' } });
    const token = github.workflowToken(repository, { contents: 'write' });
    const job = await clone(ada.remote(repository, token));
    await commit(job, 'b');
    await git(job, 'push', '-q', 'origin', 'main:results');
    await git(job, 'mv', '.github/workflows/a.yml', '.github/workflows/b.yml');
    await commit(job, 'c');
    expect(await refusal(job, 'push', '-q', 'origin', 'main:results')).toContain('without `workflows` permission');
    expect(await refusal(job, 'push', '-q', ada.remote(other, token), 'main:x')).toContain('403');
    const reader = github.workflowToken(repository, { contents: 'read' });
    expect(await refusal(job, 'push', '-q', ada.remote(repository, reader), 'main~1:y')).toContain('403');
  });

  test("a pull request's head can be fetched from the base, and nobody pushes there", async () => {
    await using github = await startGitHub();
    const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
    const repository = await ada.createRepository('ada/demo', { files: { a: 'a' } });
    const fork = await grace.forks(repository);
    const head = await grace.commits(fork, 'work', { b: 'b' });
    const pull = await grace.opensPull(repository, { from: fork, head: 'work' });
    const hers = await clone(open(github, repository));
    await git(hers, 'fetch', '-q', 'origin', `refs/pull/${pull.number}/head`);
    expect(await git(hers, 'rev-parse', 'FETCH_HEAD')).toBe(head);
    await git(hers, 'fetch', '-q', 'origin', head);
    expect(await refusal(hers, 'push', '-q', ada.remote(repository), 'main:refs/pull/1/head')).toContain('hidden ref');
  });
});
