import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RecordsWorktree } from '../support/records-worktree.ts';
import { scientist, sharedRepository } from '../support/scientist.ts';
import { simulate, simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

const control = '\u001b';

describe('a request', () => {
  test('cannot be answered by the name of another one, on whose branch it hides', async () => {
    await using ada = await scientist('ada');
    const first = await ada.records(...simulate);
    const again = await ada.records(...simulate);
    const request = await ada.requests(again.id, first.id);
    const other = '20260101T000000Z-00000000aa';
    ada.git('branch', '-m', request.branch, `diffs/${other}`);
    const before = ada.git('rev-parse', 'records');
    const checked = await ada.tries('check', other, '--json');
    expect(checked.code).toBe(1);
    expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'broken' });
    expect(checked.stdout).toContain(`it stands on the branch diffs/${other}`);
    for (const answer of [
      ['agree', other],
      ['deny', other, '--reason', 'no'],
    ]) {
      expect(await ada.tries(...answer)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("another request's"),
      });
    }
    expect(ada.git('rev-parse', 'records')).toBe(before);
  });

  test('that cannot be read is told without its escape sequences', async () => {
    await using ada = await scientist('ada');
    await ada.records(...simulate);
    const records = new RecordsWorktree(ada);
    records.write('diffs/aa/aa/20260101T000000Z-aaaaaaaaaa.yml', '"\\e]0;taken over\\a": 1\nb: 2\n');
    records.commit();
    const { code, stderr } = await ada.tries('report');
    expect(code).toBe(1);
    expect(stderr).not.toContain(control);
    expect(stderr).toContain('\\u001b]0;taken over');
  });
});

describe('a remote', () => {
  test('whose branch could not be read here is not taken over', async () => {
    await using ada = await scientist('ada');
    const shared = await sharedRepository(ada);
    await ada.records(...simulate);
    await ada.does('push');
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('pull');
    const before = grace.git('rev-parse', 'records');
    const records = new RecordsWorktree(ada);
    records.write('diffs/aa/aa/20260101T000000Z-aaaaaaaaaa.yml', 'a: 1\n');
    records.commit();
    ada.git('push', '-q', 'origin', 'records');
    const pulled = await grace.tries('pull');
    expect(pulled).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be read: .*Nothing was changed here/),
    });
    expect(grace.git('rev-parse', 'records')).toBe(before);
    await grace.does('report');
  });

  test('that has another content for a final record is not merged: no branch could keep both', async () => {
    await using ada = await scientist('ada');
    const shared = await sharedRepository(ada);
    await ada.does('init');
    await ada.does('push');
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('pull');
    const record = await ada.records(...simulate);
    const before = ada.git('rev-parse', 'records');

    const records = new RecordsWorktree(grace);
    for (const path of ada.lines('git', 'ls-tree', '-r', '--name-only', 'records')) {
      if (path.startsWith('records/') || path === 'history.yml') records.write(path, ada.onBranch(path));
    }
    records.edit(`${record.path}/record.yml`, 'exit_code: 0', 'exit_code: 1');
    records.commit();
    grace.git('push', '-q', 'origin', 'records');

    const pulled = await ada.tries('pull');
    expect(pulled).toMatchObject({ code: 1, stderr: expect.stringContaining('final here and final there') });
    expect(ada.git('rev-parse', 'records')).toBe(before);
    await ada.does('verify');
  });
});

describe('the source', () => {
  test('is what ran, also when the next version is saved while it runs', async () => {
    const files = { 'run.sh': 'echo "# the next version" >> run.sh\necho 1 > result.txt\n' };
    await using ada = await scientist('ada', { files });
    const tree = ada.git('rev-parse', 'HEAD^{tree}');
    const record = await ada.records('sh', 'run.sh');
    expect(record.program).toMatchObject({ source: tree, version_control: { dirty: false } });
    expect(record.outputs.map(output => output.path)).toEqual(['result.txt']);
    expect(record.notes.join('\n')).toMatch(/written while the run went on: .*as source, as they were.*: run\.sh/);
  });

  test('leaves out a tracked file that the run wrote, and says so, unless it was declared to be an output', async () => {
    const files = { 'run.sh': 'echo 1 > result.txt\n', 'result.txt': '0\n' };
    await using ada = await scientist('ada', { files });
    const silent = await ada.records('--output', 'result.txt', 'sh', 'run.sh');
    expect(silent.notes.join('\n')).not.toContain('are tracked');
    const record = await ada.records('sh', 'run.sh');
    expect(record.outputs.map(output => output.path)).toEqual(['result.txt']);
    expect(record.notes.join('\n')).toMatch(/are tracked and were written .*: result\.txt/);
  });
});

