import { spawn, spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dependenciesOfTrace, readTrace, traceCommand, whyNotTraced } from '../../../src/machine/dependencies/trace.ts';
import { python } from './pythons.ts';
import { workplace } from './watched-run.ts';

const reason = await whyNotTraced(process.env);
if (reason) console.log(`${reason} Its tests are passed over.`);

describe.skipIf(reason !== null)('a traced run', () => {
  async function traced(place: ReturnType<typeof workplace>, command: readonly string[]) {
    const file = join(place.folder, '../trace');
    const ended = await place.bare(traceCommand(command, file));
    const trace = await readTrace(file, place.folder);
    const inTree = (files: readonly string[]) =>
      files.filter(it => it.startsWith(`${place.folder}/`)).map(it => it.slice(place.folder.length + 1));
    return {
      ...ended,
      trace,
      read: inTree(trace.read),
      written: inTree(trace.written),
      executed: inTree(trace.executed),
    };
  }

  test('tells what was read, written and executed, in whatever folder, under whatever name', async () => {
    using place = workplace();
    place.write('sub/a "b"\né \\x41<.txt', 'read me');
    place.write('sub/deeper/in.txt', 'in');
    place.write('unread.txt', '');
    place.write('target.txt', 'linked');
    symlinkSync('target.txt', join(place.folder, 'link.txt'));
    place.write('sub/run', '#!/bin/sh\ncat deeper/in.txt > out.txt\n', 0o755);
    place.write(
      'main.sh',
      'cat link.txt\ncd sub\ncat a*\n(cd deeper && cat in.txt && cd ../.. && echo 1 > top.txt)\n./run\n' +
        'echo 1 > temporary; mv temporary final; echo 1 > gone; rm gone; cat final missing\n' +
        'mkdir d; echo 1 > d/x; mv d e\nexit 3\n',
    );
    const result = await traced(place, ['sh', 'main.sh']);
    expect(result.code).toBe(3);
    expect(result.stdout).toBe('linkedread mein1\n');
    expect(result.read).toEqual(['main.sh', 'sub/a "b"\né \\x41<.txt', 'sub/deeper/in.txt', 'sub/run', 'target.txt']);
    expect(result.written).toEqual(['sub/e/x', 'sub/final', 'sub/out.txt', 'top.txt']);
    expect(result.executed).toEqual(['sub/run']);
    expect(result.trace.executed).toContain('/bin/sh');
    expect(result.trace.notes).toEqual([]);
  });

  test('names not in UTF-8, and inputs that were removed, leave notes', async () => {
    using place = workplace();
    place.write('input.txt', '');
    const result = await traced(place, ['sh', '-c', 'echo 1 > "$(printf "a\\377")"; cat input.txt; rm input.txt']);
    expect(result.trace.notes).toEqual([expect.stringContaining('input.txt'), expect.stringContaining('not UTF-8')]);
  });

  test.each(['TERM', 'KILL', 'SEGV', 'INT'])(
    'a simulation that dies by SIG%s does so under the trace',
    async signal => {
      using place = workplace();
      const { signal: seen } = await traced(place, ['sh', '-c', `kill -${signal} $$; sleep 5`]);
      expect(seen).toBe(`SIG${signal}`);
    },
  );

  test('a signal to the process group is the simulation’s to answer', async () => {
    using place = workplace();
    const [program, ...words] = traceCommand(
      ['sh', '-c', 'trap "echo told; exit 9" INT; echo ready; while :; do sleep 0.1; done'],
      join(place.folder, '../trace'),
    );
    const child = spawn(program!, words, { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (stdout === '') process.kill(-child.pid!, constants.signals.SIGINT);
      stdout += chunk;
    });
    const code = await new Promise(resolve => child.on('close', resolve));
    expect([code, stdout]).toEqual([9, 'ready\ntold\n']);
  });

  test.skipIf(!python)('every file is a package’s, or nobody’s', async () => {
    using place = workplace();
    place.write('helper.py', '');
    place.write('main.py', 'import helper, json\nopen("data.txt").read()\n');
    place.write('data.txt', '');
    const program = spawnSync(python!, ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).stdout.trim();
    const { code, trace } = await traced(place, [
      program,
      '-I',
      '-c',
      'import sys; sys.path.insert(0, "."); exec(open("main.py").read())',
    ]);
    expect(code).toBe(0);
    const { dependencies, unowned } = await dependenciesOfTrace(trace, process.env);
    expect(unowned.filter(it => it.startsWith(place.folder))).toEqual(
      ['data.txt', 'helper.py', 'main.py'].map(name => join(place.folder, name)),
    );
    expect(dependencies.length).toBeGreaterThan(0);
  });
});

test('an older strace, which escapes by octal digits and does not say where a descriptor points', async () => {
  using place = workplace();
  place.write('sub/in\n.txt', '');
  place.write('sub/out.txt', '');
  const file = place.write(
    'trace',
    [
      '10 execve("/bin/sh", ["sh"], 0x7ffe /* 3 vars */) = 0',
      '10 chdir("sub") = 0',
      '10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD <unfinished ...>',
      '11 openat(AT_FDCWD, "in\\n.txt", O_RDONLY|O_CLOEXEC <unfinished ...>',
      '10 <... clone resumed>, child_tidptr=0x7f) = 11',
      '11 <... openat resumed>) = 3',
      '11 open("out.t\\170t", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4',
      '11 openat(AT_FDCWD, "nothing", O_RDONLY) = -1 ENOENT (No such file or directory)',
      '11 +++ exited with 0 +++',
      '',
    ].join('\n'),
  );
  expect(await readTrace(file, place.folder)).toEqual({
    read: [join(place.folder, 'sub/in\n.txt')],
    executed: ['/bin/sh'],
    written: [join(place.folder, 'sub/out.txt')],
    notes: [],
  });
});
