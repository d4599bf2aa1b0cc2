import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { whyUnsafe } from '../../src/domain/safe-path.ts';
import { userGit } from '../../src/machine/git/user-git.ts';
import { type Disk, realDisk } from '../../src/store/git-store/object-folder.ts';
import { propose } from './propose.ts';
import { bytes, change, problem, recordStoreContract, rootChange } from './record-store.contract.ts';
import { faults, type TemporaryClone, temporaryClone } from './temporary-clone.ts';

async function place(make?: string[]) {
  const clone = await temporaryClone(make);
  return {
    store: clone.store(),
    another: () => clone.store(),
    foreignRoot: async (root: typeof rootChange) => (await clone.store({ branch: 'elsewhere' }).start(root)).commit,
    async dispose() {
      const found = faults(clone);
      await clone[Symbol.asyncDispose]();
      expect(found).toEqual([]);
    },
  };
}

recordStoreContract('a local clone', () => place());
recordStoreContract('a local clone with SHA-256', () =>
  place(['init', '-q', '-b', 'main', '--object-format=sha256', 'clone']),
);

const loop = join(import.meta.dirname, 'append-in-a-loop.ts');

function appending(clone: TemporaryClone, name: string, count: number) {
  const child = spawn(process.execPath, ['--no-warnings', loop, clone.top, name, String(count)], {
    env: clone.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let done = 0;
  let said = '';
  const begun = new Promise<void>(resolve => {
    child.stdout.on('data', (chunk: Buffer) => {
      done += chunk.toString().split('\n').length - 1;
      resolve();
    });
  });
  child.stderr.on('data', chunk => {
    said += chunk;
  });
  const ended = new Promise<{ code: number | null; said: string }>(resolve =>
    child.on('close', code => resolve({ code, said })),
  );
  return { child, begun, ended, done: () => done };
}

const wait = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));
const lockOf = (clone: TemporaryClone) => join(clone.gitDir, 'corroborate', 'records.lock');

describe('many processes', () => {
  test('16 that append 10 commits each lose none', async () => {
    await using clone = await temporaryClone();
    await clone.store().start(rootChange);
    const writers = Array.from({ length: 16 }, (_, n) => appending(clone, `w${n}`, 10));
    expect(await Promise.all(writers.map(writer => writer.ended))).toEqual(Array(16).fill({ code: 0, said: '' }));
    expect(clone.git('rev-list', '--count', '--no-merges', 'records')).toBe('161');
    expect(clone.git('ls-tree', '-r', '--name-only', 'records', 'records/').split('\n')).toHaveLength(320);
    expect(faults(clone)).toEqual([]);
    expect(existsSync(lockOf(clone))).toBe(false);
  }, 180_000);

  const kills = Number(process.env.CORROBORATE_KILLS ?? 15);
  test(`one that is killed leaves the old state or the new one (${kills} times)`, async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    let last = (await store.start(rootChange)).commit;
    for (let n = 0; n < kills; n++) {
      const writer = appending(clone, `k${n}`, 1_000_000);
      await writer.begun;
      await wait(Math.random() * 60);
      writer.child.kill('SIGKILL');
      await writer.ended;
      // A git that it had started may still be at work.
      await wait(50);
      const tip = clone.git('rev-parse', 'records');
      expect(await store.isAncestor(last, tip)).toBe(true);
      const commits = Number(clone.git('rev-list', '--count', `${last}..${tip}`));
      // What it said to be done is there, and at most the one that it was at.
      expect(commits - writer.done()).toBeGreaterThanOrEqual(0);
      expect(commits - writer.done()).toBeLessThanOrEqual(1);
      const files = clone.git('ls-tree', '-r', '--name-only', tip, `records/k${n}/`).split('\n');
      expect(files).toHaveLength(2 * commits);
      expect(faults(clone)).toEqual([]);
      last = (await store.append(async () => change('after', { [`after/${n}`]: '1' }))).commit;
    }
    expect(faults(clone)).toEqual([]);
  }, 600_000);

  test('a store that is left open does not keep node alive', async () => {
    await using clone = await temporaryClone();
    await clone.store().start(rootChange);
    const { code, said } = await appending(clone, 'once', 1).ended;
    expect({ code, said }).toEqual({ code: 0, said: '' });
  });
});

