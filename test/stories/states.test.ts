import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RecordStatus } from '../../src/domain/generated/shapes.ts';
import { type Going, type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';
import { until } from '../support/until.ts';

/** Every state of the newest record that was committed, oldest first. */
function committedStates(of: Scientist, { path }: ShownRecord): RecordStatus[] {
  const commits = of.git('log', '--format=%H', '--reverse', 'records', '--', `${path}/record.yml`).split('\n');
  return commits.map(commit => /^status: (\w+)$/m.exec(of.onBranch(`${path}/record.yml`, commit))![1] as RecordStatus);
}

/** Runs until a file that the story writes says that it may end. */
const files = {
  'wait.sh': 'mkdir -p out; echo $$ > out/pid; while ! [ -e ../go ]; do sleep 0.05; done; echo done > out/result\n',
};

/** The run has been committed as started, and its simulation is at work. */
async function started(of: Scientist): Promise<ShownRecord> {
  return until(async () => {
    if (!existsSync(of.at('out/pid')) || of.git('branch', '--list', 'records') === '') return null;
    const [record] = await of.lists();
    return record;
  });
}

/** A process that has ended may stay in the table until somebody asks for its exit code. */
function isRunning(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

async function ends(going: Going): Promise<{ code: number | null; record: ShownRecord }> {
  const { code, stdout } = await going.done;
  return { code, record: JSON.parse(stdout) as ShownRecord };
}

describe('the life of a run', () => {
  test('started is committed while it runs, finished when it has ended', async () => {
    await using ada = await scientist('ada', { files });
    const going = ada.start(['run', '--json', 'sh', 'wait.sh']);
    const seen = await started(ada);
    expect(seen).toMatchObject({ status: 'started', outputs: [] });
    expect(seen.program).toMatchObject({ exit_code: null, finished: null });
    expect(seen.program.started).not.toBeNull();
    expect(await ada.shows()).toMatchObject({ id: seen.id, status: 'started' });
    expect(await ada.asks('recover')).toEqual([]);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
    ada.write('../go', '');
    const { code, record } = await ends(going);
    expect([code, record.status, record.program.exit_code]).toEqual([0, 'finished', 0]);
    expect(record.outputs.map(({ path }) => path)).toEqual(['out/pid', 'out/result']);
    expect(committedStates(ada, record)).toEqual(['started', 'finished']);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test('paused on SIGTSTP, started again on SIGCONT, cancelled by the signal that stops it', async () => {
    await using ada = await scientist('ada', { files });
    const going = ada.start(['run', '--json', 'sh', 'wait.sh']);
    const { id } = await started(ada);
    going.child.kill('SIGTSTP');
    await until(async () => (await ada.shows(id)).status === 'paused');
    const pid = readFileSync(ada.at('out/pid'), 'utf8').trim();
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /);
    going.child.kill('SIGCONT');
    await until(async () => (await ada.shows(id)).status === 'started');
    going.child.kill('SIGTERM');
    const { code, record } = await ends(going);
    expect([code, record.status, record.program.signal, record.program.exit_code]).toEqual([
      143,
      'cancelled',
      'SIGTERM',
      null,
    ]);
    expect(committedStates(ada, record)).toEqual(['started', 'paused', 'started', 'cancelled']);
    // What it had written until then is kept, and nothing of it runs any more.
    expect(record.outputs.map(({ path }) => path)).toEqual(['out/pid']);
    expect(isRunning(pid)).toBe(false);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test('Ctrl-Z and Ctrl-C at a terminal reach all that Corroborate started: the record comes through', async () => {
    await using ada = await scientist('ada', { files });
    // A git that is at work whenever a key is pressed.
    ada.write(
      '../bin/git',
      `#!/bin/sh\n[ -e '${ada.at('../slow')}' ] && sleep 0.3\nexec /usr/bin/env -u ENV PATH="$OWN_PATH" git "$@"\n`,
      0o755,
    );
    const environment = { PATH: `${ada.at('../bin')}:${process.env.PATH}`, OWN_PATH: process.env.PATH };
    const going = ada.start(['run', '--json', 'sh', '-c', 'trap - INT; . ./wait.sh'], { environment, group: true });
    const { id } = await started(ada);
    ada.write('../slow', '');
    const presses = (signal: NodeJS.Signals) => process.kill(-going.child.pid!, signal);
    presses('SIGTSTP');
    await until(async () => (await ada.shows(id)).status === 'paused');
    presses('SIGCONT');
    await new Promise(over => setTimeout(over, 100));
    presses('SIGINT');
    // A second one, while the end is recorded.
    await new Promise(over => setTimeout(over, 300));
    presses('SIGINT');
    const { code, record } = await ends(going);
    expect([code, record.status, record.program.signal]).toEqual([130, 'cancelled', 'SIGINT']);
    expect(record.notes.filter(note => /recorded|dependencies/.test(note))).toEqual([]);
    expect(committedStates(ada, record)).toEqual(['started', 'paused', 'started', 'cancelled']);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('%s cancels, exit %i', async (signal, due) => {
    await using ada = await scientist('ada', { files });
    const going = ada.start(['run', '--json', 'sh', '-c', 'trap - INT QUIT; . ./wait.sh']);
    await started(ada);
    going.child.kill(signal);
    const { code, record } = await ends(going);
    expect([code, record.status, record.program.signal]).toEqual([due, 'cancelled', signal]);
  });

  test('a simulation that saves its work when told to stop was cancelled all the same', async () => {
    await using ada = await scientist('ada', { files });
    const going = ada.start(['run', '--json', 'sh', '-c', "trap 'echo saved > out/saved; exit 0' TERM; . ./wait.sh"]);
    await started(ada);
    going.child.kill('SIGTERM');
    const { code, record } = await ends(going);
    expect([code, record.status, record.program.exit_code]).toEqual([0, 'cancelled', 0]);
    expect(record.outputs.map(({ path }) => path)).toContain('out/saved');
  });

  test('a timeout cancels the whole group, exit 124', async () => {
    await using ada = await scientist('ada', { files });
    const { code, record } = await ends(
      ada.start(['run', '--json', '--timeout', '300ms', 'sh', '-c', 'sh wait.sh & wait']),
    );
    expect([code, record.status]).toEqual([124, 'cancelled']);
    expect(isRunning(readFileSync(ada.at('out/pid'), 'utf8').trim())).toBe(false);
  });

  test('failed with its exit code, and by its own signal', async () => {
    await using ada = await scientist('ada', { files });
    const failed = await ends(ada.start(['run', '--json', 'sh', '-c', 'echo partial > x; exit 7']));
    expect([failed.code, failed.record.status, failed.record.program.exit_code]).toEqual([7, 'failed', 7]);
    expect(failed.record.outputs.map(({ path }) => path)).toEqual(['x']);
    const crashed = await ends(ada.start(['run', '--json', 'sh', '-c', 'kill -SEGV $$']));
    expect([crashed.code, crashed.record.status]).toEqual([139, 'failed']);
    expect(crashed.record.program).toMatchObject({ exit_code: null, signal: 'SIGSEGV' });
    expect(committedStates(ada, crashed.record)).toEqual(['started', 'failed']);
  });

  test.each([
    [127, ['no-such-command'], 'no-such-command'],
    [127, ['./nowhere'], './nowhere'],
    [126, ['./data.txt'], './data.txt'],
    [126, ['./'], '"./"'],
    [125, ['--input', 'nothing.*', 'true'], 'nothing.*'],
    [125, ['--stdin', 'nothing', 'true'], 'nothing'],
    [125, ['--stdout', 'no/such/folder', 'true'], 'no/such/folder'],
    [125, ['sbatch', 'job.sh'], 'srun'],
    [2, ['--no-such-flag', 'true'], '--no-such-flag'],
    [2, ['--timeout', 'soon', 'true'], 'soon'],
    [2, [], 'nothing to run'],
  ])('exit %i and one sentence, nothing recorded: run %j', async (due, words, said) => {
    await using ada = await scientist('ada', { files: { 'data.txt': 'x', 'job.sh': '' } });
    const { code, stdout, stderr } = await ada.tries('run', ...words);
    expect([code, stdout]).toEqual([due, '']);
    expect(stderr).toContain(said);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ada.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  });
});
