import { describe, expect, test } from 'vitest';
import { RecordsWorktree } from '../support/records-worktree.ts';
import { type ShownRecord, type ShownRequest, scientist, sharedRepository } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

interface Report {
  project: string;
  property: string;
  counts: { [name: string]: number };
  pairs: { [name: string]: unknown }[];
  records: number;
  containers: number;
}

const files = { ...simulation, 'corroborate.yml': configured };

describe('two people, two clones, one shared repository', () => {
  test('record, repeat, ask, agree: one corroboration more, seen by both', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    await ada.does('init', '--name', 'demo', '--goals', 'Draw n values');
    const hers = await ada.records(...simulate);
    expect(hers).toMatchObject({ status: 'finished', project: 'demo', owner: { name: 'Ada Lovelace' } });
    expect(hers.outputs.map(output => output.path)).toEqual(['Data/result.txt']);
    expect(hers.inputs.map(input => input.path)).toEqual(['default.param']);
    await ada.does('push');

    await using grace = await scientist('grace', { clones: shared });
    expect(await grace.asks('pull')).toMatchObject({ records: 'created' });
    const again = await grace.records(...simulate);
    expect(again.program.source).toBe(hers.program.source);
    expect(again.image).toBe(hers.image);
    expect(await grace.asks('compare', again.id, hers.id)).toMatchObject({
      source: 'same',
      inputs: 'same',
      outputs: 'same',
      assessment: 'repeatable',
      proposition: 'repeated',
    });
    const request = await grace.requests(again.id, hers.id, '--proposition', 'repeated');
    expect(request).toMatchObject({ status: 'proposed', answer: null, branch: `diffs/${request.id}`, run: null });
    // One commit on top of the root, that only adds the diff.
    expect(grace.git('rev-list', '--parents', '-1', request.branch).split(' ')).toHaveLength(2);
    expect(grace.git('rev-parse', `${request.branch}^`)).toBe(grace.git('rev-list', '--max-parents=0', 'records'));
    await grace.does('push');

    expect(await ada.asks('pull')).toMatchObject({ records: 'moved forward', requests: [request.id] });
    expect(await ada.asks<ShownRequest[]>('requests', '--status', 'proposed')).toMatchObject([{ id: request.id }]);
    expect(await ada.asks('check', request.id)).toMatchObject({ id: request.id, verdict: 'holds' });
    const agreed = await ada.asks<ShownRequest>('agree', request.id);
    expect(agreed).toMatchObject({
      status: 'agreed',
      answer: { by: { name: 'Ada Lovelace', email: 'ada@example.org' }, commit: request.commit, reason: null },
    });
    // One merge commit: the branch's tip and the request's own commit.
    expect(ada.git('rev-parse', 'records')).toBe(agreed.commit);
    expect(ada.git('rev-list', '--parents', '-1', 'records').split(' ')[2]).toBe(request.commit);
    expect(ada.git('branch', '--list', 'diffs/*')).toBe('');
    await ada.does('push');

    expect(await grace.asks('pull')).toMatchObject({ records: 'moved forward' });
    for (const person of [ada, grace]) {
      const report = await person.asks<Report>('report');
      expect(report).toMatchObject({
        project: 'demo',
        property: 'repeatable',
        counts: {
          repeated: 1,
          reproduced: 0,
          non_repeated: 0,
          non_reproduced: 0,
          independent: 1,
          attested: 0,
          people: 2,
        },
        records: 2,
        containers: 1,
      });
      expect(report.pairs).toEqual([
        {
          diff: request.id,
          from: again.id,
          toward: hers.id,
          proposition: 'repeated',
          method: 'default',
          independent: true,
          attested: false,
          agreed: agreed.answer!.at,
        },
      ]);
      expect(await person.asks('verify')).toEqual({ verdict: 'holds', records: 2, problems: [] });
      expect(await person.asks<ShownRequest[]>('requests', '--status', 'proposed')).toEqual([]);
      expect(person.git('branch', '--list', 'diffs/*')).toBe('');
    }
    expect(ada.onBranch('README.md')).toContain('repeatable');
  });

  test('both record before they exchange: the branches merge, histories by id, and both go on', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    await ada.does('push');
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('pull');

    // Each grows by a record of another source, and so by a container of its own.
    ada.write('model.sh', `${simulation['model.sh']}# ada\n`);
    const hers = await ada.records(...simulate);
    grace.write('model.sh', `${simulation['model.sh']}# grace\n`);
    const his = await grace.records(...simulate);
    await ada.does('push');
    // A push that finds the remote ahead pulls and merges first.
    await grace.does('push');
    expect(await ada.asks('pull')).toMatchObject({ records: 'moved forward' });
    expect(ada.git('rev-parse', 'records')).toBe(grace.git('rev-parse', 'records'));
    const ids = (await ada.lists()).map(record => record.id);
    expect(ids.toSorted()).toEqual([first.id, hers.id, his.id].sort());
    expect(ada.onBranch('history.yml').match(/^- id: /gm)).toHaveLength(3);
    expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 3, problems: [] });
  });

  test('an answered request stays so, whatever the other clone still thinks of it', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    await ada.does('push');
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('pull');
    const second = await grace.records(...simulate);
    const request = await grace.requests(second.id, first.id);
    await grace.does('push');
    await ada.does('pull');
    await ada.does('deny', request.id, '--reason', 'the machine is the same');
    await ada.does('push');
    // Grace has the request open and grows meanwhile; her branch of it goes when she hears of the answer.
    const third = await grace.records(...simulate);
    expect(await grace.asks('pull')).toMatchObject({ records: 'merged', requests: [] });
    await grace.does('push');
    await ada.does('pull');
    for (const person of [ada, grace]) {
      expect(await person.asks<ShownRequest[]>('requests')).toMatchObject([
        { id: request.id, status: 'denied', answer: { reason: 'the machine is the same' }, branch: null },
      ]);
      expect((await person.lists()).map(({ id }) => id)).toContain(third.id);
      expect(await person.asks('verify')).toMatchObject({ verdict: 'holds', records: 3 });
      expect(await person.asks('report')).toMatchObject({ property: 'unknown', pairs: [] });
    }
  });

  test('two roots meet: the older project.yml wins, and nobody loses a record', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('init', '--name', 'older');
    const his = await grace.records(...simulate);
    await ada.does('init', '--name', 'younger');
    const hers = await ada.records(...simulate);
    await ada.does('push');
    expect(await grace.asks('pull')).toMatchObject({ records: 'merged' });
    await grace.does('push');
    await ada.does('pull');
    for (const person of [ada, grace]) {
      expect(person.onBranch('project.yml')).toContain('name: older');
      expect(person.onBranch('README.md')).toContain('# older');
      expect((await person.lists()).map(({ id }) => id).toSorted()).toEqual([hers.id, his.id].sort());
      expect(await person.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
    }
    // A request still finds a root to stand on.
    const request = await grace.requests(his.id, hers.id);
    await grace.does('push');
    await ada.does('pull');
    await ada.does('agree', request.id);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
  });

  test('one owner at two desks gives two answers: the earlier one counts, for both', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    const request = await ada.requests(second.id, first.id);
    await ada.does('push');
    await using desk = await scientist('ada', { clones: shared });
    await desk.does('pull');
    await desk.does('deny', request.id, '--reason', 'earlier');
    await ada.does('agree', request.id);
    await ada.does('push');
    await desk.does('push');
    await ada.does('pull');
    for (const place of [ada, desk]) {
      expect(await place.asks('requests')).toMatchObject([{ status: 'denied', answer: { reason: 'earlier' } }]);
      expect(await place.asks('report')).toMatchObject({ property: 'unknown', pairs: [] });
      expect(await place.asks('verify')).toEqual({ verdict: 'holds', records: 2, problems: [] });
    }
  });

  test('one pair settled at two desks before they met: the earlier answer counts, the other is superseded', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    const third = await ada.records(...simulate);
    const [one, reversed] = [await ada.requests(second.id, first.id), await ada.requests(first.id, second.id)];
    const [agreed, denied] = [await ada.requests(third.id, first.id), await ada.requests(third.id, first.id)];
    await ada.does('push');
    await using desk = await scientist('ada', { clones: shared });
    await desk.does('pull');
    const earlier = await desk.asks<ShownRequest>('agree', reversed.id);
    await desk.does('agree', agreed.id);
    await ada.does('agree', one.id);
    await ada.does('deny', denied.id, '--reason', 'later');
    await ada.does('push');
    await desk.does('push');
    await ada.does('pull');
    expect(ada.git('rev-parse', 'records')).toBe(desk.git('rev-parse', 'records'));
    for (const place of [ada, desk]) {
      const report = await place.asks<Report>('report');
      expect(report.counts).toMatchObject({ repeated: 2 });
      expect(report.pairs).toMatchObject([{ diff: earlier.id }, { diff: agreed.id }]);
      expect(place.onBranch('assessment.yml')).not.toContain(one.id);
      const verification = await place.asks<{ problems: unknown[] }>('verify');
      expect(verification).toMatchObject({ verdict: 'holds', records: 3 });
      expect(verification.problems).toHaveLength(2);
      for (const [late, early] of [
        [one, earlier],
        [denied, agreed],
      ] as const) {
        expect(verification.problems).toContainEqual({
          path: `diffs/${late.id.slice(17, 19)}/${late.id.slice(19, 21)}/${late.id}.yml`,
          line: null,
          column: null,
          field: null,
          rule: 'fresh',
          because: expect.stringMatching(`superseded.*agreed.*${early.id}`),
          severity: 'warning',
        });
      }
      const { stdout } = await place.does('requests');
      expect(stdout.split('\n').filter(line => line.includes('superseded'))).toHaveLength(2);
    }
    // It is settled, whoever asks once more.
    const { code, stderr } = await ada.tries('request', second.id, first.id);
    expect([code, stderr]).toEqual([1, expect.stringContaining('was agreed with the method default already')]);
    // One that was settled by who could see the other is no such thing.
    const tree = new RecordsWorktree(ada);
    const id = `${one.id.slice(0, -10)}0123456789`;
    const path = `diffs/${one.id.slice(17, 19)}/${one.id.slice(19, 21)}/${one.id}.yml`;
    tree.write(`diffs/01/23/${id}.yml`, tree.read(path).replace(one.id, id));
    tree.commit();
    const { stdout } = await ada.tries('verify', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'broken' });
    expect(JSON.parse(stdout).problems).toContainEqual(
      expect.objectContaining({ path: `diffs/01/23/${id}.yml`, rule: 'fresh', severity: 'error' }),
    );
  });

  test('the branch of a settled request goes from the remote with the push, unless it has moved on', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    const [second, third, fourth] = [
      await ada.records(...simulate),
      await ada.records(...simulate),
      await ada.records(...simulate),
    ];
    const requests = [second, third, fourth].map(({ id }) => ada.requests(id, first.id));
    const [agreed, denied, moved] = await Promise.all(requests);
    await ada.does('push');
    const there = () =>
      ada
        .gitWith({ cwd: shared }, 'for-each-ref', '--format=%(refname:short)', 'refs/heads/diffs')
        .split('\n')
        .filter(Boolean);
    const heads = (await Promise.all(requests)).map(({ branch }) => branch).sort();
    expect(there()).toEqual(heads);
    await ada.does('agree', agreed!.id);
    await ada.does('deny', denied!.id, '--reason', 'no');
    await ada.does('agree', moved!.id);
    // Somebody pushed to it after the answer.
    ada.gitWith({ cwd: shared }, 'update-ref', `refs/heads/${moved!.branch}`, 'main');
    const pushed = await ada.asks<{ removed: string[] }>('push');
    expect(pushed).toMatchObject({ branches: ['records'], left: null });
    expect(pushed.removed.toSorted()).toEqual([agreed!.branch, denied!.branch].sort());
    expect(there()).toEqual([moved!.branch]);
    expect(await ada.asks('push')).toMatchObject({ removed: [], left: null });
    expect(ada.git('for-each-ref', `refs/remotes/origin/${agreed!.branch}`)).toBe('');
  });

  test('a remote that keeps its branches has the records all the same', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const [first, second] = [await ada.records(...simulate), await ada.records(...simulate)];
    const request = await ada.requests(second.id, first.id);
    await ada.does('push');
    ada.gitWith({ cwd: shared }, 'config', 'receive.denyDeletes', 'true');
    await ada.does('agree', request.id);
    const { stderr, stdout } = await ada.does('push');
    expect(stdout).toBe('origin: sent records.\n');
    expect(stderr).toMatch(/left: settled requests keep their branch: .*deletion prohibited/);
    expect(ada.gitWith({ cwd: shared }, 'rev-parse', 'records').trim()).toBe(ada.git('rev-parse', 'records'));
  });

  test('branches below diffs/ that are no requests are the user’s own', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    ada.gitWith({ cwd: shared }, 'branch', 'diffs/theirs', 'main');
    ada.git('branch', 'diffs/mine', 'main');
    await ada.records(...simulate);
    await ada.does('push');
    await ada.does('pull');
    const branches = (cwd: string) => ada.gitWith({ cwd }, 'for-each-ref', '--format=%(refname:short)', 'refs/heads');
    expect(branches(shared)).toBe('diffs/theirs\nmain\nrecords\n');
    expect(branches(ada.clone)).toBe('diffs/mine\nmain\nrecords\n');
    expect(await ada.asks('requests')).toEqual([]);
  });

  test('what somebody removed from the shared branch by force is not removed here', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    const lost = await ada.records(...simulate);
    await ada.does('push');
    const theirs = new RecordsWorktree(ada);
    theirs.remove(lost.path);
    theirs.git('add', '-A');
    theirs.git('commit', '-q', '-m', 'tidied up');
    theirs.git('push', '-q', shared, 'HEAD:records');
    const before = ada.git('rev-parse', 'records');
    for (const words of [['pull'], ['push']]) {
      const { code, stderr } = await ada.tries(...words);
      expect([words, code]).toEqual([words, 1]);
      expect(stderr).toContain('did not only grow');
      expect(stderr).toContain(lost.path);
    }
    expect(ada.git('rev-parse', 'records')).toBe(before);
    expect((await ada.lists()).map(({ id }) => id).toSorted()).toEqual([first.id, lost.id].sort());
  });

  test('each branch keeps what only the other one changed: two agreements, one on each side', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    await ada.does('push');
    await using grace = await scientist('grace', { clones: shared });
    grace.git('config', 'user.email', 'ada@example.org');
    await grace.does('pull');
    const third = await grace.records(...simulate);
    await ada.does('agree', (await ada.requests(second.id, first.id)).id);
    await grace.does('agree', (await grace.requests(third.id, first.id)).id);
    await ada.does('push');
    await grace.does('push');
    await ada.does('pull');
    const report = await ada.asks<Report>('report');
    expect(report.counts).toMatchObject({ repeated: 2, independent: 0, people: 1 });
    expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 3, problems: [] });
    const names = (await ada.lists()).map((record: ShownRecord) => record.id);
    expect(names).toHaveLength(3);
  });
});