describe('the lock', () => {
  async function heldBy(clone: TemporaryClone, holder: object | string, ageInSeconds = 0) {
    mkdirSync(join(clone.gitDir, 'corroborate'), { recursive: true });
    writeFileSync(lockOf(clone), typeof holder === 'string' ? holder : JSON.stringify(holder));
    const then = new Date(Date.now() - ageInSeconds * 1000);
    utimesSync(lockOf(clone), then, then);
  }
  const appendOne = (clone: TemporaryClone, patience: number) =>
    clone.store({ patience }).append(async () => change('one', { one: '1' }));

  /** The lock as this very system writes it, with another process's number. */
  async function lockLikeOurs(clone: TemporaryClone): Promise<Record<string, unknown>> {
    let text = '';
    const store = clone.store();
    await store.start(rootChange);
    const other = clone.store();
    await store.append(async () => change('x', { x: '1' }));
    // Seen from within: the second draft is made while the lock is held.
    let drafts = 0;
    await store.append(async () => {
      if (++drafts === 1) await other.append(async () => change('y', { y: '1' }));
      else text = readFileSync(lockOf(clone), 'utf8');
      return change('z', { z: '1' });
    });
    return JSON.parse(text) as Record<string, unknown>;
  }

  test('names its holder, and is held by a live process until it is done', async () => {
    await using clone = await temporaryClone();
    const ours = await lockLikeOurs(clone);
    expect(ours).toMatchObject({ pid: process.pid, host: expect.stringContaining(hostname()) });
    await heldBy(clone, ours);
    await expect(appendOne(clone, 150)).rejects.toEqual(problem('BUSY'));
    rmSync(lockOf(clone));
    await appendOne(clone, 150);
  });

  test('of a dead process is taken over', async () => {
    await using clone = await temporaryClone();
    const ours = await lockLikeOurs(clone);
    const dead = Number(execFileSync('sh', ['-c', 'echo $$']).toString());
    await heldBy(clone, { ...ours, pid: dead });
    await appendOne(clone, 2_000);
    expect(existsSync(lockOf(clone))).toBe(false);
  });

  test.skipIf(!existsSync('/proc/self/stat'))(
    'of a dead process whose number lives on is taken over (needs /proc)',
    async () => {
      await using clone = await temporaryClone();
      await heldBy(clone, { ...(await lockLikeOurs(clone)), start: '1' });
      await appendOne(clone, 2_000);
    },
  );

  test('of a process of before the restart is taken over', async () => {
    await using clone = await temporaryClone();
    await heldBy(clone, { ...(await lockLikeOurs(clone)), boot: 'another' });
    await appendOne(clone, 2_000);
  });

  test('of another host is respected while it is young, and taken over when it is old', async () => {
    await using clone = await temporaryClone();
    const theirs = { ...(await lockLikeOurs(clone)), host: 'elsewhere', pid: 1 };
    await heldBy(clone, theirs);
    await expect(appendOne(clone, 150)).rejects.toEqual(problem('BUSY'));
    await heldBy(clone, theirs, 600);
    await appendOne(clone, 2_000);
  });

  test('that nobody finished writing is taken over when it is old', async () => {
    await using clone = await temporaryClone();
    await clone.store().start(rootChange);
    await heldBy(clone, '{"pid":');
    await expect(appendOne(clone, 150)).rejects.toEqual(problem('BUSY'));
    await heldBy(clone, '', 600);
    await appendOne(clone, 2_000);
  });

  test('of git itself is waited for, and removed once a killed git must have left it', async () => {
    await using clone = await temporaryClone();
    await clone.store().start(rootChange);
    const gits = join(clone.gitDir, 'refs/heads/records.lock');
    writeFileSync(gits, '');
    setTimeout(() => rmSync(gits), 300);
    await appendOne(clone, 5_000);
    writeFileSync(gits, '');
    utimesSync(gits, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
    await clone.store().append(async () => change('two', { two: '1' }));
    expect(existsSync(gits)).toBe(false);
  });
});

describe('other tools', () => {
  test('a branch that another git moves at the last moment is not overwritten', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    let drafts = 0;
    const disk: Disk = {
      ...realDisk,
      async rename(from, to) {
        await realDisk.rename(from, to);
        // Within the turn, after the tip was read: commit with git, which knows nothing of our lock.
        if (existsSync(lockOf(clone)) && drafts === 1) {
          drafts = 2;
          const made = clone.git('commit-tree', 'records^{tree}', '-p', 'records', '-m', 'by hand');
          clone.git('update-ref', 'refs/heads/records', made);
        }
      },
    };
    await clone.store({ disk }).append(async () => {
      if (drafts === 0) drafts = 1;
      return change('ours', { ours: '1' });
    });
    expect(clone.git('log', '--format=%s', 'records').split('\n')).toEqual(['ours', 'by hand', 'Begin the records']);
  });

  test('nothing is written to a branch that is something else', async () => {
    await using clone = await temporaryClone();
    writeFileSync(join(clone.top, 'music.txt'), 'la');
    clone.git('checkout', '-q', '-b', 'records');
    clone.git('add', '.');
    clone.git('commit', '-q', '-m', 'my vinyl');
    const before = clone.git('rev-parse', 'records');
    const store = clone.store();
    await expect(store.start(rootChange)).rejects.toEqual(problem('FOREIGN_BRANCH'));
    await expect(store.append(async () => rootChange)).rejects.toEqual(problem('FOREIGN_BRANCH'));
    await expect(store.move('records', null, before)).rejects.toEqual(problem('FOREIGN_BRANCH'));
    expect(clone.git('rev-parse', 'records')).toBe(before);
  });

  test('a branch in the way of another is named', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    const root = await store.start(rootChange);
    clone.git('branch', 'diffs', root.commit);
    await expect(propose(store, 'diffs/x', root.commit, change('x', { x: '1' }))).rejects.toEqual(
      problem('FOREIGN_BRANCH'),
    );
  });

  test('a working tree that has the branch checked out stays as it is, and the user is told', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    const root = await store.start(rootChange);
    await store.append(async () => change('quiet', { quiet: '1' }));
    expect(clone.warnings).toEqual([]);
    clone.git('worktree', 'add', '-q', join(clone.folder, 'side'), 'records');
    const files = () => readdirSync(join(clone.folder, 'side')).sort();
    const before = files();
    const index = readFileSync(join(clone.gitDir, 'worktrees/side/index'));
    await store.append(async () => change('moved', { moved: '1' }));
    await store.append(async () => change('again', { again: '1' }));
    expect(files()).toEqual(before);
    expect(readFileSync(join(clone.gitDir, 'worktrees/side/index'))).toEqual(index);
    expect(clone.warnings).toEqual([expect.stringContaining(join(clone.folder, 'side'))]);
    clone.git('-C', join(clone.folder, 'side'), 'reset', '-q', '--hard');
    expect(files()).toEqual([...before, 'again', 'moved'].sort());

    const request = await propose(store, 'diffs/x', root.commit, change('x', { x: '1' }));
    clone.git('-C', join(clone.folder, 'side'), 'checkout', '-q', 'diffs/x');
    await store.remove('diffs/x', request.commit);
    expect(clone.git('rev-parse', 'diffs/x')).toBe(request.commit);
    expect(clone.warnings).toHaveLength(2);
  });

  test('the user’s checkout, index and HEAD are not touched', async () => {
    await using clone = await temporaryClone();
    writeFileSync(join(clone.top, 'main.py'), 'print(1)');
    clone.git('add', '.');
    clone.git('commit', '-q', '-m', 'code');
    writeFileSync(join(clone.top, 'main.py'), 'print(2)');
    const state = () => [
      readFileSync(join(clone.gitDir, 'index')).toString('hex'),
      readFileSync(join(clone.gitDir, 'HEAD'), 'utf8'),
      readdirSync(clone.top),
      readdirSync(clone.gitDir).filter(name => name !== 'corroborate'),
    ];
    const before = state();
    const store = clone.store();
    await store.start(rootChange);
    await store.append(async () => change('one', { 'main.py': 'x' }));
    expect(state()).toEqual(before);
    expect(readFileSync(join(clone.top, 'main.py'), 'utf8')).toBe('print(2)');
  });

  test('from a linked worktree, the common branch is written', async () => {
    await using clone = await temporaryClone();
    clone.git('commit', '-q', '--allow-empty', '-m', 'code');
    clone.git('worktree', 'add', '-q', join(clone.folder, 'side'));
    const common = clone.git(
      '-C',
      join(clone.folder, 'side'),
      'rev-parse',
      '--path-format=absolute',
      '--git-common-dir',
    );
    const store = clone.store({ gitDir: common });
    const root = await store.start(rootChange);
    expect(clone.git('rev-parse', 'records')).toBe(root.commit);
  });

  test('`git replace` does not change what is read', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    const root = await store.start(rootChange);
    const tip = await store.append(async () => change('two', { two: '2' }));
    clone.git('replace', tip.commit, root.commit);
    const fresh = clone.store();
    expect((await fresh.commitInfo(tip.commit)).message).toBe('two\n');
    expect((await fresh.differences(root.commit, tip.commit)).map(({ path }) => path)).toEqual(['two']);
  });
});

