import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder, eventsIn, record, recordingOf, runs, until } from './recording.ts';

const sh = (script: string) => ['sh', '-c', script];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('a simulation ends as it does without us', () => {
  test('by its own exit code', async () => {
    const { code, outcome } = await record(sh('exit 37')).ended();
    expect(code).toBe(37);
    expect(outcome).toMatchObject({ exitCode: 37, signal: null, cancelled: null, status: 'failed' });
  });

  test('by its own signal, which is failed and not cancelled', async () => {
    const { code, outcome } = await record(sh('kill -SEGV $$')).ended();
    expect(code).toBe(139);
    expect(outcome).toMatchObject({ exitCode: null, signal: 'SIGSEGV', cancelled: null, status: 'failed' });
  });

  test('under the name that it was called by, in its folder, with its environment', async () => {
    const cwd = emptyFolder();
    const { stdout } = await record(
      sh('echo "$0"; pwd; echo "$GREETING"'),
      {},
      { cwd, environment: { GREETING: 'hei' } },
    ).ended();
    expect(stdout).toBe(`sh\n${cwd}\nhei\n`);
  });

  test('a command that cannot be run is a problem, and nothing is', async () => {
    expect((await record(['no-such-program']).ended()).problem).toMatchObject({ problem: 'COMMAND_NOT_FOUND' });
    const argument = 'x'.repeat(200_000);
    const folder = emptyFolder();
    writeFileSync(join(folder, 'many.sh'), '#!/bin/sh\n', { mode: 0o755 });
    // One argument is longer than Linux takes.
    const { report, words } = recordingOf(['./many.sh', 'ARGUMENT']);
    const grown = `import { writeFileSync } from 'node:fs'; process.argv.splice(1, 1); process.argv[2] = process.argv[2].replace('ARGUMENT', 'x'.repeat(${argument.length})); await import(process.argv[1]);`;
    const starter = join(folder, 'starter.mjs');
    writeFileSync(starter, grown);
    spawnSync(words[0]!, [starter, ...words.slice(1)], { cwd: folder });
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      problem: 'COMMAND_NOT_EXECUTABLE',
      message: expect.stringContaining('too long'),
    });
  });
});

describe('what it prints', () => {
  test('is passed on unchanged and kept, stdout apart', async () => {
    const { stdout, stderr, outcome } = await record(sh("printf 'a\\r\\nb\\000c'; printf 'err\\t' >&2")).ended();
    expect(stdout).toBe('a\r\nb\0c');
    expect(stderr).toBe('err\t');
    expect(outcome.log).toHaveLength(10);
    expect(outcome.stdout).toMatchObject({ sha256: sha256('a\r\nb\0c'), size: 6 });
    expect(outcome.stdoutText).toBe('a\r\nb\0c');
  });

  test('goes through pipes: /dev/stdout and /dev/stderr open', async () => {
    const { stdout, stderr, outcome } = await record(
      sh('echo one > /dev/stdout; echo two > /dev/stderr; test -p /dev/stdout'),
    ).ended();
    expect([stdout, stderr, outcome.exitCode, outcome.notes]).toEqual(['one\n', 'two\n', 0, []]);
  });

  test('comes live, and not at the end', async () => {
    const run = record(sh('echo first; read -r line; echo "$line"'), {}, { stdin: 'pipe' });
    let shown = '';
    run.child.stdout!.on('data', text => {
      shown += text;
    });
    await until(() => shown === 'first\n');
    run.child.stdin!.end('second\n');
    expect((await run.ended()).stdout).toBe('first\nsecond\n');
  });

  test('is whole when there is much of it, while the log stays within its limit', async () => {
    const { stdout, outcome } = await record(['seq', '500000'], { logLimit: 1000 }).ended();
    expect(stdout.length).toBe(3_388_895);
    expect(outcome.stdout).toMatchObject({ size: 3_388_895, sha256: sha256(stdout) });
    expect(outcome.log.length).toBeLessThanOrEqual(1000);
    expect(outcome.log).toMatch(/^1\n2\n[\s\S]*\[… \d+ of 3388895 bytes left out here …\][\s\S]*\n500000\n$/);
  });

  test('to a reader that goes away: the simulation learns it as ever, and the record is made', async () => {
    const { report, words } = recordingOf(sh('while echo line; do :; done'));
    const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const { stdout } = spawnSync('bash', ['-c', `${quoted} < /dev/null | head -n 1; echo \${PIPESTATUS[0]}`], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('line\n141\n');
    const { outcome } = JSON.parse(readFileSync(report, 'utf8').trim().split('\n').at(-1)!);
    expect(outcome).toMatchObject({ signal: 'SIGPIPE', status: 'failed' });
    expect(outcome.notes).toContainEqual(expect.stringContaining('its reader has gone'));
  });

  test('is in the log in the order in which it came, also where stdout is read slowly', async () => {
    // 70,000 bytes are more than the reader's pipe holds: some wait for it while the rest comes.
    const { report, words } = recordingOf(
      sh('head -c 70000 /dev/zero | tr "\\0" x; echo; echo out; echo err >&2; sleep 0.3; echo more; touch printed'),
      { logLimit: 100_000 },
    );
    const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    spawnSync(
      'bash',
      ['-c', `${quoted} < /dev/null 2> err | { until test -e printed; do sleep 0.01; done; cat > out; }`],
      {
        cwd: emptyFolder(),
      },
    );
    const { outcome } = eventsIn(report).at(-1)!;
    expect(outcome.log.replace(/^x+/, '')).toBe('\nout\nerr\nmore\n');
  });

  test('goes to our stderr with --json', async () => {
    const { stdout, stderr, outcome } = await record(sh('echo out'), { json: true }).ended();
    expect([stdout, stderr, outcome.stdoutText]).toEqual(['', 'out\n', 'out\n']);
  });

  test("goes into --stdout's file as by the shell's >", async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'result'), 'older and much longer\n');
    const { stdout, stderr, outcome } = await record(
      sh('echo out; echo err >&2; test -f /dev/stdout'),
      { stdout: 'result' },
      { cwd },
    ).ended();
    expect(readFileSync(join(cwd, 'result'), 'utf8')).toBe('out\n');
    expect([stdout, stderr, outcome.exitCode, outcome.log, outcome.stdout]).toEqual(['', 'err\n', 0, 'err\n', null]);
    const { problem } = await record(sh('touch ran'), { stdout: 'no/such/folder' }, { cwd }).ended();
    expect(problem).toMatchObject({ problem: 'NOT_FOUND' });
    expect(readdirSync(cwd)).toEqual(['result']);
  });
});

