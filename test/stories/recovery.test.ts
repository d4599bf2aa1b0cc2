import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';
import { until } from '../support/until.ts';

const files = {
  'model.sh': '# version 1\n',
  'default.param': 'n=1\n',
  'wait.sh':
    '. ./model.sh; mkdir -p out; echo half > out/half; echo $$ > out/pid; while ! [ -e go ]; do sleep 0.05; done\n',
  '.gitignore': 'go\n',
};

/** A run whose recorder was killed, which nobody can prevent; `pid` is the simulation's. */
async function killed(of: Scientist, words: string[] = []): Promise<{ pid: number; record: ShownRecord }> {
  const going = of.start(['run', '--json', ...words, 'sh', 'wait.sh', 'default.param']);
  const record = await until(async () => {
    if (of.git('branch', '--list', 'records') === '') return null;
    const [found] = await of.lists('status:started');
    return found;
  });
  const pid = await until(() => {
    try {
      return Number(readFileSync(of.at('out/pid'), 'utf8'));
    } catch {
      return null;
    }
  });
  // What `recover` goes by is written right after the record.
  await until(() => of.git('rev-parse', '--git-common-dir') && runFiles(of).some(name => name.endsWith('.recovery')));
  going.child.kill('SIGKILL');
  await going.done;
  return { pid, record };
}

