import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';
import { configured, simulation } from '../support/simulation.ts';

describe('finding records', () => {
  let ada: Scientist;
  let seed1: ShownRecord;
  let seed2: ShownRecord;
  let grace: ShownRecord;
  let failed: ShownRecord;
  beforeAll(async () => {
    ada = await scientist('ada', {
      files: { ...simulation, 'corroborate.yml': configured, 'other.param': 'seed=2\nn=3\n' },
    });
    seed1 = await ada.records('-r', 'the first try', '-t', 'paper', 'sh', 'simulate.sh', 'default.param');
    seed2 = await ada.records('-t', 'Paper draft', '-e', 'HOME', 'sh', 'simulate.sh', 'other.param');
    ada.git('config', 'corroborate.login', 'grace');
    ada.git('config', 'corroborate.id', '1906');
    grace = await ada.records('sh', 'simulate.sh', 'default.param');
    await ada.tries('run', 'sh', '-c', 'echo oops >&2; exit 4');
    failed = await ada.shows();
  });
  afterAll(async () => ada?.[Symbol.asyncDispose]());

  const found = async (...query: string[]) => (await ada.lists(...query)).map(({ id }) => id).toSorted();
  const ids = (...records: ShownRecord[]) => records.map(({ id }) => id).toSorted();

  test('newest first, at most so many', async () => {
    const all = await ada.lists();
    expect(all.map(({ id }) => id).toSorted()).toEqual(ids(seed1, seed2, grace, failed));
    const created = all.map(record => record.created);
    expect(created).toEqual(created.toSorted().reverse());
    expect(await ada.lists('--limit', '2')).toEqual(all.slice(0, 2));
    expect(all[0]).toEqual(await ada.shows('latest'));
    expect(all[2]).toEqual(await ada.shows('@{2}'));
  });

  test('the query words of the design', async () => {
    expect(await found('status:finished')).toEqual(ids(seed1, seed2, grace));
    expect(await found('status:failed')).toEqual(ids(failed));
    // A command that names none of a glob's files has them all as inputs.
    expect(await found('input:other')).toEqual(ids(seed2, failed));
    expect(await found('output:Data/result.txt')).toEqual(ids(seed1, seed2, grace));
    expect(await found('tag:paper')).toEqual(ids(seed1, seed2));
    expect(await found('owner:ada')).toEqual(ids(seed1, seed2));
    expect(await found('owner:grace')).toEqual(ids(grace, failed));
    expect(await found('since:2020-01-01')).toHaveLength(4);
    expect(await found('since:2999')).toEqual([]);
    expect(await found('until:2020')).toEqual([]);
    expect(await found('first', 'try')).toEqual(ids(seed1));
    expect(await found('reason:first')).toEqual(ids(seed1));
    expect(await found('env:HOME')).toEqual(ids(seed2));
    expect(await found('exit-code:4')).toEqual(ids(failed));
    expect(await found('status:finished', 'owner:ada', 'input:default')).toEqual(ids(seed1));
    expect(await found('--', 'status:finished', '-owner:ada')).toEqual(ids(grace));
    expect(await found(`sha256:${seed2.outputs[0]!.sha256.slice(0, 12)}`)).toEqual(ids(seed2));
    expect(await found(`source:${seed1.program.source.slice(0, 10)}`)).toHaveLength(4);
    expect(await found(`commit:${seed1.program.version_control.commit}`)).toHaveLength(4);
    expect(await found('nothing is called so')).toEqual([]);
    const [name] = seed1.dependencies.filter(({ version }) => version !== null);
    if (name) expect(await found(`dependency:${name.name}`)).toContain(seed1.id);
    expect(await found('dependency:no-such-thing<2')).toEqual([]);
  });

  test('the index is made anew when it is gone or damaged, and says the same', async () => {
    const all = await ada.lists();
    const index = ada.at('.git/corroborate/index.sqlite');
    rmSync(index, { force: true });
    expect(await ada.lists()).toEqual(all);
    ada.write('.git/corroborate/index.sqlite', 'garbage');
    expect(await ada.lists()).toEqual(all);
  });

  test('a person sees a table', async () => {
    const { stdout } = await ada.does('list', 'status:failed');
    expect(stdout).toContain(failed.id);
    expect(stdout).toContain('failed 4');
    expect((await ada.does('list', 'tag:none')).stdout).toBe('No record is so.\n');
    const shown = (await ada.does('show', seed2.id)).stdout;
    for (const words of [seed2.id, 'finished', 'other.param', 'Data/result.txt', 'Paper draft', 'HOME='])
      expect(shown).toContain(words);
  });
});