describe('storage', () => {
  test('objects are as git writes them', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const tip = await store.append(async () => change('two words', { 'a/b': 'c' }, {}));
    const again = clone.git('cat-file', 'commit', tip.commit);
    expect(again).toMatch(
      /^tree [0-9a-f]{40}\nparent [0-9a-f]{40}\nauthor Ada Lovelace <ada@example.org> 1795339530 \+0000\ncommitter Ada Lovelace <ada@example.org> 1795339530 \+0000\n\ntwo words$/,
    );
    const written = execFileSync('git', ['mktree'], {
      cwd: clone.top,
      env: clone.environment,
      input: execFileSync('git', ['ls-tree', tip.commit], { cwd: clone.top }),
    });
    expect(written.toString().trim()).toBe(clone.git('rev-parse', `${tip.commit}^{tree}`));
    const blob = clone.git('rev-parse', `${tip.commit}:a/b`);
    expect(statSync(join(clone.gitDir, 'objects', blob.slice(0, 2), blob.slice(2))).mode & 0o777).toBe(0o444);
    expect(clone.git('reflog', 'records').split('\n')).toHaveLength(2);
  });

  test('a name that would break a commit is cleaned, as git does', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const author = { name: ' "Eve <x>\n, ', email: 'eve@\nexample.org>', at: new Date(0) };
    const tip = await store.append(async () => ({ ...change('x', { x: '1' }), author }));
    const nameless = await store.append(async () => ({ ...change('y', { y: '1' }), author: { ...author, name: '' } }));
    expect((await store.commitInfo(tip.commit)).author).toEqual({
      name: 'Eve x',
      email: 'eve@example.org',
      at: new Date(0),
    });
    expect((await store.commitInfo(nameless.commit)).author.name).toBe('eve');
    expect(faults(clone)).toEqual([]);
  });

  test('3,000 files go into one commit', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`outputs/${n}`, `output ${n}`]));
    const tip = await store.append(async () => change('many', files));
    const found = await tip.readAll(Object.keys(files));
    expect(found.map(content => content?.toString())).toEqual(Object.values(files));
    expect(faults(clone)).toEqual([]);
  });

  test('a large file is read whole', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const large = new Uint8Array(5_000_000).map((_, index) => (index * 7919) >> 5);
    const tip = await store.append(async () => change('large', { large, small: 'x' }));
    const [found, small] = await tip.readAll(['large', 'small']);
    expect(Buffer.compare(found!, large)).toBe(0);
    expect(small?.toString()).toBe('x');
  });

  test.each([
    ['ENOSPC', 'NO_SPACE'],
    ['EDQUOT', 'NO_SPACE'],
    ['EROFS', 'READ_ONLY'],
    ['EACCES', 'READ_ONLY'],
  ] as const)('a disk that says %s is Problem %s, and leaves no litter', async (code, expected) => {
    await using clone = await temporaryClone();
    const root = await clone.store().start(rootChange);
    let opened = 0;
    const disk = {
      ...realDisk,
      async open(path: string, ...rest: never[]) {
        const file = await realDisk.open(path, ...rest);
        if (++opened < 3) return file;
        return {
          writeFile: () => Promise.reject(Object.assign(new Error(code), { code })),
          sync: () => file.sync(),
          close: () => file.close(),
        };
      },
    } as unknown as Disk;
    const store = clone.store({ disk });
    await expect(store.append(async () => change('x', { a: '1', b: '2', c: '3' }))).rejects.toEqual(problem(expected));
    expect(clone.git('rev-parse', 'records')).toBe(root.commit);
    const litter = readdirSync(join(clone.gitDir, 'objects'), { recursive: true }).filter(name =>
      String(name).includes('tmp_'),
    );
    expect(litter).toEqual([]);
    expect(existsSync(lockOf(clone))).toBe(false);
    await clone.store().append(async () => change('x', { a: '1', b: '2', c: '3' }));
    expect(faults(clone)).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('a read-only object folder is Problem READ_ONLY (not as root)', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    chmodSync(join(clone.gitDir, 'objects'), 0o555);
    await expect(store.append(async () => change('x', { a: 'quite new' }))).rejects.toEqual(problem('READ_ONLY'));
    chmodSync(join(clone.gitDir, 'objects'), 0o755);
  });

  test('no object stands under its name before it is whole', async () => {
    await using clone = await temporaryClone();
    const landed: string[] = [];
    const disk: Disk = {
      ...realDisk,
      open(path, flags, mode) {
        expect(String(path)).toMatch(/\/objects\/[0-9a-f]{2}\/tmp_obj_[^/]+$/);
        return realDisk.open(path, flags, mode);
      },
      rename(from, to) {
        const whole = inflateSync(readFileSync(from));
        const id = createHash('sha1').update(whole).digest('hex');
        expect(to).toBe(join(clone.gitDir, 'objects', id.slice(0, 2), id.slice(2)));
        landed.push(id);
        return realDisk.rename(from, to);
      },
    };
    const root = await clone.store({ disk }).start(rootChange);
    expect(landed).toHaveLength(6);
    expect(landed).toContain(root.commit);
  });

  test('an empty file under an object’s name, as a power loss leaves it, is written anew', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const [id] = await store.prepare([bytes('precious')]);
    const path = join(clone.gitDir, 'objects', id!.slice(0, 2), id!.slice(2));
    rmSync(path);
    writeFileSync(path, '');
    await store.append(async () => change('x', { precious: 'precious' }));
    expect(faults(clone)).toEqual([]);
  });

  test('a damaged or missing object is named with what to do, and reading goes on', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const tip = await store.append(async () => change('x', { gone: 'gone', broken: 'broken', fine: 'fine' }));
    const [gone, broken] = ['gone', 'broken'].map(name => clone.git('rev-parse', `records:${name}`)) as [
      string,
      string,
    ];
    const path = (id: string) => join(clone.gitDir, 'objects', id.slice(0, 2), id.slice(2));
    rmSync(path(gone));
    chmodSync(path(broken), 0o644);
    writeFileSync(path(broken), 'no zlib');
    const answers = await Promise.allSettled(['gone', 'broken', 'fine', 'project.yml'].map(name => tip.read(name)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
    const because = answers.slice(0, 2).map(answer => (answer as PromiseRejectedResult).reason as Error);
    expect(because).toEqual([problem('DAMAGED'), problem('DAMAGED')]);
    expect(because[0]!.message).toContain(gone);
    expect(because[1]!.message).toContain(broken);
    expect(because[0]!.message).toContain('git fsck');
    expect(because[0]!.message).toContain('corroborate pull');
    const tree = clone.git('rev-parse', 'records^{tree}');
    rmSync(path(tree));
    const fresh = clone.store();
    await expect((await fresh.tip())!.read('fine')).rejects.toEqual(problem('DAMAGED'));
    await expect((await fresh.tip())!.files('')).rejects.toEqual(problem('DAMAGED'));
    await expect(fresh.differences(null, tip.commit)).rejects.toEqual(problem('DAMAGED'));
    await expect(fresh.append(async () => change('y', { y: '1' }))).rejects.toEqual(problem('DAMAGED'));
  });

  test('packed refs and packed objects are read and moved on', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    await store.append(async () => change('one', { one: '1' }));
    clone.git('gc', '-q', '--prune=now');
    clone.git('pack-refs', '--all');
    await store.append(async () => change('two', { two: '2' }));
    clone.git('pack-refs', '--all');
    const tip = await store.append(async () => change('three', { three: '3' }));
    expect((await tip.files('')).map(({ path }) => path)).toEqual(expect.arrayContaining(['one', 'two', 'three']));
    expect(faults(clone)).toEqual([]);
  });

  test('a name that is no UTF-8 is kept, shown as unsafe, and can be asked for', async () => {
    await using clone = await temporaryClone();
    const store = clone.store();
    await store.start(rootChange);
    const root = clone.git('rev-parse', 'records');
    const blob = clone.git('rev-parse', 'records:project.yml');
    const odd = Buffer.concat([
      execFileSync('git', ['ls-tree', '-z', root], { cwd: clone.top }),
      Buffer.from(`100644 blob ${blob}\tz\xff\xe9é\0`, 'latin1'),
    ]);
    const tree = execFileSync('git', ['mktree', '-z'], { cwd: clone.top, input: odd }).toString().trim();
    clone.git('update-ref', 'refs/heads/records', clone.git('commit-tree', tree, '-p', root, '-m', 'odd'));
    const tip = await store.append(async () => change('x', { x: '1' }));
    const name = (await tip.files('')).map(({ path }) => path).at(-1)!;
    expect(whyUnsafe(name)).not.toBeNull();
    expect((await tip.folder('')).map(({ path }) => path)).toContain(name);
    expect((await tip.read(name))?.toString()).toBe('name: demo\n');
    expect((await store.differences(root, tip.commit)).map(({ path }) => path)).toContain(name);
  });

  test('alternates are read through', async () => {
    await using origin = await temporaryClone();
    const first = origin.store();
    await first.start(rootChange);
    await first.append(async () => change('one', { 'd/one': '1' }));
    await using clone = await temporaryClone(['clone', '-q', '--shared', '-b', 'records', origin.top, 'clone']);
    clone.git('checkout', '-q', '--detach');
    const tip = await clone.store().append(async () => change('two', { 'd/two': '2' }));
    expect((await tip.readAll(['d/one', 'd/two'])).map(content => content?.toString())).toEqual(['1', '2']);
    expect(faults(clone)).toEqual([]);
  });

  test('a shallow clone is written to, and says what it cannot know', async () => {
    await using origin = await temporaryClone();
    const first = origin.store();
    await first.start(rootChange);
    await first.append(async () => change('one', { one: '1' }));
    const tip = await first.append(async () => change('two', { two: '2' }));
    const url = `file://${origin.top}`;
    await using clone = await temporaryClone(['clone', '-q', '--depth=1', '-b', 'records', url, 'clone']);
    clone.git('checkout', '-q', '--detach');
    const store = clone.store();
    const next = await store.append(async () => change('three', { three: '3' }));
    expect((await next.files('')).map(({ path }) => path)).toEqual(expect.arrayContaining(['one', 'two', 'three']));
    await expect(store.root(next.commit)).rejects.toEqual(problem('UNSUPPORTED'));
    await expect(store.history(next.commit)[Symbol.asyncIterator]().next()).rejects.toEqual(problem('UNSUPPORTED'));
    const latest = [];
    for await (const { message } of store.history(next.commit, [tip.commit])) latest.push(message);
    expect(latest).toEqual(['three\n']);
    clone.git('push', '-q', 'origin', 'records');
    expect((await first.tip())?.commit).toBe(next.commit);
  });

  test('a partial clone brings what is asked for', async () => {
    await using origin = await temporaryClone();
    const first = origin.store();
    await first.start(rootChange);
    await first.append(async () => change('one', { 'd/one': '1' }));
    origin.git('config', 'uploadpack.allowFilter', 'true');
    origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    const url = `file://${origin.top}`;
    const make = ['clone', '-q', '--filter=tree:0', '--no-checkout', '-b', 'records', url, 'clone'];
    await using clone = await temporaryClone(make);
    clone.git('update-ref', '--no-deref', 'HEAD', 'records');
    const tip = await clone.store().append(async () => change('two', { 'd/two': '2' }));
    expect((await tip.readAll(['d/one', 'd/two'])).map(content => content?.toString())).toEqual(['1', '2']);
  });
});

