import { existsSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';
import { until } from '../support/until.ts';

/** Writes what it is told, in the folder that it is run in. */
const files = {
  'run.sh': 'mkdir -p out; cat "$1" > out/result; touch ../began-$2; while [ -e ../hold-$2 ]; do sleep 0.05; done\n',
  'a.param': 'a\n',
  'b.param': 'b\n',
  'corroborate.yml': "inputs: ['*.param']\n",
};

function outputOf(of: Scientist, { path }: ShownRecord): string {
  return of.onBranch(`${path}/outputs/out/result`);
}

describe('many runs at once', () => {
  test('a second run in one directory is refused, and isolated it takes nothing of the first', async () => {
    await using ada = await scientist('ada', { files });
    ada.write('../hold-1', '');
    const going = ada.start(['run', '--json', 'sh', 'run.sh', 'a.param', '1']);
    await until(() => existsSync(ada.at('../began-1')));
    const refused = await ada.tries('run', 'sh', 'run.sh', 'b.param', '2');
    expect(refused.code).toBe(125);
    expect(refused.stderr).toContain('--isolate');
    expect(refused.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(ada.at('../began-2'))).toBe(false);

    const second = JSON.parse(
      (await ada.does('run', '--isolate', '--json', '--', 'sh', 'run.sh', 'b.param', '/../../../../began')).stdout,
    ) as ShownRecord;
    expect(second.status).toBe('finished');
    expect(second.outputs.map(({ path }) => path)).toEqual(['out/result']);
    expect(outputOf(ada, second)).toBe('b\n');
    expect(ada.read('out/result')).toBe('a\n');

    rmSync(ada.at('../hold-1'));
    const first = JSON.parse((await going.done).stdout) as ShownRecord;
    expect(first.outputs.map(({ path }) => path)).toEqual(['out/result']);
    expect(outputOf(ada, first)).toBe('a\n');
    // The same program, wherever it ran.
    expect(second.program.source).toBe(first.program.source);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
  });

  test('runs that declare outputs apart may go on side by side', async () => {
    await using ada = await scientist('ada', {
      files: {
        'run.sh': 'mkdir -p $1; touch ../began-$1; while [ -e ../hold ]; do sleep 0.05; done; echo $1 > $1/result\n',
      },
    });
    ada.write('../hold', '');
    const names = ['one', 'two'];
    const going = names.map(name => ada.start(['run', '--json', '--output', `${name}/**`, 'sh', 'run.sh', name]));
    await until(() => names.every(name => existsSync(ada.at(`../began-${name}`))));
    rmSync(ada.at('../hold'));
    const records = (await Promise.all(going.map(({ done }) => done))).map(
      ({ stdout }) => JSON.parse(stdout) as ShownRecord,
    );
    expect(records.map(({ outputs }) => outputs.map(({ path }) => path))).toEqual([['one/result'], ['two/result']]);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
  });

  test('answers, requests and runs at the same moment: each is done once', async () => {
    await using ada = await scientist('ada', { files: { 'run.sh': 'echo 1 > result.txt\n' } });
    const records: ShownRecord[] = [];
    for (let run = 0; run < 4; run++) records.push(await ada.records('sh', 'run.sh'));
    const [first, ...others] = records as [ShownRecord, ...ShownRecord[]];
    const requests = await Promise.all(others.map(({ id }) => ada.requests(id, first.id)));
    const answers = requests.flatMap(({ id }) => [ada.tries('agree', id), ada.tries('deny', id, '--reason', 'no')]);
    const runs = [1, 2].map(() => ada.records('--isolate', 'sh', 'run.sh'));
    const codes = (await Promise.all(answers)).map(({ code }) => code);
    // Of two answers to one request one is refused.
    for (const index of requests.keys()) expect(codes.slice(2 * index, 2 * index + 2).toSorted()).toEqual([0, 1]);
    await Promise.all(runs);
    expect(ada.git('branch', '--list', 'diffs/*')).toBe('');
    expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 6, problems: [] });
    const agreed = codes.filter((code, index) => code === 0 && index % 2 === 0).length;
    expect(await ada.asks('report')).toMatchObject({ counts: { repeated: agreed } });
  });

  // CORROBORATE_MANY=16x10 is what the promise says; fewer are enough to see that none is lost.
  const [processes, each] = (process.env.CORROBORATE_MANY ?? '6x2').split('x').map(Number) as [number, number];
  test(`${processes} processes that record ${each} runs each lose none`, { timeout: 600_000 }, async () => {
    await using ada = await scientist('ada', { files: { 'run.sh': 'echo "$1" > result.txt\n' } });
    const all = await Promise.all(
      Array.from({ length: processes }, async (_, process) => {
        const records: ShownRecord[] = [];
        for (let run = 0; run < each; run++) {
          records.push(await ada.records('--isolate', 'sh', 'run.sh', `${process} ${run}`));
        }
        return records;
      }),
    );
    const records = all.flat();
    expect(new Set(records.map(({ id }) => id)).size).toBe(processes * each);
    for (const record of records) {
      expect(ada.onBranch(`${record.path}/outputs/result.txt`)).toBe(`${record.program.command[2]}\n`);
    }
    expect(await ada.lists()).toHaveLength(processes * each);
    expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: processes * each, problems: [] });
    expect(ada.git('status', '--porcelain')).toBe('');
  });
});
