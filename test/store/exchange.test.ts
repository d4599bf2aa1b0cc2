import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { userGit } from '../../src/machine/git/user-git.ts';
import { exchange } from '../../src/store/git-store/exchange.ts';
import { propose } from './propose.ts';
import { change, problem, rootChange } from './record-store.contract.ts';
import { type TemporaryClone, temporaryClone } from './temporary-clone.ts';

/** A clone with a bare remote of its own, `origin`. */
async function cloneWithRemote() {
  const clone = await temporaryClone();
  execFileSync('git', ['init', '-q', '--bare', 'remote.git'], { cwd: clone.folder, env: clone.environment });
  const url = join(clone.folder, 'remote.git');
  clone.git('remote', 'add', 'origin', url);
  return { clone, url, [Symbol.asyncDispose]: () => clone[Symbol.asyncDispose]() };
}

function exchanging(clone: TemporaryClone) {
  const { gitDir, environment } = clone;
  return exchange(
    { git: userGit(clone.top, environment), gitDir, objectFormat: 'sha1', environment },
    'records',
    false,
  );
}

describe('the remote', () => {
  test('is the one told, else the one followed, else origin, else the only one', async () => {
    await using clone = await temporaryClone();
    const { remote } = exchanging(clone);
    await expect(remote()).rejects.toEqual(problem('NOT_FOUND'));
    clone.git('remote', 'add', 'lab', '/nowhere/lab');
    expect(await remote()).toBe('lab');
    clone.git('remote', 'add', 'home', '/nowhere/home');
    await expect(remote()).rejects.toEqual(problem('AMBIGUOUS'));
    clone.git('remote', 'add', 'origin', '/nowhere/origin');
    expect(await remote()).toBe('origin');
    clone.git('config', 'branch.main.remote', 'home');
    expect(await remote()).toBe('home');
    clone.git('config', 'branch.records.remote', 'lab');
    expect(await remote()).toBe('lab');
    expect(await remote('home')).toBe('home');
    await expect(remote('else')).rejects.toEqual(problem('NOT_FOUND'));
  });
});

describe('fetch', () => {
  test('answers null and nothing where the remote has no records yet', async () => {
    await using place = await cloneWithRemote();
    expect(await exchanging(place.clone).fetchBranch('origin')).toEqual({ records: null, diffs: [] });
  });

  test('brings the branch and the requests, and nothing else', async () => {
    await using place = await cloneWithRemote();
    await using other = await temporaryClone(['clone', '-q', place.url, 'clone']);
    const theirs = other.store();
    const root = await theirs.start(rootChange);
    const request = await propose(theirs, 'diffs/x', root.commit, change('x', { x: '1' }));
    other.git('tag', 'v1', root.commit);
    other.git('branch', 'secret', root.commit);
    other.git('push', '-q', 'origin', '--all');
    other.git('push', '-q', 'origin', '--tags');
    writeFileSync(join(place.clone.gitDir, 'FETCH_HEAD'), 'mine');
    const { fetchBranch } = exchanging(place.clone);
    const tips = { records: root.commit, diffs: [{ name: 'diffs/x', commit: request.commit }] };
    expect(await fetchBranch('origin')).toEqual(tips);
    expect(place.clone.git('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/remotes/origin/diffs/x',
      'refs/remotes/origin/records',
    ]);
    expect(place.clone.git('hash-object', join(place.clone.gitDir, 'FETCH_HEAD'))).toBe(
      execFileSync('git', ['hash-object', '--stdin'], { input: 'mine' }).toString().trim(),
    );
    // What the remote does not have any more is forgotten; what was rewritten there is seen as it is.
    other.git('push', '-q', 'origin', ':diffs/x');
    expect(await fetchBranch('origin')).toEqual({ ...tips, diffs: [] });
    // The flow takes it from there: the branch here is made, then moved forward.
    const ours = place.clone.store();
    await ours.move('records', null, tips.records);
    const next = await theirs.append(async () => change('next', { next: '1' }));
    other.git('push', '-q', 'origin', 'records');
    expect((await fetchBranch('origin')).records).toBe(next.commit);
    await ours.move('records', root.commit, next.commit);
    expect((await (await ours.tip())!.read('next'))?.toString()).toBe('1');
  });

  test('a remote that is not there is REMOTE_FAILED, with git’s words', async () => {
    await using clone = await temporaryClone();
    clone.git('remote', 'add', 'origin', '/nowhere/at/all');
    const failing = exchanging(clone).fetchBranch('origin');
    await expect(failing).rejects.toEqual(problem('REMOTE_FAILED'));
    await expect(failing).rejects.toThrow(/does not appear to be a git repository/);
  });
});

describe('push', () => {
  test('a race that was lost is BRANCH_MOVED, moves nothing, and is won after a merge', async () => {
    await using place = await cloneWithRemote();
    const ours = place.clone.store();
    const root = await ours.start(rootChange);
    const { pushBranch, fetchBranch } = exchanging(place.clone);
    await pushBranch('origin', ['records']);
    await using other = await temporaryClone(['clone', '-q', '-b', 'records', place.url, 'clone']);
    const theirs = await other.store().append(async () => change('theirs', { theirs: '1' }));
    await exchanging(other).pushBranch('origin', ['records']);

    await ours.append(async () => change('ours', { ours: '1' }));
    await propose(ours, 'diffs/x', root.commit, change('x', { x: '1' }));
    await expect(pushBranch('origin', ['records', 'diffs/x'])).rejects.toEqual(problem('BRANCH_MOVED'));
    expect(await fetchBranch('origin')).toEqual({ records: theirs.commit, diffs: [] });

    const files = new Map([['theirs', { blob: other.git('rev-parse', 'records:theirs') }]]);
    const merged = await ours.append(async () => ({ ...change('merge', {}), files, merges: theirs.commit }));
    await pushBranch('origin', ['records', 'diffs/x']);
    expect((await fetchBranch('origin')).records).toBe(merged.commit);
    expect((await fetchBranch('origin')).diffs).toHaveLength(1);
  });

  test('a remote that refuses is REMOTE_FAILED with its words', async () => {
    await using place = await cloneWithRemote();
    await place.clone.store().start(rootChange);
    const hooks = join(place.url, 'hooks');
    mkdirSync(hooks, { recursive: true });
    writeFileSync(join(hooks, 'pre-receive'), '#!/bin/sh\necho "records are protected" >&2\nexit 1\n');
    chmodSync(join(hooks, 'pre-receive'), 0o755);
    const refused = exchanging(place.clone).pushBranch('origin', ['records']);
    await expect(refused).rejects.toEqual(problem('REMOTE_FAILED'));
    await expect(refused).rejects.toThrow(/records are protected/);
  });

  test('a remote that cannot do all or none gets the branches one by one', async () => {
    await using place = await cloneWithRemote();
    execFileSync('git', ['config', 'receive.advertiseAtomic', 'false'], { cwd: place.url });
    const store = place.clone.store();
    const root = await store.start(rootChange);
    await exchanging(place.clone).pushBranch('origin', ['records']);
    expect((await exchanging(place.clone).fetchBranch('origin')).records).toBe(root.commit);
  });
});
