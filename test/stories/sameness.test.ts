import { describe, expect, test } from 'vitest';
import { type ShownRecord, scientist } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

interface Compared {
  source: string;
  inputs: string;
  outputs: string;
  assessment: string;
  proposition: string;
  same: boolean;
}

const files = { ...simulation, 'corroborate.yml': configured };

describe('when two runs are the same', () => {
  test('another seed is another input and not another source', async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    ada.write('default.param', 'seed=2\nn=10\n');
    const uncommitted = await ada.records(...simulate);
    ada.commit('another seed');
    const committed = await ada.records(...simulate);
    for (const other of [uncommitted, committed]) {
      expect(other.program.source).toBe(first.program.source);
      expect(other.image).toBe(first.image);
      expect(await ada.asks<Compared>('compare', other.id, first.id)).toMatchObject({
        source: 'same',
        inputs: 'different',
        outputs: 'different',
        assessment: 'unknown',
        proposition: 'non-reproduced',
      });
    }
    expect(uncommitted.program.version_control.dirty).toBe(false);
    expect(committed.program.version_control.commit).not.toBe(first.program.version_control.commit);
  });

  test('a helper module that nobody committed is another source, and source.patch brings it back', async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    ada.write('model.sh', ada.read('model.sh').replace('16807', '48271'));
    const changed = await ada.records(...simulate);
    expect(changed.program.source).not.toBe(first.program.source);
    expect(changed.image).not.toBe(first.image);
    expect([first, changed].map(({ program }) => program.version_control.dirty)).toEqual([false, true]);
    expect(await ada.asks<Compared>('compare', changed.id, first.id)).toMatchObject({
      source: 'different',
      inputs: 'same',
      outputs: 'different',
      assessment: 'unknown',
    });
    expect(ada.git('ls-tree', '--name-only', `records:${first.path}`)).not.toContain('source.patch');
    // In a fresh checkout of the commit, the patch gives the same source again.
    ada.write('../source.patch', ada.onBranch(`${changed.path}/source.patch`));
    ada.git('checkout', '-q', '--', '.');
    expect((await ada.records(...simulate)).program.source).toBe(first.program.source);
    ada.git('apply', '../source.patch');
    const back = await ada.records(...simulate);
    expect(back.program.source).toBe(changed.program.source);
    expect(back.image).toBe(changed.image);
    expect(await ada.asks<Compared>('compare', back.id, changed.id)).toMatchObject({ assessment: 'repeatable' });
  });

  test('where nothing is configured, a comparison names the line that makes a parameter file an input', async () => {
    await using ada = await scientist('ada');
    ada.write('simulate.sh', '. ./model.sh\n. ./default.param\nmkdir -p Data\ndraw "$seed" "$n" > Data/result.txt\n');
    ada.commit();
    const first = await ada.records('sh', 'simulate.sh');
    ada.write('default.param', 'seed=2\nn=10\n');
    const second = await ada.records('sh', 'simulate.sh');
    expect(second.program.source).not.toBe(first.program.source);
    const said = await ada.does('compare', second.id, first.id);
    const line = "inputs: ['*.param']";
    // As it is read: a view may break its lines anywhere.
    const words = `${said.stdout}${said.stderr}`.replace(/\s+/g, ' ');
    expect(words).toContain(line);
    expect(words).toContain('corroborate.yml');
    // With that line it is so.
    ada.write('corroborate.yml', `${line}\n`);
    const third = await ada.records('sh', 'simulate.sh');
    ada.git('checkout', '-q', '--', 'default.param');
    const fourth = await ada.records('sh', 'simulate.sh');
    const compared = await ada.does('compare', fourth.id, third.id, '--json');
    expect(JSON.parse(compared.stdout)).toMatchObject({ source: 'same', inputs: 'different' });
    expect(compared.stderr).not.toContain(line);
  });

  test('arguments, stdin and asked-for variables are inputs too', async () => {
    await using ada = await scientist('ada', {
      files: { 'say.sh': 'cat > /dev/null; echo same > out.txt\n', in1: '1', in2: '2' },
    });
    const run = async (words: string[], environment = {}) => {
      const said = await ada.start(['run', '--json', '--env', 'THREADS', ...words], { environment }).done;
      return JSON.parse(said.stdout) as ShownRecord;
    };
    const base = await run(['--stdin', 'in1', 'sh', 'say.sh', 'x']);
    expect(base.program.stdin).toMatchObject({ size: 1 });
    expect(base.program.environment).toEqual({ THREADS: null });
    const others = [
      await run(['--stdin', 'in2', 'sh', 'say.sh', 'x']),
      await run(['--stdin', 'in1', 'sh', 'say.sh', 'y']),
      await run(['--stdin', 'in1', 'sh', 'say.sh', 'x'], { THREADS: '4' }),
    ];
    for (const other of others) {
      expect(await ada.asks<Compared>('compare', other.id, base.id)).toMatchObject({
        source: 'same',
        inputs: 'different',
        outputs: 'same',
        assessment: 'reproducible',
      });
    }
    const again = await run(['--stdin', 'in1', 'sh', 'say.sh', 'x']);
    expect(await ada.asks<Compared>('compare', again.id, base.id)).toMatchObject({ assessment: 'repeatable' });
  });

  test('corroborate.yml and .github are no source', async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    ada.write('corroborate.yml', `${configured}goals: another goal\n`);
    ada.write('.github/workflows/ci.yml', 'on: push\n');
    ada.commit();
    expect((await ada.records(...simulate)).program.source).toBe(first.program.source);
  });

  test('what is edited between the reading of the source and the start of the run is told', async () => {
    await using ada = await scientist('ada', { files: { 'main.sh': 'cat note; echo 1 > o\n', note: 'one\n' } });
    // Somebody saves a file in the very moment after git has looked at it.
    ada.write(
      '../bin/git',
      `#!/bin/sh
PATH="$OWN_PATH" git "$@"; code=$?
case "$*" in *diff-files*) [ -n "$EDIT" ] && echo two > "$EDIT";; esac
exit $code
`,
      0o755,
    );
    const runs = async (edit: string) => {
      const PATH = `${ada.at('../bin')}:${process.env.PATH}`;
      const environment = { PATH, OWN_PATH: process.env.PATH, EDIT: edit };
      const { stdout } = await ada.start(['run', '--json', 'sh', 'main.sh'], { environment }).done;
      const { program, notes } = JSON.parse(stdout) as ShownRecord;
      return { source: program.source, late: notes.filter(note => note.includes('right before the start')) };
    };
    const untouched = await runs('');
    expect(untouched.late).toEqual([]);
    expect(await runs(ada.at('note'))).toEqual({
      source: untouched.source,
      late: [expect.stringMatching(/the run as they were after: note$/)],
    });
    // From then on it is as it is on disk.
    const edited = await runs('');
    expect(edited.late).toEqual([]);
    expect(edited.source).not.toBe(untouched.source);
  });
});
