import { expect, test } from 'vitest';
import {
  type Scientist,
  type ShownRecord,
  type ShownRequest,
  scientist,
  sharedRepository,
} from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

const files = { ...simulation, 'corroborate.yml': configured };

/** Ada's records and Grace's, who keeps hers in a clone of her own, as in a fork. */
async function twoPeople() {
  const ada = await scientist('ada', { files });
  const shared = await sharedRepository(ada);
  const [first, second] = [await ada.records(...simulate), await ada.records(...simulate)];
  await ada.does('push');
  const grace = await scientist('grace', { clones: shared });
  await grace.does('pull');
  grace.write('model.sh', `${simulation['model.sh']}# her own\n`);
  const hers = await grace.records(...simulate);
  ada.git('remote', 'add', 'fork', grace.clone);
  return { ada, grace, first, second, hers };
}

/** What comes from a fork: one commit on Ada's root with the diff, and of Grace's record what is asked for. */
async function arrives(
  ada: Scientist,
  grace: Scientist,
  request: ShownRequest,
  brings: (path: string) => boolean,
  altered: { [path: string]: string } = {},
): Promise<void> {
  ada.git('fetch', '-q', 'fork', 'records', request.branch);
  const environment = { GIT_INDEX_FILE: `${ada.folder}/index` };
  const root = ada.git('rev-list', '--max-parents=0', 'records');
  ada.gitWith({ environment }, 'read-tree', root);
  const add = (path: string, blob: string) =>
    ada.gitWith({ environment }, 'update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
  const ids = (what: string, under: string) =>
    grace.lines('git', 'ls-tree', '-r', what, under).map(line => line.split(/\s+/).slice(2, 4) as [string, string]);
  for (const [blob, path] of ids(request.branch, 'diffs')) add(path, blob);
  const record = await grace.shows(request.from);
  for (const [blob, path] of ids('records', record.path))
    if (brings(path.slice(record.path.length + 1))) add(path, blob);
  const own = grace
    .onBranch('history.yml')
    .split(/^(?=- id)/m)
    .find(entry => entry.startsWith(`- id: ${record.image}`))!;
  const hash = (input: string) => ada.gitWith({ input }, 'hash-object', '-w', '--stdin').trim();
  if (brings('container.yml')) add(`${record.path}/container.yml`, hash(own.replace(/^(?:- | {2})/gm, '')));
  for (const [path, text] of Object.entries(altered)) add(`${record.path}/${path}`, hash(text));
  const tree = ada.gitWith({ environment }, 'write-tree').trim();
  const by = { GIT_AUTHOR_NAME: 'Grace Hopper', GIT_AUTHOR_EMAIL: 'grace@example.org' };
  const commit = ada.gitWith({ environment: by }, 'commit-tree', tree, '-p', root, '-m', 'Propose').trim();
  ada.git('update-ref', `refs/heads/${request.branch}`, commit);
}

const broken = async (ada: Scientist, id: string) => {
  const { stdout } = await ada.tries('check', id, '--json');
  const { findings } = JSON.parse(stdout) as { findings: { rule: string; is: string }[] };
  return findings.filter(({ is }) => is === 'broken').map(({ rule }) => rule);
};

async function denies(ada: Scientist, grace: Scientist, hers: ShownRecord, toward: ShownRecord): Promise<void> {
  const request = await grace.requests(hers.id, toward.id);
  await arrives(ada, grace, request, () => true);
  await ada.does('deny', request.id, '--reason', 'not yet');
  expect(ada.lines('git', 'ls-tree', '-r', '--name-only', 'records', hers.path)).toEqual([`${hers.path}/record.yml`]);
  expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 3, problems: [] });
}

test('a record known from its denial can be claimed with again: the later request brings what the branch lacks', async () => {
  const { ada, grace, first, second, hers } = await twoPeople();
  await using _ada = ada;
  await using _grace = grace;
  await denies(ada, grace, hers, first);
  const again = await grace.requests(hers.id, second.id);
  for (const [brings, altered, rules] of [
    // Nothing but the claim, a part, another record, another content.
    [() => false, {}, ['container', 'integrity']],
    [(path: string) => path.startsWith('inputs/') || path === 'container.yml', {}, ['integrity']],
    [
      () => true,
      { 'record.yml': ada.onBranch(`${hers.path}/record.yml`).replace(/reason: .*/, 'reason: other') },
      ['layout'],
    ],
    [() => true, { 'outputs/Data/result.txt': 'other\n' }, ['integrity']],
    [() => true, { 'outputs/more': 'x' }, ['integrity']],
  ] as const) {
    await arrives(ada, grace, again, brings, altered);
    expect(await broken(ada, again.id)).toEqual(expect.arrayContaining([...rules]));
    expect(await ada.tries('agree', again.id)).toMatchObject({ code: 1 });
  }
  for (const brings of [() => true, (path: string) => path !== 'record.yml']) {
    await arrives(ada, grace, again, brings);
    expect(await ada.asks('check', again.id)).toMatchObject({ verdict: 'holds' });
  }
  await ada.does('agree', again.id);
  expect(ada.onBranch(`${hers.path}/outputs/Data/result.txt`)).toBe(
    grace.onBranch(`${hers.path}/outputs/Data/result.txt`),
  );
  expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 3, problems: [] });
  expect(await ada.asks('report')).toMatchObject({ counts: { reproduced: 1 }, pairs: [{ diff: again.id }] });
});

test('a clone that has the record whole brings its contents along, whoever pulls', async () => {
  const { ada, grace, first, hers } = await twoPeople();
  await using _ada = ada;
  await using _grace = grace;
  await denies(ada, grace, hers, first);
  expect(await ada.asks('pull', 'fork')).toMatchObject({ records: 'merged' });
  expect(ada.onBranch(`${hers.path}/outputs/Data/result.txt`)).not.toBe('');
  expect(await ada.asks('verify')).toEqual({ verdict: 'holds', records: 3, problems: [] });
});

test('nobody adds them by hand', async () => {
  const { ada, grace, first, hers } = await twoPeople();
  await using _ada = ada;
  await using _grace = grace;
  await denies(ada, grace, hers, first);
  const environment = { GIT_INDEX_FILE: `${ada.folder}/index` };
  ada.gitWith({ environment }, 'read-tree', 'records');
  const blob = ada.gitWith({ input: 'x' }, 'hash-object', '-w', '--stdin').trim();
  ada.gitWith({ environment }, 'update-index', '--add', '--cacheinfo', `100644,${blob},${hers.path}/log.txt`);
  const tree = ada.gitWith({ environment }, 'write-tree').trim();
  ada.git('update-ref', 'refs/heads/records', ada.git('commit-tree', tree, '-p', 'records', '-m', 'by hand'));
  const { stdout } = await ada.tries('verify', '--json');
  expect(JSON.parse(stdout).problems).toContainEqual(
    expect.objectContaining({ path: `${hers.path}/log.txt`, rule: 'growth', severity: 'error' }),
  );
});