describe('an odd machine', () => {
  test('a full disk under stdout is told, not passed over', async ({ skip }) => {
    if (!existsSync('/dev/full')) skip('there is no /dev/full here');
    await using ada = await scientist('ada');
    await ada.records(...simulate);
    const under = ['sh', '-c', 'exec "$@" > /dev/full', 'sh'];
    const said = await ada.start(['list'], { under }).done;
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('could not be written to stdout') });
  });

  test('a folder that was removed under the shell is told in a sentence', async () => {
    await using ada = await scientist('ada');
    const under = ['sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', 'sh'];
    const said = await ada.start(['list'], { under }).done;
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('the folder that you are in was removed') });
    expect(said.stderr).not.toContain('defect');
  });

  test('a temporary folder that is not there is told, and not made', async () => {
    await using ada = await scientist('ada', { files: simulation });
    const TMPDIR = join(ada.folder, 'no-such-folder');
    const said = await ada.start(['run', ...simulate], { environment: { TMPDIR } }).done;
    expect(said).toMatchObject({ code: 125, stderr: expect.stringContaining('name another in TMPDIR') });
    expect(existsSync(TMPDIR)).toBe(false);
  });

  test('nothing that is run later is put into the temporary folder, where others may write', async () => {
    await using ada = await scientist('ada', { files: simulation });
    const TMPDIR = join(ada.folder, 'temporary');
    mkdirSync(TMPDIR);
    const said = await ada.start(['run', ...simulate], { environment: { TMPDIR } }).done;
    expect(said.code).toBe(0);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });

  test('a working directory that the run removed costs its outputs and not its record', async () => {
    await using ada = await scientist('ada');
    const said = await ada.start(['run', '--isolate', '--json', 'sh', '-c', 'echo 1 > a; rm -rf "$PWD"']).done;
    expect(said.stderr).not.toContain('defect');
    expect(await ada.shows()).toMatchObject({ status: 'finished', outputs: [] });
    expect((await ada.shows()).notes.join('\n')).toContain('was gone at the end');
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s before a run has started leaves nothing behind',
    async signal => {
      await using ada = await scientist('ada');
      await ada.does('init');
      const [TMPDIR, bin] = ['temporary', 'bin'].map(name => join(ada.folder, name)) as [string, string];
      for (const folder of [TMPDIR, bin]) mkdirSync(folder);
      // A git that takes its time over the files of the working tree.
      const real = ada.lines('sh', '-c', 'command -v git')[0]!;
      const slow = `#!/bin/sh\ncase " $* " in *" ls-files "*) : > "$BESIDE/slow"; until [ -e "$BESIDE/go" ]; do sleep 0.05; done;; esac\nexec ${real} "$@"\n`;
      writeFileSync(join(bin, 'git'), slow, { mode: 0o755 });
      const environment = { TMPDIR, BESIDE: ada.folder, PATH: `${bin}:${ada.environment.PATH}` };
      const going = ada.start(['run', '--isolate', 'sh', '-c', 'echo 1 > out'], { environment });
      await until(() => existsSync(join(ada.folder, 'slow')) && readdirSync(TMPDIR).length > 0);
      const runs = ada.at('.git/corroborate/runs');
      await until(() => existsSync(runs) && readdirSync(runs).some(name => name.endsWith('.json')));
      going.child.kill(signal);
      const said = await going.done;
      writeFileSync(join(ada.folder, 'go'), '');
      expect(said.signal).toBe(signal);
      expect(readdirSync(TMPDIR)).toEqual([]);
      expect(readdirSync(ada.at('.git/corroborate/runs'))).toEqual([]);
      expect(existsSync(ada.at('.git/corroborate/work'))).toBe(false);
      expect(await ada.asks('list')).toEqual([]);
      await ada.records('sh', '-c', 'echo 1 > out');
    },
  );

  test.each([
    ['moved', 'clone', 'mv "$BESIDE/clone" "$BESIDE/moved"'],
    ['removed', 'clone', 'rm -rf "$BESIDE/clone"'],
    ['moved', 'linked', 'mv "$BESIDE/linked" "$BESIDE/moved"'],
  ])(
    'a repository that was %s under the run (%s) is one sentence, and what was printed is kept',
    async (_, place, takes) => {
      const recorded = 'until [ "$(git -C "$BESIDE/clone" rev-list --count records)" -gt 1 ]; do sleep 0.05; done';
      await using ada = await scientist('ada', {
        files: { 'run.sh': `echo said; echo 1 > out\n${recorded}\n${takes}\n` },
      });
      await ada.does('init');
      ada.git('worktree', 'add', '-q', '--detach', join(ada.folder, 'linked'));
      const TMPDIR = join(ada.folder, 'temporary');
      mkdirSync(TMPDIR);
      const cwd = join(ada.folder, place);
      const environment = { TMPDIR, BESIDE: ada.folder };
      const said = await ada.start(['run', 'sh', 'run.sh'], { cwd, environment }).done;
      expect(said).toMatchObject({ code: 125, stdout: 'said\n' });
      expect(said.stderr.trim()).toMatch(/^corroborate: the run .*$/);
      expect(said.stderr).toMatch(`${cwd} is gone: it was moved or removed while the run went on.`);
      const kept = /What it printed is kept in (.*)\.$/m.exec(said.stderr)![1]!;
      expect(readdirSync(TMPDIR).map(name => join(TMPDIR, name))).toEqual([kept]);
      expect(readFileSync(join(kept, 'log.txt'), 'utf8')).toBe('said\n');
      expect(readFileSync(join(kept, 'stdout.txt'), 'utf8')).toBe('said\n');
      expect(existsSync(cwd)).toBe(false);
      if (!existsSync(join(ada.folder, 'moved'))) return;
      renameSync(join(ada.folder, 'moved'), cwd);
      expect(await ada.asks('recover')).toMatchObject([{ status: 'unknown', outputs: [{ path: 'out' }] }]);
      expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 1 });
    },
  );

  test('a run whose start found no branch that it could write to is settled from what was kept', async () => {
    await using ada = await scientist('ada');
    await ada.does('init');
    const branch = ada.git('rev-parse', 'records');
    const breaks = 'git update-ref refs/heads/records HEAD; echo 1 > a';
    const said = await ada.tries('run', 'sh', '-c', breaks);
    expect(said.code).toBe(125);
    ada.git('update-ref', 'refs/heads/records', branch);
    expect(await ada.asks<unknown[]>('recover')).toMatchObject([{ status: 'unknown', outputs: [{ path: 'a' }] }]);
    await ada.does('verify');
  });

  test('a program that the settings name as file system monitor is not run', async () => {
    await using ada = await scientist('ada');
    const trace = join(ada.folder, 'ran');
    await ada.does('init');
    ada.git('config', 'core.fsmonitor', `touch ${trace}; true`);
    await ada.records(...simulate);
    for (const command of ['list', 'verify', 'report', 'requests']) await ada.does(command);
    expect(existsSync(trace)).toBe(false);
  });

  test('a git that is too old is told so', async () => {
    await using ada = await scientist('ada');
    const bin = join(ada.folder, 'bin');
    const real = ada.lines('sh', '-c', 'command -v git')[0]!;
    mkdirSync(bin);
    // An older rev-parse gives back what it does not know.
    const old = `#!/bin/sh
for word do
  shift
  [ "$word" = --show-object-format ] && word=--show-object-form
  set -- "$@" "$word"
done
${real} "$@" | sed s/--show-object-form$/--show-object-format/
`;
    writeFileSync(join(bin, 'git'), old);
    chmodSync(join(bin, 'git'), 0o755);
    const environment = { PATH: `${bin}:${ada.environment.PATH}` };
    const said = await ada.start(['list'], { environment }).done;
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining('needs git 2.29 or later') });
  });
});