function runFiles(of: Scientist): string[] {
  const folder = of.at('.git/corroborate/runs');
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe('when the recorder dies', () => {
  test('the run is shown as unknown at once, and recover makes that final with the outputs found', async () => {
    await using ada = await scientist('ada', { files });
    ada.write('model.sh', '# version 2\n');
    const { pid, record } = await killed(ada);
    expect(await ada.shows(record.id)).toMatchObject({ status: 'unknown' });
    expect(await ada.lists('status:unknown')).toMatchObject([{ id: record.id, status: 'unknown' }]);
    expect(await ada.lists('status:started')).toEqual([]);
    // On the branch it still is as it was: seeing changes nothing.
    expect(ada.onBranch(`${record.path}/record.yml`)).toContain('status: started');

    // Its simulation outlived it: too early to settle.
    const early = await ada.does('recover', '--json');
    expect(JSON.parse(early.stdout)).toEqual([]);
    expect(early.stderr).toContain(`still runs (process ${pid})`);
    expect(await ada.shows(record.id)).toMatchObject({ status: 'unknown' });

    process.kill(pid, 'SIGKILL');
    const settled = await until(async () => {
      const found = await ada.asks<ShownRecord[]>('recover');
      return found.length > 0 && found;
    });
    expect(settled).toMatchObject([{ id: record.id, status: 'unknown', path: record.path }]);
    const [final] = settled;
    expect(final!.outputs.map(({ path, stored }) => [path, stored])).toEqual([
      ['out/half', true],
      ['out/pid', true],
    ]);
    expect(final!.inputs).toMatchObject([{ path: 'default.param', stored: true }]);
    expect(final!.program).toMatchObject({ source: record.program.source, exit_code: null, finished: null });
    expect(final!.notes.join()).toContain('recorder died');
    expect(ada.onBranch(`${record.path}/outputs/out/half`)).toBe('half\n');
    expect(ada.onBranch(`${record.path}/source.patch`)).toContain('+# version 2');
    expect(ada.onBranch(`${record.path}/record.yml`)).toContain('status: unknown');
    expect(runFiles(ada)).toEqual([]);
    expect(await ada.asks('recover')).toEqual([]);
    expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 1, problems: [] });
    const { code, stderr } = await ada.tries('compare', record.id, record.id);
    expect([code, stderr]).toEqual([1, expect.stringContaining('its run is unknown')]);
  });

  test('a file of the program that was edited meanwhile is no output of it', async () => {
    await using ada = await scientist('ada', { files: { ...files, 'kept.txt': 'old\n' } });
    ada.write('added.sh', 'echo added\n');
    ada.git('add', 'added.sh');
    const { pid, record } = await killed(ada);
    // Saved while it ran, and a result that is kept in git; a change of mode alone is nothing written.
    ada.write('wait.sh', '# the next version\n');
    ada.write('kept.txt', 'new\n');
    chmodSync(ada.at('model.sh'), 0o755);
    chmodSync(ada.at('added.sh'), 0o755);
    process.kill(pid, 'SIGKILL');
    const [settled] = await until(async () => {
      const found = await ada.asks<ShownRecord[]>('recover');
      return found.length > 0 && found;
    });
    expect(settled!.outputs.map(({ path }) => path)).toEqual(['kept.txt', 'out/half', 'out/pid']);
    expect(settled!.notes.join('\n')).toMatch(/are source and were written .*: wait\.sh/);
    expect(settled!.notes.join('\n')).toMatch(
      /are tracked and were written .*its source has them as they were.*: kept\.txt/,
    );
    expect(settled!.program.source).toBe(record.program.source);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test('the next run in that directory settles it first, so that their outputs never mix', async () => {
    await using ada = await scientist('ada', { files });
    const { pid, record } = await killed(ada);
    // While the old simulation still writes there, the next one is refused.
    const refused = await ada.tries('run', 'sh', '-c', 'echo 1 > other');
    expect([refused.code, refused.stderr]).toEqual([125, expect.stringContaining(record.id)]);
    process.kill(pid, 'SIGKILL');
    const next = await until(async () => {
      const said = await ada.tries('run', '--json', 'sh', '-c', 'echo 1 > other');
      return said.code === 0 && (JSON.parse(said.stdout) as ShownRecord);
    });
    expect(next.outputs.map(({ path }) => path)).toEqual(['other']);
    expect(await ada.shows(record.id)).toMatchObject({ status: 'unknown' });
    expect(ada.onBranch(`${record.path}/record.yml`)).toContain('status: unknown');
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
  });

  test('a recorder on another host is dead when it has not beaten for five minutes', async () => {
    await using ada = await scientist('ada', { files });
    const { pid, record } = await killed(ada);
    process.kill(pid, 'SIGKILL');
    const path = ada.at(`.git/corroborate/runs/${record.id}.json`);
    const beat = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...beat, host: { ...beat.host, name: 'elsewhere' } }));
    expect(await ada.shows(record.id)).toMatchObject({ status: 'started' });
    expect(await ada.asks('recover')).toEqual([]);
    const longAgo = new Date(Date.now() - 6 * 60_000);
    utimesSync(path, longAgo, longAgo);
    expect(await ada.shows(record.id)).toMatchObject({ status: 'unknown' });
    expect(await ada.asks('recover')).toMatchObject([{ id: record.id, status: 'unknown' }]);
  });

  test('a heartbeat that cannot be read is named', async () => {
    await using ada = await scientist('ada', { files });
    ada.write('.git/corroborate/runs/20261122T092530Z-7f3a9c04e1.json', '{"id": ');
    const said = await ada.does('recover', '--json');
    expect(JSON.parse(said.stdout)).toEqual([]);
    expect(said.stderr).toContain('20261122T092530Z-7f3a9c04e1.json');
  });

  test('killed before its start was committed, it is not lost either', async () => {
    await using ada = await scientist('ada', { files });
    await ada.does('init');
    // Somebody holds the branch just now.
    writeFileSync(ada.at('.git/refs/heads/records.lock'), '');
    const going = ada.start(['run', '--json', 'sh', 'wait.sh', 'default.param']);
    // Not only there: a file that is not written yet would name process 0, which is ourselves.
    const hasPid = () => existsSync(ada.at('out/pid')) && ada.read('out/pid').trim() !== '';
    await until(() => runFiles(ada).some(name => name.endsWith('.recovery')) && hasPid());
    going.child.kill('SIGKILL');
    await going.done;
    rmSync(ada.at('.git/refs/heads/records.lock'));
    expect(await ada.lists()).toEqual([]);
    process.kill(Number(ada.read('out/pid')), 'SIGKILL');
    const [settled] = await until(async () => {
      const found = await ada.asks<ShownRecord[]>('recover');
      return found.length > 0 && found;
    });
    expect(settled).toMatchObject({ status: 'unknown', program: { command: ['sh', 'wait.sh', 'default.param'] } });
    expect(settled!.outputs.map(({ path }) => path)).toEqual(['out/half', 'out/pid']);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 1 });
  });

  test('an isolated run is found where it worked', async () => {
    await using ada = await scientist('ada', { files });
    const going = ada.start(['run', '--isolate', '--json', 'sh', 'wait.sh', 'default.param']);
    const work = await until(() => {
      const [pid] = ada.lines('sh', '-c', 'cat .git/corroborate/work/*/out/pid 2>/dev/null || true');
      return pid;
    });
    await until(() => runFiles(ada).some(name => name.endsWith('.recovery')));
    going.child.kill('SIGKILL');
    await going.done;
    process.kill(Number(work), 'SIGKILL');
    const settled = await until(async () => {
      const found = await ada.asks<ShownRecord[]>('recover');
      return found.length > 0 && found;
    });
    expect(settled[0]!.outputs.map(({ path }) => path)).toEqual(['out/half', 'out/pid']);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 1 });
  });

  test('working directories of isolated runs are told of, and removed when asked, with nothing lost', async () => {
    await using ada = await scientist('ada', {
      files: { ...files, 'corroborate.yml': 'limits: {file: 1KiB, record: 2KiB}\n' },
    });
    const work = (id = '') => ada.at(`.git/corroborate/work/${id}`);
    expect((await ada.does('recover')).stderr).toBe('');
    const stored = await ada.records('--isolate', 'sh', '-c', 'echo 1 > small; chmod 500 .');
    const large = await ada.records('--isolate', 'sh', '-c', 'echo 1 > small; head -c 3000 /dev/zero > large');
    const emptied = await ada.records('--isolate', 'sh', '-c', 'head -c 3000 /dev/zero > large');
    rmSync(work(`${emptied.id}/large`));
    const strange = '20260101T000000Z-aaaaaaaaaa';
    ada.write(`.git/corroborate/work/${strange}/kept`, 'x');
    ada.write('.git/corroborate/work/notes.txt', "the user's own");
    const going = ada.start(['run', '--isolate', '--json', 'sh', 'wait.sh', 'default.param']);
    const running = await until(() => readdirSync(work()).find(id => existsSync(work(`${id}/out/pid`))));

    const told = await ada.does('recover', '--json');
    expect(JSON.parse(told.stdout)).toEqual([]);
    expect(told.stderr).toMatch(
      /note: isolated runs have left 4 working directories \([\d.]+ KiB\): `corroborate recover --clean` removes the 2 whose outputs are all stored/,
    );
    expect(told.stderr).toContain(`kept: ${work(large.id)} (`);
    expect(told.stderr).toMatch(/its output large is not stored/);
    expect(told.stderr).toMatch(new RegExp(`${strange} \\(1 B\\): the branch has no such record`));
    expect(told.stderr).not.toContain(running);

    const { stderr } = await ada.does('recover', '--clean');
    expect(stderr).toMatch(/removed 2 working directories \(\d+ B\) of isolated runs/);
    expect(readdirSync(work()).sort()).toEqual([strange, large.id, running, 'notes.txt'].sort());
    expect(existsSync(work(`${large.id}/large`))).toBe(true);
    expect(existsSync(work(stored.id))).toBe(false);
    ada.write(`.git/corroborate/work/${running}/go`, '');
    expect(await going.done).toMatchObject({ code: 0 });
  });

  test('a recorder that is killed at any moment leaves a branch that verifies', async () => {
    await using ada = await scientist('ada', { files: { 'run.sh': 'echo $1 > out.txt\n' } });
    await ada.does('init');
    for (const [index, delay] of [60, 110, 150, 190, 240, 300].entries()) {
      const going = ada.start(['run', '--json', 'sh', 'run.sh', `${index}`]);
      setTimeout(() => going.child.kill('SIGKILL'), delay);
      await going.done;
    }
    const last = await until(async () => {
      const said = await ada.tries('run', '--json', 'sh', 'run.sh', 'last');
      return said.code === 0 && (JSON.parse(said.stdout) as ShownRecord);
    });
    expect(last.status).toBe('finished');
    await ada.does('recover');
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', problems: [] });
    for (const { status } of await ada.lists()) expect(['finished', 'unknown']).toContain(status);
    expect(ada.lines('git', 'fsck', '--strict', '--no-dangling')).toEqual([]);
  });
});