describe('what it reads', () => {
  test('a pipe: passed through and hashed', async () => {
    const input = 'x'.repeat(300_000);
    const { stdout, outcome } = await record(['cat'], {}, { input }).ended();
    expect(stdout).toBe(input);
    expect(outcome.stdin).toEqual({ sha256: sha256(input), size: 300_000 });
    expect(outcome.notes).toEqual([]);
  });

  test('only what it took of a pipe counts, and what was taken in vain is said', async () => {
    const half = await record(['head', '-c', '3'], {}, { input: 'abcdef' }).ended();
    expect(half.outcome.stdin).toEqual({ sha256: sha256('abc'), size: 3 });
    const none = await record(['true'], {}, { input: 'abcdef' }).ended();
    expect(none.outcome.stdin).toBeNull();
    const some = await record(['dd', 'bs=1', 'count=2'], {}, { input: 'abcdef' }).ended();
    expect(some.outcome.stdin).toEqual({ sha256: sha256('ab'), size: 2 });
    expect(some.outcome.notes).toContainEqual(expect.stringContaining('4 bytes of standard input'));
  });

  test('an open pipe in which nothing comes does not hold up a run that does not read it', async () => {
    const run = record(['true'], {}, { stdin: 'pipe' });
    const { outcome, code } = await run.ended();
    expect([code, outcome.stdin, outcome.notes]).toEqual([0, null, []]);
  });

  test('a file: a real one for the simulation, and only what it read', async () => {
    const path = join(emptyFolder(), 'list');
    writeFileSync(path, 'one\ntwo\nthree\n');
    const { report, words } = recordingOf(sh('read -r a; test -f /dev/stdin'));
    const quoted = words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const loop = `{ read -r first; ${quoted}; read -r third; echo "$first $third"; } < ${path}`;
    // The loop around us goes on where the simulation left off.
    expect(spawnSync('bash', ['-c', loop], { encoding: 'utf8' }).stdout).toBe('one three\n');
    const { outcome } = JSON.parse(readFileSync(report, 'utf8').trim().split('\n').at(-1)!);
    expect(outcome).toMatchObject({ exitCode: 0, stdin: { sha256: sha256('two\n'), size: 4 } });
  });

  test('a file that it does not read is no input', async () => {
    const path = join(emptyFolder(), 'list');
    writeFileSync(path, 'one\n');
    const descriptor = openSync(path, 'r');
    expect((await record(['true'], {}, { stdin: descriptor }).ended()).outcome.stdin).toBeNull();
    closeSync(descriptor);
  });

  test.skipIf(process.platform !== 'linux')(
    "an engine's program takes all of a file, and a loop over it goes on; a note says so",
    async () => {
      const cwd = emptyFolder();
      writeFileSync(join(cwd, 'list'), 'one\ntwo\nthree\n');
      const { report, words } = recordingOf(['cat'], { engine: true });
      const shell = 'while read -r line; do echo "at $line"; "$@"; done < list';
      const looped = spawnSync('bash', ['-c', shell, 'bash', ...words], { cwd, encoding: 'utf8' });
      expect(looped.stdout).toBe('at one\ntwo\nthree\nat two\nthree\nat three\n');
      const outcomes = eventsIn(report).flatMap(event => ('outcome' in event ? [event.outcome] : []));
      expect(outcomes.map(({ stdin }) => stdin)).toEqual([
        { sha256: sha256('two\nthree\n'), size: 10 },
        { sha256: sha256('three\n'), size: 6 },
        null,
      ]);
      const said = (size: number) =>
        `its container was given ${size} bytes of standard input; whether it read them is not known. In a loop, give \`< /dev/null\``;
      expect(outcomes.map(({ notes }) => notes)).toEqual([[said(10)], [said(6)], []]);
      const piped = await record(['cat'], { engine: true }, { input: 'abc' }).ended();
      expect(piped).toMatchObject({ stdout: 'abc', outcome: { stdin: { size: 3 }, notes: [said(3)] } });
    },
  );

  test('--stdin FILE: all of it, whatever comes on our own', async () => {
    const cwd = emptyFolder();
    writeFileSync(join(cwd, 'deck'), 'card\n'.repeat(1000));
    const { stdout, outcome } = await record(['head', '-n', '1'], { stdin: 'deck' }, { cwd, input: 'other' }).ended();
    expect(stdout).toBe('card\n');
    expect(outcome.stdin).toEqual({ sha256: sha256('card\n'.repeat(1000)), size: 5000 });
    mkdirSync(join(cwd, 'folder'));
    expect((await record(['cat'], { stdin: 'missing' }, { cwd }).ended()).problem).toMatchObject({
      problem: 'NOT_FOUND',
    });
    expect((await record(['cat'], { stdin: 'folder' }, { cwd }).ended()).problem).toMatchObject({
      problem: 'UNREADABLE',
    });
  });
});

