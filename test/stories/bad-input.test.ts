import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtCommand } from '../support/built-command.ts';
import { type Said, type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

const files = { ...simulation, 'corroborate.yml': configured };

/** One clear sentence on stderr, nothing on stdout, the right exit code, no stack. */
function expectSentence(said: Said, code: number, words: string | RegExp): void {
  expect(said).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(words) });
  expect(said.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(said.stderr).toMatch(/^corroborate: /);
  expect(said.stderr).not.toMatch(/defect|\bat .*:\d+:\d+/);
}

const id = '20261122T092530Z-7f3a9c04e1';
const everyCommand: readonly (readonly string[])[] = [
  ['init'],
  ['run', 'true'],
  ['list'],
  ['show', 'latest'],
  ['compare', 'latest', '@{1}'],
  ['request', 'latest', '@{1}'],
  ['requests'],
  ['check', id],
  ['agree', id],
  ['deny', id, '--reason', 'no'],
  ['report'],
  ['verify'],
  ['recover'],
  ['push'],
  ['pull'],
];
const failing = (words: readonly string[]) => (words[0] === 'run' ? 125 : 1);

describe('where nothing can be done', () => {
  test('not a repository: every command says so', async () => {
    await using ada = await scientist('ada', { files: null });
    const folder = join(ada.folder, 'plain');
    mkdirSync(folder);
    for (const words of everyCommand) {
      expectSentence(await ada.start(words, { cwd: folder }).done, failing(words), /not in a git repository.*git init/);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  test('no commit yet: run says what to do, the others that there are no records', async () => {
    await using ada = await scientist('ada', { files: null });
    expectSentence(await ada.tries('run', 'true'), 125, /no commit yet.*git commit/);
    expectSentence(await ada.tries('list'), 1, /no branch records.*corroborate init/);
    await ada.does('init');
    expect(await ada.lists()).toEqual([]);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 0 });
    expectSentence(await ada.tries('init'), 1, /is there already/);
  });

  test('no branch yet: every command that needs it names the ways to it', async () => {
    await using ada = await scientist('ada', { files });
    for (const words of everyCommand.filter(([name]) => !['init', 'run', 'recover', 'pull'].includes(name!))) {
      expectSentence(await ada.tries(...words), 1, /no branch records.*corroborate (?:init|pull)/);
    }
    expect(await ada.asks('recover')).toEqual([]);
    expectSentence(await ada.tries('pull'), 1, /no remote.*git remote add/);
  });

  test('a records branch that is something else is left alone', async () => {
    await using ada = await scientist('ada', { files });
    ada.git('branch', 'records');
    const before = ada.git('rev-parse', 'records');
    for (const words of everyCommand.filter(([name]) => !['recover', 'pull', 'push'].includes(name!))) {
      expectSentence(
        await ada.tries(...words),
        failing(words),
        /branch records.* is something else.*git branch -m records/,
      );
    }
    const again = await ada.tries('run', 'true');
    expectSentence(again, 125, /something else/);
    expect(ada.git('rev-parse', 'records')).toBe(before);
    expect(ada.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/heads/records');
  });

  test("a remote's records branch that is something else is not taken", async () => {
    await using ada = await scientist('ada', { files });
    const other = join(ada.folder, 'other.git');
    ada.gitWith({ cwd: ada.folder }, 'clone', '-q', '--bare', ada.clone, other);
    ada.gitWith({ cwd: other }, 'branch', 'records', 'main');
    ada.git('remote', 'add', 'origin', other);
    await ada.records(...simulate);
    const before = ada.git('rev-parse', 'records');
    expectSentence(await ada.tries('pull'), 1, /of origin is something else/);
    expectSentence(await ada.tries('push'), 1, /something else|not here yet/);
    expect(ada.git('rev-parse', 'records')).toBe(before);
    expect(ada.gitWith({ cwd: other }, 'rev-parse', 'records')).toBe(ada.gitWith({ cwd: other }, 'rev-parse', 'main'));
  });

  test('a remote that cannot be reached', async () => {
    await using ada = await scientist('ada', { files });
    ada.git('remote', 'add', 'origin', join(ada.folder, 'nowhere.git'));
    const record = await ada.records(...simulate);
    for (const words of [['push'], ['pull']]) {
      const said = await ada.tries(...words);
      expect([said.code, said.stdout]).toEqual([1, '']);
      expect(said.stderr).toMatch(/^corroborate: git could not .* origin: .*nowhere\.git/s);
    }
    expectSentence(await ada.tries('push', 'upstream'), 1, /no remote upstream/);
    expect(await ada.shows()).toMatchObject({ id: record.id });
  });

  test('nobody: a record has an owner', async () => {
    await using ada = await scientist('ada', { files });
    ada.git('config', '--unset', 'user.name');
    ada.git('config', '--unset', 'user.email');
    ada.git('config', 'user.useConfigOnly', 'true');
    expectSentence(await ada.tries('run', ...simulate), 125, /who you are.*git config user\.name/);
    ada.git('config', 'corroborate.login', 'ada');
    expectSentence(await ada.tries('run', ...simulate), 125, /corroborate\.id/);
    expect(existsSync(ada.at('Data'))).toBe(false);
  });

  test('a corroborate.yml with faults: all of them, each with line and field', async () => {
    await using ada = await scientist('ada', {
      files: { ...files, 'corroborate.yml': 'inputs: 3\nmore: x\nlimits: {file: big}\n' },
    });
    const said = await ada.tries('run', ...simulate);
    expect(said.code).toBe(125);
    for (const words of ['inputs', 'more', 'limits.file', 'line 1', 'line 2', 'line 3'])
      expect(said.stderr).toContain(words);
    expect(existsSync(ada.at('Data'))).toBe(false);
  });
});

describe('what is asked for and not there', () => {
  let ada: Scientist;
  const records: ShownRecord[] = [];
  beforeAll(async () => {
    ada = await scientist('ada', { files });
    for (let run = 0; run < 3; run++) records.push(await ada.records(...simulate));
  });
  afterAll(async () => ada?.[Symbol.asyncDispose]());

  test('an unknown id', async () => {
    for (const words of [
      ['show', 'zz'],
      ['show', '@{9}'],
      ['compare', 'latest', 'zz'],
      ['request', 'zz', 'latest'],
      ['check', 'zz'],
      ['agree', 'zz'],
      ['deny', 'zz', '--reason', 'x'],
      ['show', id],
      ['show', ''],
    ]) {
      expectSentence(await ada.tries(...words), 1, /^corroborate: no (?:record|diff request) /);
    }
  });

  test('an ambiguous id names the candidates', async () => {
    const said = await ada.tries('show', '20');
    expectSentence(said, 1, /could be 3 records/);
    for (const record of records) expect(said.stderr).toContain(record.id);
  });

  test('any unique prefix or suffix, latest and @{n}', async () => {
    const [oldest, middle, newest] = records.map(record => record.id).toSorted() as [string, string, string];
    // Within one second the random digits say which is the newer one: the list is the order that counts.
    const order = (await ada.lists()).map(record => record.id);
    expect(order.toSorted()).toEqual([oldest, middle, newest]);
    for (const [words, due] of [
      ['latest', order[0]],
      ['@{0}', order[0]],
      ['@{1}', order[1]],
      ['@{2}', order[2]],
      [middle, middle],
      [middle.slice(-10), middle],
      [middle.slice(-10, -3), middle],
      [middle.slice(-8), middle],
      [middle.slice(-8).toUpperCase(), middle],
    ] as const) {
      expect((await ada.shows(words)).id).toBe(due);
    }
  });

  test('words that are off: exit 2 and where the help is', async () => {
    for (const words of [
      ['nonsense'],
      ['show'],
      ['show', 'a', 'b'],
      ['list', '--limit', '0'],
      ['list', 'nofield:x'],
      ['list', 'since:yesterday'],
      ['list', 'status:'],
      ['compare', 'latest'],
      ['compare', 'latest', '@{1}', '--method', 'magic'],
      ['compare', 'latest', '@{1}', '--rtol', 'much', '--method', 'default'],
      ['request', 'latest', '@{1}', '-p', 'proven'],
      ['requests', '--status', 'open'],
      ['report', '--format', 'pdf'],
      ['verify', 'now'],
      ['deny', id],
    ]) {
      const said = await ada.tries(...words);
      expect([words, said.code, said.stdout]).toEqual([words, 2, '']);
      expect(said.stderr.trimEnd().split('\n')).toHaveLength(1);
    }
  });

  test('a report that cannot be written, and one that can', async () => {
    expectSentence(await ada.tries('report', '--output', 'no/such/folder/x.md'), 1, /no\/such\/folder/);
    await ada.does('report', '--format', 'badge', '--output', '../badge.svg');
    expect(ada.read('../badge.svg')).toMatch(/^<svg /);
  });
});

describe('a damaged branch', () => {
  /** Writes one file on top of the branch with plain git. */
  function put(of: Scientist, path: string, content: string): void {
    const environment = { GIT_INDEX_FILE: join(of.folder, 'index') };
    of.gitWith({ environment }, 'read-tree', 'records');
    const blob = of.gitWith({ input: content }, 'hash-object', '-w', '--stdin').trim();
    of.gitWith({ environment }, 'update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
    const tree = of.gitWith({ environment }, 'write-tree').trim();
    of.git('update-ref', 'refs/heads/records', of.git('commit-tree', tree, '-p', 'records', '-m', 'damage'));
  }

  test('one wrong record is shown as damaged, and the others are still there', async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    put(
      ada,
      `${first.path}/record.yml`,
      ada.onBranch(`${first.path}/record.yml`).replace('status: finished', 'status: perfect'),
    );
    const listed = await ada.tries('list', '--json');
    expect(listed.code).toBe(0);
    expect((JSON.parse(listed.stdout) as ShownRecord[]).map(record => record.id)).toEqual([second.id]);
    expect(listed.stderr).toContain(first.id);
    expect(listed.stderr).toContain('status');
    expectSentence(await ada.tries('show', first.id), 1, /record\.yml.*line \d+.*status/);
    expectSentence(await ada.tries('compare', second.id, first.id), 1, /record\.yml.*status/);
    await ada.does('show', second.id);
    const third = await ada.records(...simulate);
    expect((await ada.lists()).map(({ id: listedId }) => listedId)).toContain(third.id);
    expect((await ada.tries('verify')).code).toBe(1);
  });

  test.each([
    ['project.yml', 'name: ['],
    ['history.yml', '- {id: x}\n'],
  ])('a wrong %s: whoever needs it says so, and no run is lost', async (path, content) => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    const valid = ada.git('rev-parse', 'records');
    put(ada, path, content);
    const broken = ada.git('rev-parse', 'records');
    const said = await ada.tries('run', ...simulate);
    expect([said.code, said.stderr]).toEqual([125, expect.stringContaining(path)]);
    expect(ada.git('rev-parse', 'records')).toBe(broken);
    expect((await ada.shows(first.id)).id).toBe(first.id);
    const verified = await ada.tries('verify', '--json');
    expect(verified.code).toBe(1);
    expect(JSON.parse(verified.stdout).problems.map((problem: { path: string }) => problem.path)).toContain(path);
    ada.git('update-ref', 'refs/heads/records', valid);
    await ada.does('recover');
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test("a blob that git's own storage has lost or garbled", async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    const loose = (name: string) => {
      const blob = ada.git('rev-parse', name);
      return ada.at(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
    };
    const path = loose(`records:${first.path}/record.yml`);
    chmodSync(path, 0o644);
    writeFileSync(path, 'garbage');
    // Without the index, everything is read anew.
    rmSync(ada.at('.git/corroborate'), { recursive: true, force: true });
    for (const words of [['show', first.id], ['verify'], ['compare', second.id, first.id]]) {
      const said = await ada.tries(...words);
      expect([words, said.code]).toEqual([words, 1]);
      expect(said.stderr).not.toMatch(/defect/);
      expect(said.stderr).toMatch(/damaged|fsck/);
    }
    const third = await ada.records(...simulate);
    rmSync(path);
    const lost = await ada.tries('verify');
    expect([lost.code, lost.stderr]).toEqual([1, expect.not.stringMatching(/defect/)]);
    expect((await ada.shows(third.id)).status).toBe('finished');
  });

  test('a branch that points nowhere', async () => {
    await using ada = await scientist('ada', { files });
    await ada.records(...simulate);
    writeFileSync(ada.at('.git/refs/heads/records'), `${'1'.repeat(40)}\n`);
    for (const words of [['list'], ['run', 'true'], ['verify']]) {
      const said = await ada.tries(...words);
      expect([words, said.code, said.stdout]).toEqual([words, failing(words), '']);
      expect(said.stderr).not.toMatch(/defect/);
    }
  });
});

const root = process.getuid?.() === 0;
const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
/** Whether nobody can run the built command: in a clone that is its owner's alone he cannot even read it. */
const canBeNobody =
  root && spawnSync(nobody[0]!, [...nobody.slice(1), process.execPath, builtCommand, '--version']).status === 0;

describe('a machine that refuses', () => {
  test.skipIf(!canBeNobody)(
    'a read-only folder (needs root, setpriv, and a clone that others may read, to be somebody else)',
    async () => {
      await using ada = await scientist('ada', { files });
      const first = await ada.records(...simulate);
      const before = ada.git('rev-parse', 'records');
      execFileSync('chown', ['-R', '65534:65534', ada.folder]);
      execFileSync('chmod', ['-R', 'a-w', ada.folder]);
      const as = (...words: string[]) =>
        ada.start(words, { under: nobody, environment: { HOME: '/nonexistent' } }).done;
      expectSentence(await as('run', ...simulate), 125, /cannot|could not|read-only|writable|denied/i);
      expectSentence(await as('init'), 1, /is there already/);
      for (const words of [['list'], ['show', first.id], ['report'], ['verify'], ['requests']]) {
        const said = await as(...words);
        expect([words, said.code]).toEqual([words, 0]);
      }
      execFileSync('chmod', ['-R', 'u+w', ada.folder]);
      execFileSync('chown', ['-R', '0:0', ada.folder]);
      expect(ada.git('rev-parse', 'records')).toBe(before);
      expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 1 });
    },
  );

  const tmpfs = join('/tmp', `corroborate-full-${process.pid}`);
  const mounted = root && mountTmpfs();
  function mountTmpfs(): boolean {
    mkdirSync(tmpfs, { recursive: true });
    const done = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', tmpfs]).status === 0;
    if (!done) rmSync(tmpfs, { recursive: true });
    return done;
  }
  afterAll(() => {
    if (!mounted) return;
    execFileSync('umount', [tmpfs]);
    rmSync(tmpfs, { recursive: true });
  });

  test.skipIf(!mounted)(
    'no disk space: the run is told apart from its recording, and recover has it later (needs tmpfs)',
    async () => {
      await using ada = await scientist('ada', { files });
      const clone = join(tmpfs, 'clone');
      ada.gitWith({ cwd: ada.folder }, 'clone', '-q', ada.clone, clone);
      const there = (...words: string[]) =>
        ada.start(words, { cwd: clone, environment: { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' } })
          .done;
      expect((await there('run', ...simulate)).code).toBe(0);
      const before = ada.gitWith({ cwd: clone }, 'rev-parse', 'records');
      // Full from the beginning: nothing runs.
      spawnSync('dd', ['if=/dev/zero', `of=${tmpfs}/fill`, 'bs=4k']);
      const refused = await there('run', 'sh', '-c', 'touch ran');
      expect([refused.code, refused.stderr]).toEqual([125, expect.stringMatching(/space/i)]);
      expect(existsSync(join(clone, 'ran'))).toBe(false);
      expect(ada.gitWith({ cwd: clone }, 'rev-parse', 'records')).toBe(before);
      rmSync(join(tmpfs, 'fill'));
      // The simulation itself fills the disk: what it wrote is there, its recording is not, until there is space again.
      const full = await there(
        'run',
        'sh',
        '-c',
        `echo result > Data/late; sleep 0.5; dd if=/dev/zero of=${tmpfs}/fill bs=4k 2> /dev/null; true`,
      );
      expect([full.code, full.stderr]).toEqual([
        125,
        expect.stringMatching(/space.*corroborate recover|corroborate recover.*space/is),
      ]);
      expect(full.stderr).not.toMatch(/defect/);
      rmSync(join(tmpfs, 'fill'));
      const recovered = JSON.parse((await there('recover', '--json')).stdout) as ShownRecord[];
      expect(recovered).toMatchObject([{ status: 'unknown' }]);
      expect(recovered[0]!.outputs.map(({ path }) => path)).toContain('Data/late');
      expect(JSON.parse((await there('verify', '--json')).stdout)).toMatchObject({ verdict: 'holds', records: 2 });
      // Room for what is noted of a run, and not for a source.
      const [first] = JSON.parse((await there('list', '--json', 'status:finished')).stdout) as ShownRecord[];
      spawnSync('dd', ['if=/dev/zero', `of=${tmpfs}/fill`, 'bs=4k']);
      spawnSync('truncate', ['-s', '-24k', join(tmpfs, 'fill')]);
      const cramped = await there('reproduce', first!.id);
      expect([cramped.code, cramped.stderr]).toEqual([
        1,
        expect.stringMatching(/work\S* cannot be written: its disk is full\. Make room there\.\n$/),
      ]);
      expect(readdirSync(join(clone, '.git/corroborate/work'))).toEqual([]);
    },
  );
});
