import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Scientist,
  type ShownRecord,
  type ShownRequest,
  scientist,
  sharedRepository,
} from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

const propositions = ['repeated', 'reproduced', 'non-repeated', 'non-reproduced'] as const;

/** Records of every cell of Table 1, each against `base`; the simulation writes what `result` says. */
const files = {
  'simulate.sh': '. ./model.sh\nmkdir -p Data\n. "./$1"\necho "$value" > Data/result.txt\n',
  'model.sh': '# version 1\n',
  'default.param': 'value=1\n',
  'corroborate.yml': configured,
};

describe('what Table 1 allows to be claimed', () => {
  let ada: Scientist;
  const records: { [cell: string]: ShownRecord } = {};
  beforeAll(async () => {
    ada = await scientist('ada', { files });
    records.base = await ada.records(...simulate);
    records['same and same, same'] = await ada.records(...simulate);
    ada.write('default.param', 'value=1 # the same\n');
    records['same and different, same'] = await ada.records(...simulate);
    ada.write('default.param', 'value=2\n');
    records['same and different, different'] = await ada.records(...simulate);
    ada.git('checkout', '-q', '.');
    ada.write('model.sh', '# version 2\n');
    records['different and same, same'] = await ada.records(...simulate);
    ada.write('default.param', 'value=1 # the same\n');
    records['different and different, same'] = await ada.records(...simulate);
    ada.write('default.param', 'value=2\n');
    records['different and different, different'] = await ada.records(...simulate);
    ada.git('checkout', '-q', '.');
    ada.write('simulate.sh', 'mkdir -p Data\necho 3 > Data/result.txt\n');
    records['different and same, different'] = await ada.records(...simulate);
    ada.git('checkout', '-q', '.');
    // The same source and inputs with other outputs: a simulation that is not deterministic.
    ada.write('simulate.sh', 'mkdir -p Data\ncat /proc/sys/kernel/random/uuid > Data/result.txt\n');
    records.random = await ada.records(...simulate);
    records['same and same, different'] = await ada.records(...simulate);
  });
  afterAll(async () => ada?.[Symbol.asyncDispose]());

  const cells: readonly (readonly [string, (typeof propositions)[number]])[] = [
    ['same and same, same', 'repeated'],
    ['same and different, same', 'reproduced'],
    ['different and same, same', 'reproduced'],
    ['different and different, same', 'reproduced'],
    ['same and same, different', 'non-repeated'],
    ['same and different, different', 'non-reproduced'],
    ['different and same, different', 'non-reproduced'],
    ['different and different, different', 'non-reproduced'],
  ];

  test.each(cells)('%s: only "%s"', async (cell, allowed) => {
    const from = records[cell]!;
    const toward = cell === 'same and same, different' ? records.random! : records.base!;
    const observation = ['--observation', 'seen'];
    for (const proposition of propositions.filter(other => other !== allowed)) {
      const { code, stdout, stderr } = await ada.tries(
        'request',
        from.id,
        toward.id,
        '-p',
        proposition,
        ...observation,
      );
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`only "${allowed}" may be proposed, not "${proposition}"`);
      expect(stderr).toContain('Table 1');
    }
    expect(ada.git('branch', '--list', 'diffs/*')).toBe('');
    if (allowed === 'non-reproduced') {
      const { code, stderr } = await ada.tries('request', from.id, toward.id);
      expect([code, stderr]).toEqual([1, expect.stringContaining('needs an observation')]);
    }
    const request = await ada.requests(from.id, toward.id, ...observation);
    expect(request.proposition).toBe(allowed);
    expect(await ada.asks('check', request.id)).toMatchObject({ verdict: 'holds' });
    ada.git('branch', '-q', '-D', request.branch);
  });

  test('a run that failed, and one without outputs, cannot be compared', async () => {
    ada.git('checkout', '-q', '.');
    const failed = await ada.tries('run', '--json', 'sh', '-c', 'echo x > Data/x; exit 3');
    const empty = await ada.records('true');
    for (const [id, because] of [
      [(JSON.parse(failed.stdout) as ShownRecord).id, 'its run is failed'],
      [empty.id, 'it has no outputs'],
    ] as const) {
      for (const words of [
        ['request', id, records.base!.id],
        ['compare', records.base!.id, id],
      ]) {
        const { code, stderr } = await ada.tries(...words);
        expect([code, stderr]).toEqual([1, expect.stringContaining(because)]);
      }
    }
  });

  test('a record is no claim about itself', async () => {
    const { code, stderr } = await ada.tries('request', records.base!.id, records.base!.id);
    expect([code, stderr]).toEqual([1, expect.stringContaining('cannot be compared with itself')]);
  });
});