/** A file system of 600 kB; null where this machine lets nobody mount one. */
function tinyDisk(at: string): { release: () => void } | null {
  mkdirSync(at);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', at]);
  return status === 0 ? { release: () => spawnSync('umount', ['-l', at]) } : null;
}

describe('a disk that is really full', () => {
  test.for([3, 400])('%i files at a time: Problem NO_SPACE, the old state, no litter', async (count, { skip }) => {
    await using outer = await temporaryClone();
    const disk = tinyDisk(join(outer.folder, 'tiny'));
    if (disk === null) return skip('no small file system can be mounted here (needs root)');
    try {
      outer.git('init', '-q', join(outer.folder, 'tiny/clone'));
      const gitDir = join(outer.folder, 'tiny/clone/.git');
      const store = outer.store({ gitDir, git: userGit(join(gitDir, '..'), outer.environment) });
      let last = (await store.start(rootChange)).commit;
      const fill = async () => {
        for (let n = 0; ; n++) {
          const files = Array.from({ length: count }, (_, k) => [`f${n}/${k}`, randomBytes(3000)] as const);
          last = (await store.append(async () => change('fill', Object.fromEntries(files)))).commit;
        }
      };
      for (let n = 0; n < 3; n++) await expect(fill()).rejects.toEqual(problem('NO_SPACE'));
      expect((await store.tip())?.commit).toBe(last);
      expect(outer.git('-C', gitDir, 'fsck', '--strict', '--no-dangling').replace(/^notice.*$/m, '')).toBe('');
      const names = readdirSync(gitDir, { recursive: true }).map(String);
      expect(names.filter(name => /tmp_|crash|\.lock$/.test(name))).toEqual([]);
      await store.close();
    } finally {
      disk.release();
    }
  });
});