describe('signals', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s at us reaches the whole group, once, and cancels',
    async signal => {
      const cwd = emptyFolder();
      const name = signal.slice(3);
      const inner = `trap "echo child >> got; exit" ${name}; echo $$ > child; while :; do sleep 0.05; done`;
      const script = `trap "echo parent >> got" ${name}; sh -c '${inner}'; exit 5`;
      const run = record(sh(script), {}, { cwd });
      const child = Number(
        await until(() => readdirSync(cwd).includes('child') && readFileSync(join(cwd, 'child'), 'utf8').trim()),
      );
      await run.seen('pid');
      run.child.kill(signal);
      const { code, outcome } = await run.ended();
      const got = readFileSync(join(cwd, 'got'), 'utf8').trim().split('\n').sort();
      expect(got).toEqual(['child', 'parent']);
      expect(outcome).toMatchObject({ exitCode: 5, cancelled: { by: 'signal', signal }, status: 'cancelled' });
      expect(code).toBe(5);
      expect(runs(child)).toBe(false);
    },
  );

  test('a simulation that makes a good end of Ctrl-C was cancelled all the same', async () => {
    const run = record(sh('trap "exit 0" INT; echo ready; while :; do sleep 0.05; done'));
    await new Promise(fulfil => run.child.stdout!.once('data', fulfil));
    run.child.kill('SIGINT');
    expect((await run.ended()).outcome).toMatchObject({ exitCode: 0, status: 'cancelled' });
  });

  test('SIGUSR1 is passed on and means nothing to us', async () => {
    const run = record(sh('trap "echo checkpoint; exit 0" USR1; echo ready; while :; do sleep 0.05; done'));
    await new Promise(fulfil => run.child.stdout!.once('data', fulfil));
    run.child.kill('SIGUSR1');
    expect(await run.ended()).toMatchObject({
      code: 0,
      stdout: 'ready\ncheckpoint\n',
      outcome: { status: 'finished' },
    });
  });

  test('under nohup a hang-up is not passed on', async () => {
    const { report, words } = recordingOf(sh('echo ready; sleep 0.5; echo done'));
    // As nohup does it when its standard input is a terminal.
    const script = `"$@" 0>/dev/null > out & until grep -qs ready out; do sleep 0.05; done; kill -HUP $!; wait; cat out`;
    const { stdout } = spawnSync('sh', ['-c', script, 'sh', ...words], { encoding: 'utf8', cwd: emptyFolder() });
    expect(stdout).toBe('ready\ndone\n');
    expect(readFileSync(report, 'utf8')).toContain('"status":"finished"');
  });

  test('time runs out: 124, and nobody survives, not even who is deaf or in a group of his own', async () => {
    const cwd = emptyFolder();
    const script = `trap "" TERM; (trap "" TERM; set -m; sleep 1000 & echo $! > own; wait) & sleep 1000`;
    const { code, outcome } = await record(['bash', '-c', script], { timeout: 700 }, { cwd }).ended();
    expect(code).toBe(124);
    expect(outcome).toMatchObject({ signal: 'SIGKILL', cancelled: { by: 'timeout' }, status: 'cancelled' });
    expect(runs(Number(readFileSync(join(cwd, 'own'), 'utf8')))).toBe(false);
  });
});