describe('who may say what', () => {
  test('only the owner answers; the requester cannot, and cannot claim with what is not his', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const shared = await sharedRepository(ada);
    const hers = await ada.records(...simulate);
    await ada.does('push');
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('pull');
    const his = await grace.records(...simulate);

    // Ada's record is not Grace's to claim with.
    const claimed = await grace.tries('request', hers.id, his.id);
    expect([claimed.code, claimed.stderr]).toEqual([1, expect.stringContaining('belongs to Ada Lovelace')]);

    const request = await grace.requests(his.id, hers.id);
    for (const words of [
      ['agree', request.id],
      ['deny', request.id, '--reason', 'no'],
    ]) {
      const { code, stderr } = await grace.tries(...words);
      expect([code, stderr]).toEqual([1, expect.stringContaining('only Ada Lovelace')]);
    }
    expect(await grace.asks('requests')).toMatchObject([{ id: request.id, status: 'proposed' }]);
    await grace.does('push');

    await ada.does('pull');
    const noReason = await ada.tries('deny', request.id);
    expect([noReason.code, noReason.stderr]).toEqual([2, expect.stringContaining('--reason')]);
    await ada.does('agree', request.id);
    // An answer is for good.
    for (const words of [
      ['agree', request.id],
      ['deny', request.id, '--reason', 'no'],
    ]) {
      const { code, stderr } = await ada.tries(...words);
      expect([code, stderr]).toEqual([1, expect.stringContaining('was agreed already')]);
    }
    // The pair is settled, in either direction; with another method it is not.
    const again = await ada.tries('request', hers.id, his.id);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('already')]);
    const seen = await ada.requests(
      hers.id,
      his.id,
      '--method',
      'visual',
      '--observation',
      'the plots lie on each other',
    );
    expect(seen).toMatchObject({ diff: { method: 'visual', observation: 'the plots lie on each other' } });
  });

  test('numeric ids count, not names', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const be = (login: string, id: string) => {
      ada.git('config', 'corroborate.login', login);
      ada.git('config', 'corroborate.id', id);
    };
    be('ada', '1815');
    const first = await ada.records(...simulate);
    expect(first.owner).toEqual({ login: 'ada', id: 1815 });
    const second = await ada.records(...simulate);
    const request = await ada.requests(second.id, first.id);
    be('ada', '1906');
    const { code, stderr } = await ada.tries('agree', request.id);
    expect([code, stderr]).toEqual([1, expect.stringContaining('only ada')]);
    be('lovelace', '1815');
    expect(await ada.asks<ShownRequest>('agree', request.id)).toMatchObject({
      answer: { by: { login: 'lovelace', id: 1815 } },
    });
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
    expect(await ada.asks('report')).toMatchObject({ counts: { people: 1, independent: 0 } });
  });

  test("GitHub's own author address tells login and id", async () => {
    await using ada = await scientist('ada', { files: simulation });
    ada.git('config', 'user.email', '1815+ada@users.noreply.github.com');
    expect((await ada.records(...simulate)).owner).toEqual({ login: 'ada', id: 1815 });
  });

  test('what was seen by eye is the requester’s word, and the report says so', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const first = await ada.records(...simulate);
    ada.write('default.param', 'seed=2\nn=10\n');
    const second = await ada.records(...simulate);
    const silent = await ada.tries('request', second.id, first.id, '-m', 'visual', '-p', 'reproduced');
    expect([silent.code, silent.stderr]).toEqual([1, expect.stringContaining('observation')]);
    const request = await ada.requests(
      second.id,
      first.id,
      '-m',
      'visual',
      '-p',
      'reproduced',
      '--observation',
      'alike',
    );
    const checked = await ada.tries('check', request.id, '--json');
    expect(checked.code).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({ verdict: 'attested' });
    await ada.does('agree', request.id);
    expect(await ada.asks('report')).toMatchObject({
      property: 'reproducible',
      counts: { reproduced: 1, attested: 1 },
      pairs: [{ method: 'visual', attested: true, proposition: 'reproduced' }],
    });
    expect((await ada.does('report')).stdout).toContain("on the requester's word");
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test('denied: the request stays with its reason, and nothing else changes', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    const request = await ada.requests(second.id, first.id);
    const before = ada.git('rev-parse', 'records');
    const denied = await ada.asks<ShownRequest>('deny', request.id, '--reason', 'the same machine');
    expect(denied).toMatchObject({ status: 'denied', answer: { reason: 'the same machine', commit: request.commit } });
    expect(ada.git('diff', '--name-only', before, 'records')).toBe(
      `diffs/${request.id.slice(17, 19)}/${request.id.slice(19, 21)}/${request.id}.yml`,
    );
    expect(ada.git('rev-list', '--count', `${before}..records`)).toBe('1');
    const again = await ada.tries('request', second.id, first.id);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('was denied')]);
    expect(await ada.asks('check', request.id)).toMatchObject({ verdict: 'holds' });
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test('what arrives on a request branch is judged, whoever made it', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    const request = await ada.requests(second.id, first.id);
    const path = `diffs/${request.id.slice(17, 19)}/${request.id.slice(19, 21)}/${request.id}.yml`;
    const root = ada.git('rev-list', '--max-parents=0', 'records');
    const forge = (text: string, extra: { [path: string]: string } = {}) => {
      const environment = { GIT_INDEX_FILE: `${ada.folder}/index` };
      ada.gitWith({ environment }, 'read-tree', root);
      for (const [name, content] of Object.entries({ [path]: text, ...extra })) {
        const blob = ada.gitWith({ input: content }, 'hash-object', '-w', '--stdin').trim();
        ada.gitWith({ environment }, 'update-index', '--add', '--cacheinfo', `100644,${blob},${name}`);
      }
      const tree = ada.gitWith({ environment }, 'write-tree').trim();
      ada.git('update-ref', `refs/heads/${request.branch}`, ada.git('commit-tree', tree, '-p', root, '-m', 'forged'));
    };
    const valid = ada.onBranch(path, request.branch);
    const answer = `answer:\n  by:\n    name: Ada Lovelace\n    email: ada@example.org\n  at: 2026-11-22T09:25:30.412Z\n  reason: null\n  commit: ${root}`;
    const forgeries: [string, string, { [path: string]: string }?][] = [
      ['schema', valid.replace('status: proposed', 'status: agreed')],
      ['proposed', valid.replace('status: proposed', 'status: agreed').replace('answer: null', answer)],
      ['sender', valid.replace(/(sender:\n.*\n.*email: )ada@/, '$1grace@')],
      ['method', valid.replace('identical: true', 'identical: false')],
      ['table-1', valid.replace('proposition: repeated', 'proposition: reproduced')],
      ['schema', valid.replace('run: null', 'run: null\nmore: 1')],
      ['records', valid.replace(`toward: ${first.id}`, `toward: ${first.id.slice(0, -10)}0000000000`)],
      ['layout', valid, { 'records/x.yml': 'x' }],
      ['layout', valid, { 'project.yml': 'x' }],
      ['layout', valid, { [`${second.path}/outputs/more`]: 'x' }],
    ];
    for (const [rule, text, extra] of forgeries) {
      forge(text, extra);
      const { code, stdout } = await ada.tries('check', request.id, '--json');
      expect(code).toBe(1);
      const { verdict, findings } = JSON.parse(stdout) as { verdict: string; findings: { rule: string; is: string }[] };
      expect(verdict).toBe('broken');
      expect(findings.filter(({ is }) => is === 'broken').map(finding => finding.rule)).toContain(rule);
      const agreed = await ada.tries('agree', request.id);
      expect(agreed.code).toBe(1);
    }
    forge(valid);
    expect(await ada.asks('check', request.id)).toMatchObject({ verdict: 'holds' });
  });
});
