import { readdirSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { everything } from '../support/everything.ts';
import { type Scientist, type ShownRecord, scientist, sharedRepository } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

/** Index, worktree, stash, hooks, configuration: in a state that any careless git command would change. */
async function delicate(): Promise<Scientist> {
  const ada = await scientist('ada', {
    files: {
      ...simulation,
      'corroborate.yml': `${configured}ignore: ['Data/**']\n`,
      'staged.txt': '1\n',
      'both.txt': '1\n',
    },
  });
  ada.write('both.txt', '2\n');
  ada.git('stash', '-q');
  ada.write('staged.txt', '2\n');
  ada.git('add', 'staged.txt');
  ada.write('staged.txt', '3\n');
  ada.write('untracked.txt', 'x');
  ada.write('intended.txt', 'x');
  ada.git('add', '-N', 'intended.txt');
  // Same content, newer time: `git status` would refresh the index for it.
  ada.write('both.txt', '1\n');
  for (const hook of [
    'pre-commit',
    'commit-msg',
    'post-commit',
    'pre-push',
    'reference-transaction',
    'post-checkout',
    'post-merge',
    'post-rewrite',
    'pre-auto-gc',
    'fsmonitor-watchman',
    'post-index-change',
    'update',
  ]) {
    ada.write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch "${ada.folder}/hook-${hook}"\nexit 1\n`, 0o755);
  }
  ada.git('config', 'commit.gpgSign', 'true');
  ada.git('config', 'gpg.program', '/bin/false');
  ada.git('config', 'core.fsmonitor', '.git/hooks/fsmonitor-watchman');
  ada.git('config', 'core.logAllRefUpdates', 'always');
  return ada;
}

describe("the user's own things", () => {
  test('no command touches index, worktree, HEAD, stash, hooks or configuration', async () => {
    await using ada = await delicate();
    const shared = await sharedRepositoryWithoutHooks(ada);
    const before = everything(ada);
    const look = () => expect(changes(before, everything(ada))).toEqual([]);

    await ada.does('init');
    look();
    const first = await ada.records('sh', '-c', 'echo 1');
    look();
    const second = await ada.records('sh', '-c', 'echo 1');
    const third = await ada.records('--isolate', 'sh', '-c', 'echo 1; echo 2 > here');
    const failed = await ada.tries('run', '--json', 'sh', '-c', 'exit 3');
    expect(failed.code).toBe(3);
    look();
    for (const words of [
      ['list'],
      ['list', 'status:finished'],
      ['show', 'latest'],
      ['compare', second.id, first.id],
      ['report'],
      ['verify'],
      ['recover'],
      ['requests'],
    ])
      await ada.does(...words);
    look();
    const request = await ada.requests(second.id, first.id);
    const other = await ada.requests(second.id, first.id, '-m', 'visual', '--observation', 'seen', '-p', 'repeated');
    await ada.does('check', request.id);
    look();
    await ada.does('push');
    await ada.does('pull');
    look();
    await ada.does('agree', request.id);
    await ada.does('deny', other.id, '--reason', 'no');
    await ada.does('push');
    look();
    expect(third.program.source).toBe(first.program.source);
    expect(first.program.version_control.dirty).toBe(true);
    expect(readdirSync(ada.folder).filter(name => name.startsWith('hook-'))).toEqual([]);
    expect(ada.gitWith({ cwd: shared }, 'rev-parse', 'records')).toContain(ada.git('rev-parse', 'records'));
    expect(ada.git('-c', 'core.fsmonitor=false', 'stash', 'list')).toContain('stash@{0}');
    // What was staged is staged still, and what was not is not.
    expect(ada.git('-c', 'core.fsmonitor=false', 'show', ':staged.txt')).toBe('2');
  });

  test('a run writes nothing into the worktree but what the simulation does', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const before = everything(ada);
    const record: ShownRecord = await ada.records(...simulate);
    const changed = changes(before, everything(ada)).filter(name => name !== '');
    expect(changed).toEqual(['Data', 'Data/result.txt']);
    expect(record.status).toBe('finished');
    expect(ada.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/heads/records');
    // Nothing of the run is left behind but the index of the records.
    expect(readdirSync(ada.at('.git/corroborate/runs'))).toEqual([]);
  });
});

/** A remote that has no hooks of its own, made while the clone's own would fail. */
async function sharedRepositoryWithoutHooks(of: Scientist): Promise<string> {
  of.git('config', 'core.hooksPath', '/dev/null');
  const shared = await sharedRepository(of);
  of.git('config', '--unset', 'core.hooksPath');
  // git's own fetch asked it.
  rmSync(`${of.folder}/hook-fsmonitor-watchman`, { force: true });
  return shared;
}

function changes(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(name => before.get(name) !== after.get(name)).sort();
}