describe('what it leaves behind', () => {
  test('a process in the background is ended, though it holds the output', async () => {
    const cwd = emptyFolder();
    const { code, outcome } = await record(sh('sleep 1000 & echo $! > left; exit 4'), {}, { cwd }).ended();
    expect(code).toBe(4);
    expect(outcome.status).toBe('failed');
    expect(outcome.notes).toEqual(['1 process that it left running had to be ended']);
    expect(runs(Number(readFileSync(join(cwd, 'left'), 'utf8')))).toBe(false);
  });

  test('one that ends by itself within a moment is left to it', async () => {
    const { stdout, outcome } = await record(sh('(sleep 0.05; echo late) & exit 0')).ended();
    expect(stdout).toBe('late\n');
    expect(outcome.notes).toEqual([]);
  });

  test('one that made itself a daemon is left alone, does not hold us up, and is said', async () => {
    const cwd = emptyFolder();
    const { outcome } = await record(
      sh('setsid sh -c "echo \\$\\$ > left; exec sleep 1000" & while ! test -s left; do sleep 0.02; done'),
      {},
      { cwd },
    ).ended();
    const pid = Number(readFileSync(join(cwd, 'left'), 'utf8'));
    expect(runs(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
    expect(outcome.notes).toContainEqual(expect.stringContaining('outlives it'));
  });
});

describe('pauses', () => {
  test('SIGTSTP stops the whole group, SIGCONT continues it, and both are told in order', async () => {
    const run = record(sh('sh -c "while :; do sleep 0.05; done" & while test ! -e go; do sleep 0.05; done; kill $!'));
    const pid = await run.seen('pid');
    run.child.kill('SIGTSTP');
    await until(() => run.states().includes('paused'));
    // The signal is sent; the kernel stops it when it is its turn.
    await until(() => / T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
    run.child.kill('SIGCONT');
    await until(() => run.states().length === 2);
    run.child.kill('SIGTERM');
    const { outcome } = await run.ended();
    expect(run.states()).toEqual(['paused', 'started']);
    expect(outcome.status).toBe('cancelled');
  });

  test('a simulation that stops itself is seen', async () => {
    const run = record(sh('kill -STOP $$; echo again'));
    await until(() => run.states().includes('paused'));
    run.child.kill('SIGCONT');
    const { stdout, code } = await run.ended();
    expect([stdout, code, run.states()]).toEqual(['again\n', 0, ['paused', 'started']]);
  });
});

describe.skipIf(process.platform !== 'linux')('what it used (measured under Linux only)', () => {
  test('processor time and memory, of the whole tree', async () => {
    const work =
      'const a = Buffer.alloc(150e6, 1); const end = process.cpuUsage().user + 400e3; while (process.cpuUsage().user < end);';
    const { outcome } = await record(sh(`'${process.execPath}' -e '${work}'; true`)).ended();
    const { cpuSeconds, peakMemoryBytes, notes } = outcome.resources;
    expect(cpuSeconds).toBeGreaterThan(0.39);
    expect(cpuSeconds).toBeLessThan(outcome.durationSeconds * 4);
    expect(peakMemoryBytes).toBeGreaterThan(150e6);
    // Processor time is exact, memory is what was seen.
    expect(notes).toEqual([expect.stringContaining('peak_memory_bytes is what was seen')]);
  });

  test('no processor time of others', async () => {
    const { outcome } = await record(['sleep', '0.3']).ended();
    expect(outcome.resources.cpuSeconds).toBeLessThan(0.1);
  });
});
