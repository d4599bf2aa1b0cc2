import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { emptyFolder, eventsIn, recordingOf, runs, terminal, until } from './recording.ts';

const has = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0;
const missing = ['python3', 'script', 'bash'].filter(program => !has(program, '--version'));
if (missing.length > 0) console.warn(`at-terminal.test.ts is skipped: ${missing.join(', ')} not installed`);

const quote = (words: readonly string[]) => words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
const outcomeIn = (report: string) => eventsIn(report).find(event => 'outcome' in event)?.outcome;
const statesIn = (report: string) => eventsIn(report).flatMap(event => ('state' in event ? [event.state] : []));
const prompt = /bash-\S+[#$] /;
const sh = (script: string) => ['sh', '-c', script];

describe.skipIf(missing.length > 0 || process.platform !== 'linux')('at a terminal', () => {
  test('its streams are terminals of the right size, what is typed reaches it, and what it prints is kept as it was', async () => {
    const { report, words } = recordingOf(
      sh(
        'test -t 0 && test -t 1 && test -t 2 && echo all; stty size <&1; read -r line; echo "got $line"; echo err >&2; exit 6',
      ),
    );
    const screen = terminal(words);
    await screen.shows(/all\r\n30 100\r\n/);
    screen.type('hello\r');
    // What it says on stderr comes through a terminal of its own, and may be there first.
    await screen.shows(/hello\r\n(?:err\r\n)?got hello\r\n/);
    expect(await screen.exit).toBe(6);
    const outcome = outcomeIn(report);
    // Neither the carriage returns nor the echo of a terminal, and stderr apart, as in a run without one.
    expect(outcome.stdoutText).toBe('all\n30 100\ngot hello\n');
    expect(outcome.log).toContain('err\n');
    expect(outcome).toMatchObject({ stdin: null, notes: [] });
  });

  test('where only some streams are terminals, each is what it would be', async () => {
    const look = 'for n in 0 1 2; do test -t $n && printf "$n " >> seen; done';
    const seen = async (redirection: string) => {
      const cwd = emptyFolder();
      const { words } = recordingOf(sh(look));
      await terminal(['bash', '-c', `${quote(words)} ${redirection}`], cwd).exit;
      return readFileSync(`${cwd}/seen`, 'utf8');
    };
    expect(await seen('| cat')).toBe('0 2 ');
    expect(await seen('2> err')).toBe('0 1 ');
    expect(await seen('< /dev/null')).toBe('1 2 ');
  });

  test('a new size is known to it when it is told of it', async () => {
    const { words } = recordingOf(sh('trap "stty size <&1; exit" WINCH; echo ready; while :; do sleep 0.05; done'));
    const screen = terminal(words);
    await screen.shows(/ready/);
    screen.resize(41, 123);
    await screen.shows(/41 123/);
    await screen.exit;
  });

  test('Ctrl-C reaches the simulation once, and ends a loop of the shell as it does without us', async () => {
    const { report, words } = recordingOf(['sleep', '1000']);
    const screen = terminal(['bash', '--norc', '-i']);
    await screen.shows(prompt);
    screen.type(`for n in 1 2; do ${quote(words)}; done; echo "code $?"\r`);
    const pid = await until(() => eventsIn(report)[0]?.pid);
    screen.type('\x03');
    await until(() => outcomeIn(report));
    await screen.shows(prompt);
    screen.type('echo "code $?"; exit\r');
    await screen.shows(/code 130/);
    await screen.exit;
    expect(eventsIn(report).filter(event => 'pid' in event)).toHaveLength(1);
    expect(outcomeIn(report)).toMatchObject({ signal: 'SIGINT', cancelled: { by: 'signal', signal: 'SIGINT' } });
    expect(runs(pid)).toBe(false);
  });

  test('Ctrl-Z gives the prompt back and pauses it, bg and fg start it again', async () => {
    const { report, words } = recordingOf(
      sh('echo begun; while test ! -e go; do sleep 0.05; done; read -r line; echo "end $line"'),
    );
    const screen = terminal(['bash', '--norc', '-i']);
    await screen.shows(prompt);
    screen.type(`${quote(words)}\r`);
    await screen.shows(/begun\r\n/);
    const pid = eventsIn(report)[0].pid;
    screen.type('\x1a');
    await screen.shows(/Stopped/);
    await screen.shows(prompt);
    // Told before we stopped ourselves.
    expect(statesIn(report)).toEqual(['paused']);
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /);
    screen.type('bg\r');
    await screen.shows(prompt);
    await until(() => statesIn(report).length === 2);
    screen.type('fg\r');
    await screen.shows(/sh -c|driver/);
    screen.type('\x1a');
    await screen.shows(/Stopped/);
    screen.type('touch go; fg\r');
    await until(() => statesIn(report).length === 4);
    screen.type('line\r');
    await screen.shows(/end line\r\n/);
    await screen.shows(prompt);
    screen.type('exit\r');
    await screen.exit;
    expect(statesIn(report)).toEqual(['paused', 'started', 'paused', 'started']);
    expect(outcomeIn(report)).toMatchObject({ exitCode: 0, cancelled: null, status: 'finished' });
  });

  test("an engine's program, which reads all that it can get, takes nothing that is meant for the shell", async () => {
    const { report, words } = recordingOf(['cat'], { engine: true });
    const screen = terminal(['bash', '--norc', '-i']);
    await screen.shows(prompt);
    screen.type(`${quote(words)} &\r`);
    await screen.shows(prompt);
    await until(() => eventsIn(report).find(event => 'pid' in event));
    // Twice the time in which somebody who reads would be there.
    screen.type('sleep 1\r');
    await screen.shows(prompt);
    screen.type('echo "is $((40 + 2))"\r');
    await screen.shows(/is 42\r\n/);
    await screen.shows(prompt);
    screen.type('fg\r');
    await screen.shows(/driver/);
    screen.type('for it\r');
    // The echo, and what cat prints.
    await screen.shows(/for it\r\nfor it\r\n/);
    screen.type('\x1a');
    await screen.shows(/Stopped/);
    await screen.shows(prompt);
    screen.type('echo "is $((40 + 3))"\r');
    await screen.shows(/is 43\r\n/);
    screen.type('fg\r');
    await screen.shows(/driver/);
    screen.type('again\r');
    await screen.shows(/again\r\nagain\r\n/);
    screen.type('\x04');
    await screen.shows(prompt);
    screen.type('exit\r');
    await screen.exit;
    expect(statesIn(report)).toEqual(['paused', 'started']);
    expect(outcomeIn(report)).toMatchObject({ exitCode: 0, stdin: null, stdoutText: 'for it\nagain\n' });
  });

  test('without `script` it runs with pipes, and the record says so', async () => {
    const { report, words } = recordingOf(['/bin/sh', '-c', 'test -t 1 || echo pipe'], {
      environment: { PATH: '/nowhere' },
    });
    const screen = terminal(words);
    await screen.shows(/pipe/);
    await screen.exit;
    expect(outcomeIn(report).notes).toContainEqual(expect.stringContaining('no pseudo-terminal could be had'));
  });

  test('the terminal goes away: the simulation is told, and nothing stays', async () => {
    const { report, words } = recordingOf(['sleep', '1000']);
    const gone = spawnSync('python3', [
      '-c',
      'import os,pty,sys,time\npid,fd=pty.fork()\nif pid==0: os.execvp(sys.argv[2],sys.argv[2:])\nwhile not os.path.exists(sys.argv[1]): time.sleep(.05)\nos.close(fd)\nos.waitpid(pid,0)',
      report,
      ...words,
    ]);
    expect(gone.status).toBe(0);
    expect(outcomeIn(report)).toMatchObject({ signal: 'SIGHUP', status: 'cancelled' });
  });
});
