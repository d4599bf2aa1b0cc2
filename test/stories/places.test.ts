import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ShownRecord, scientist, sharedRepository } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

const files = { ...simulation, 'corroborate.yml': configured };

describe('wherever a scientist works', () => {
  test('a sub-folder: the command runs there, paths are from the top', async () => {
    await using ada = await scientist('ada', { files });
    const top = await ada.records(...simulate);
    ada.write('deep/er/here.txt', 'x');
    ada.write('deep/er/run.sh', 'cat "$1"; mkdir -p ../../Data; echo "$PWD" > ../../Data/where\n');
    ada.commit();
    const said = await ada.start(['run', '--json', 'sh', 'run.sh', '../../default.param'], { cwd: ada.at('deep/er') })
      .done;
    const record = JSON.parse(said.stdout) as ShownRecord;
    expect([record.inputs, record.outputs].map(list => list.map(({ path }) => path))).toEqual([
      ['default.param'],
      ['Data/where'],
    ]);
    expect(ada.read('Data/where').trim()).toBe(ada.at('deep/er'));
    for (const words of [
      ['list'],
      ['show', top.id],
      ['verify'],
      ['report'],
      ['requests'],
      ['compare', record.id, top.id],
    ]) {
      expect((await ada.start(words, { cwd: ada.at('deep/er') }).done).code).toBe(0);
    }
    const isolated = await ada.start(['run', '--isolate', '--json', 'sh', 'run.sh', '../../default.param'], {
      cwd: ada.at('deep/er'),
    }).done;
    expect(JSON.parse(isolated.stdout)).toMatchObject({
      status: 'finished',
      program: { source: record.program.source },
    });
  });

  test('a linked worktree has the same records, and its own source', async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    const other = join(ada.folder, 'other tree');
    ada.git('worktree', 'add', '-q', '-b', 'other', other);
    ada.write('../other tree/model.sh', `${simulation['model.sh']}# other\n`);
    const said = await ada.start(['run', '--json', ...simulate], { cwd: other }).done;
    const second = JSON.parse(said.stdout) as ShownRecord;
    expect(second.program.version_control).toMatchObject({ branch: 'other', dirty: true });
    expect(second.program.source).not.toBe(first.program.source);
    expect((await ada.lists()).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
    // The records branch may be checked out there: nothing of it is touched, and the user is told.
    const records = join(ada.folder, 'records');
    ada.git('worktree', 'add', '-q', records, 'records');
    const before = ada.gitWith({ cwd: records }, 'rev-parse', 'HEAD');
    const told = await ada.does('run', ...simulate);
    expect(told.stderr).toContain(`checked out in ${records}`);
    expect(ada.gitWith({ cwd: records }, 'rev-parse', 'HEAD')).not.toBe(before);
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 3 });
  });

  test('a detached head has no branch', async () => {
    await using ada = await scientist('ada', { files });
    ada.git('tag', 'v1');
    ada.git('checkout', '-q', '--detach');
    const record = await ada.records(...simulate);
    expect(record.program.version_control).toMatchObject({
      branch: null,
      tag: 'v1',
      commit: ada.git('rev-parse', 'HEAD'),
    });
  });

  test('a shallow clone records, compares and pushes; what it cannot know it says', async () => {
    await using ada = await scientist('ada', { files });
    ada.commit('more');
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    await ada.does('push');
    await using grace = await scientist('grace', { clones: `file://${shared}`, options: ['--depth=1'] });
    const own = await grace.records(...simulate);
    expect(own.program.source).toBe(first.program.source);
    await grace.does('pull');
    await grace.does('compare', own.id, first.id);
    await grace.does('push');
    await ada.does('pull');
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
    // A shallow records branch: its beginning is not here, which verify does not pass over.
    await using alan = await scientist('alan', {
      clones: `file://${shared}`,
      options: ['--depth=1', '--no-single-branch'],
    });
    alan.git('branch', '-q', 'records', 'origin/records');
    const { code, stderr } = await alan.tries('verify');
    expect([code, stderr]).toEqual([1, expect.stringContaining('git fetch --unshallow')]);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect((await alan.lists()).length).toBe(2);
  });

  test('a bare repository has records to read, and nothing to run', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    const first = await ada.records(...simulate);
    const second = await ada.records(...simulate);
    const request = await ada.requests(second.id, first.id);
    await ada.does('push');
    const there = (...words: string[]) =>
      ada.start(words, { cwd: shared, environment: { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org' } })
        .done;
    for (const words of [
      ['list'],
      ['show', 'latest'],
      ['requests'],
      ['check', request.id],
      ['report'],
      ['verify'],
      ['recover'],
    ]) {
      expect([words, (await there(...words)).code]).toEqual([words, 0]);
    }
    const { code, stderr } = await there('run', 'true');
    expect([code, stderr]).toEqual([125, expect.stringContaining('is a bare repository')]);
    expect((await there('agree', request.id)).code).toBe(0);
    expect(JSON.parse((await there('verify', '--json')).stdout)).toMatchObject({ verdict: 'holds' });
  });

  test.each(['with spaces', "quote's", 'ünïcödé 日本', 'two\nlines', '-dash', '$HOME;ls'])(
    'a folder called %j',
    async called => {
      await using ada = await scientist('ada', { files, called: `./${called}` });
      const record = await ada.records(...simulate);
      expect(record.outputs.map(({ path }) => path)).toEqual(['Data/result.txt']);
      expect((await ada.records('--isolate', ...simulate)).program.source).toBe(record.program.source);
      expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
    },
  );

  test('a repository that uses sha256, and one whose branches are packed', async () => {
    await using ada = await scientist('ada', { files, options: ['--object-format=sha256'] });
    const first = await ada.records(...simulate);
    expect(first.program.source).toHaveLength(64);
    ada.git('pack-refs', '--all');
    ada.git('gc', '-q');
    const second = await ada.records(...simulate);
    expect(await ada.asks('compare', second.id, first.id)).toMatchObject({ assessment: 'repeatable' });
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
  });

  test('a clone with a submodule', async () => {
    await using ada = await scientist('ada', { files });
    const library = join(ada.folder, 'library');
    mkdirSync(library);
    ada.gitWith({ cwd: ada.folder }, 'clone', '-q', ada.clone, 'library');
    ada.git('submodule', '--quiet', 'add', library, 'library');
    ada.commit('a library');
    const first = await ada.records(...simulate);
    ada.write('library/model.sh', 'changed\n');
    const second = await ada.records(...simulate);
    expect(second.program.source).not.toBe(first.program.source);
    expect(second.program.version_control.dirty).toBe(true);
  });
});
