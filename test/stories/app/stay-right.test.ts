import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { recordFolder } from '../../../src/domain/branch-layout.ts';
import type { Container } from '../../../src/domain/generated/shapes.ts';
import { manifest } from '../../support/app-process.ts';
import {
  type AppStory,
  faultsOf,
  fileOnBranch,
  newestCheck,
  requestIdOf,
  startStory,
  summaryOf,
} from '../../support/app-story.ts';
import { builtCommand } from '../../support/built-command.ts';
import { agreed, denied, holds, waiting } from '../../support/expected-pages.ts';
import type { PullRequest } from '../../support/github/state/pull-request.ts';
import { handMade } from '../../support/hand-made.ts';
import { online } from '../../support/shared-project.ts';
import { simulate, simulation } from '../../support/simulation.ts';
import { until } from '../../support/until.ts';

/** Ada at work in her clone with the command, on the GitHub for tests. */
async function adaDoes(story: AppStory, ...words: string[]): Promise<string> {
  const { at } = story.project.ada;
  const env = { ...at.environment, GIT_ALLOW_PROTOCOL: 'file:http', GIT_TERMINAL_PROMPT: '0' };
  return (await promisify(execFile)(process.execPath, [builtCommand, ...words], { cwd: at.clone, env })).stdout;
}

describe('people do things by hand', () => {
  let story: AppStory;
  beforeAll(async () => {
    story = await startStory();
    const { at, person } = story.project.ada;
    at.git('remote', 'add', 'origin', person.remote(story.repository));
    // In a clone it is the commit's author that tells who asks.
    story.project.grace.at.git('config', 'user.email', '1906+grace@users.noreply.github.com');
  });
  afterAll(() => story[Symbol.asyncDispose]());

  test.each(['merge', 'squash', 'rebase'] as const)(
    'a merge by hand (%s) is no answer, and can be answered',
    async how => {
      const pull = await story.opens();
      await story.ada.merges(pull, how);
      await story.settles();
      expect(story.page(pull)).toEqual({ ...waiting, state: 'merged' });
      expect(story.report(pull)).toContain('A merge is no answer');
      expect(await story.onBranch(pull)).toMatchObject({ status: 'proposed', answer: null });
      expect(await story.verified()).toEqual(holds);
      story.grace.comments(pull, `/agree ${pull.headSha}`);
      await story.settles();
      expect(await story.onBranch(pull)).toMatchObject({ status: 'proposed' });
      if (how === 'squash') story.ada.comments(pull, `/deny ${pull.headSha} it was too early`);
      else story.ada.comments(pull, `/agree ${pull.headSha}`);
      await story.settles();
      const answers = await story.answersTo(pull);
      expect(answers.map(({ parents }) => parents.length)).toEqual([1]);
      const [status, owner] = how === 'squash' ? ['denied', 'failure'] : ['agreed', 'success'];
      expect(story.page(pull)).toEqual({
        ...waiting,
        state: 'merged',
        labels: [`diff: ${status}`, 'diff: repeated'],
        owner,
      });
      expect(await story.onBranch(pull)).toMatchObject({ status, answer: { by: { id: 1815 }, commit: pull.headSha } });
      expect(await story.verified()).toEqual(holds);
    },
  );

  test('closed is withdrawn; opened again it is judged again', async () => {
    const pull = await story.opens();
    await story.grace.closes(pull);
    await story.settles();
    expect(story.page(pull)).toMatchObject({ state: 'closed', owner: 'failure' });
    expect(story.report(pull)).toContain('Withdrawn');
    story.ada.comments(pull, `/agree ${pull.headSha}`);
    await story.settles();
    expect(story.page(pull)).toMatchObject({ state: 'closed', owner: 'failure', comments: 1 });
    expect(await story.onBranch(pull)).toBeNull();
    expect(story.replies(pull)).toEqual([expect.stringContaining('This pull request is closed, so nothing was done')]);
    await story.grace.reopens(pull);
    await story.settles();
    // What she said of this very commit while it was closed stands there still, and nothing has changed since.
    expect(story.page(pull)).toEqual(agreed);
    expect(await story.answersTo(pull)).toHaveLength(1);
    expect(await story.verified()).toEqual(holds);
  });

  test('a pull request that is turned to the records branch later is judged then, and left alone when turned away', async () => {
    const request = await story.project.pushesRequest();
    const { fork } = story.project;
    await story.ada.branches(story.repository, 'archive', story.repository.branch('records')!);
    const pull = await story.grace.opensPull(story.repository, { from: fork, head: request.branch, base: 'archive' });
    await story.settles();
    expect(story.page(pull)).toEqual({ state: 'open', labels: [], table: null, owner: null, comments: 0 });
    await turns(pull, 'records');
    expect(story.page(pull)).toEqual(waiting);
    await turns(pull, 'archive');
    story.ada.comments(pull, `/agree ${pull.headSha}`);
    await story.settles();
    expect(await story.onBranch(pull)).toBeNull();
    await turns(pull, 'records');
    expect(story.page(pull)).toEqual(agreed);
  });

  async function turns(pull: PullRequest, base: string): Promise<void> {
    const { github } = story;
    const response = await fetch(`${github.api}/repos/${story.repository.fullName}/pulls/${pull.number}`, {
      method: 'PATCH',
      body: JSON.stringify({ base }),
      headers: { authorization: `Bearer ${story.ada.token()}`, 'content-type': 'application/json' },
    });
    expect(response.status).toBe(200);
    await story.settles();
  }

  test.each(['agree', 'deny'])('an answer from a clone (%s) is shown as such', async word => {
    const pull = await story.opens();
    const id = requestIdOf(pull);
    await online(story.project.ada, 'fetch', '-q', 'origin', `pull/${pull.number}/head:diffs/${id}`);
    await adaDoes(story, 'pull');
    await adaDoes(story, word, id, ...(word === 'deny' ? ['--reason', 'not convinced'] : []));
    await adaDoes(story, 'push');
    await story.settles();
    const page = word === 'agree' ? agreed : denied;
    expect(story.page(pull)).toEqual(page);
    expect(story.report(pull)).toContain('The answer was given outside this pull request');
    expect(await story.answersTo(pull)).toHaveLength(1);
    expect(await story.verified()).toEqual(holds);
  });

  test('the branch moves under an answer, again and again: one merge all the same', async () => {
    const pull = await story.opens();
    const moves = async (left: number) => {
      const { at } = story.project.ada;
      await online(story.project.ada, 'fetch', '-q', 'origin', '+records:records');
      await at.records(...simulate);
      await online(story.project.ada, 'push', '-q', 'origin', 'records');
      if (left > 1) story.github.trouble.movesBranch(story.repository, 'records', () => moves(left - 1));
    };
    story.github.trouble.movesBranch(story.repository, 'records', () => moves(3));
    story.ada.comments(pull, `/agree ${pull.headSha}`);
    await story.settles();
    story.github.trouble.ends();
    expect(story.page(pull)).toEqual(agreed);
    expect(await story.answersTo(pull)).toHaveLength(1);
    expect(await story.verified()).toEqual(holds);
  });

  test('a protected branch: the check says which setting to change, and the answer waits for it', async () => {
    const pull = await story.opens();
    for (const [rules, words] of [
      [{ requiresPull: true }, 'Changes must be made through a pull request'],
      [{ pushers: [story.ada.account] }, 'authorized to push to this branch'],
      [{ requiredChecks: ['build'] }, 'required status checks are expected'],
    ] as const) {
      story.ada.protects(story.repository, 'records', rules);
      if (story.replies(pull).length === 0) story.ada.reviews(pull, 'approve');
      story.grace.comments(pull, '/recheck');
      await story.settles();
      expect(story.page(pull)).toEqual(waiting);
      const summary = summaryOf(pull, 'Owner agreement');
      expect(summary).toContain(words);
      expect(summary).toMatch(/Rulesets.*bypass list/);
      expect(story.report(pull)).toContain('but the branch did not take it');
    }
    story.repository.protections.delete('records');
    story.grace.comments(pull, '/recheck');
    await story.settles();
    expect(story.page(pull)).toEqual(agreed);
  });

  /** Grace changes the model and gets the same numbers: another source, so another container, which comes along. */
  async function opensWithContainer(): Promise<{ pull: PullRequest; container: Container; file: string }> {
    const { grace, fork } = story.project;
    grace.at.write('model.sh', `${simulation['model.sh']}# ${Math.random()}\n`);
    grace.at.commit('the model, annotated');
    const request = await story.project.pushesRequest();
    const history = parse(grace.at.onBranch('history.yml')) as Container[];
    const record = await grace.at.shows(request.from);
    const container = history.find(({ id }) => id === record.image)!;
    const file = `${recordFolder(request.from)}/container.yml`;
    const entry = grace.at
      .onBranch('history.yml')
      .split(/^(?=- id)/m)
      .find(text => text.includes(container.id))!;
    handMade(grace.at, request.branch, files => files.write(file, entry.replace(/^(?:- | {2})/gm, '')));
    await online(grace, 'push', '-q', '-f', grace.person.remote(fork), request.branch);
    const pull = await story.project.opensPull(request.branch);
    await story.settles();
    return { pull, container, file };
  }
  const reproduced = ['diff: proposed', 'diff: reproduced'];
  const history = async () => parse(String(await fileOnBranch(story.repository, 'history.yml'))) as Container[];

  test('a container that comes along moves into the history', async () => {
    const { pull, container, file } = await opensWithContainer();
    expect(story.page(pull)).toEqual({ ...waiting, labels: reproduced });
    story.ada.comments(pull, `/agree ${pull.headSha}`);
    await story.settles();
    expect(story.page(pull)).toEqual({ ...agreed, labels: ['diff: agreed', 'diff: reproduced'] });
    expect(await history()).toContainEqual(container);
    expect(await fileOnBranch(story.repository, file)).toBeNull();
    expect(await story.verified()).toEqual(holds);
  });

  test.each(['agree', 'deny'])('also where somebody merged it by hand before (%s)', async word => {
    const { pull, container } = await opensWithContainer();
    await story.ada.merges(pull);
    await story.settles();
    expect(story.page(pull)).toEqual({ ...waiting, labels: reproduced, state: 'merged' });
    expect(await story.verified()).toEqual(holds);
    story.ada.comments(pull, `/${word} ${pull.headSha} so be it`);
    await story.settles();
    expect(await story.onBranch(pull)).toMatchObject({ status: word === 'agree' ? 'agreed' : 'denied' });
    expect((await history()).some(({ id }) => id === container.id)).toBe(word === 'agree');
    expect(await story.verified()).toEqual(holds);
  });

  test('nothing went wrong on the way', () => {
    expect(story.github.crashes).toEqual([]);
    expect(story.running.process.log.filter(({ level }) => level >= 50)).toEqual([]);
  });
});

test("the default branch's corroborate.yml counts, the pull request's own does not", async () => {
  await using story = await startStory();
  const { ada, repository } = story;
  await ada.commits(repository, 'main', { 'corroborate.yml': 'limits: {file: 8B}\n' });
  const large = await story.opens();
  expect(story.page(large)).toMatchObject({ table: 'failure', owner: 'failure' });
  expect(story.report(large)).toContain('at most 8 are kept of a file');
  await ada.commits(repository, 'main', { 'corroborate.yml': 'compare: {methods: [visual]}\n' });
  const method = await story.opens();
  expect(story.page(method)).toMatchObject({ table: 'failure', owner: 'failure' });
  expect(story.report(method)).toMatch(/method.*broken/);
  const own = await story.opensByHand(files => files.write('corroborate.yml', 'compare: {methods: [default]}\n'));
  expect(story.page(own)).toMatchObject({ table: 'failure', owner: 'failure' });
  expect(story.report(own)).toContain('corroborate.yml has no place in a request');
  expect(story.report(own)).toMatch(/method.*broken/);
  await ada.commits(repository, 'main', { 'corroborate.yml': 'compare: {methods: [default]}\n' });
  story.grace.comments(method, '/recheck');
  await story.settles();
  expect(story.page(method)).toEqual(waiting);
});

const pictures = {
  ...simulation,
  'simulate.sh': `${simulation['simulate.sh']}echo "<svg xmlns='http://www.w3.org/2000/svg'><!-- $$ --></svg>" > Data/plot.svg\n`,
};

test.each([true, false])(
  'pictures of both sides: links in a private repository (%s), images elsewhere',
  async isPrivate => {
    await using story = await startStory({
      files: pictures,
      prepare({ repository, ada, grace, fork }) {
        for (const one of [repository, fork]) one.isPrivate = isPrivate;
        ada.person.invites(grace.person, repository, 'read');
      },
    });
    const pull = await story.opens();
    expect(story.page(pull)).toMatchObject({ table: 'success', labels: ['diff: non-repeated', 'diff: proposed'] });
    const images = story.report(pull).match(/<img|!\[/g) ?? [];
    expect(images.length).toBe(isPrivate ? 0 : 2);
    const shown = story.report(pull);
    expect(shown).toContain('plot.svg');
    if (isPrivate) expect(shown).toMatch(/<a href="[^"]+plot\.svg[^"]*">look at /);
  },
);

test.each([
  ['checks', 'read'],
  ['contents', 'read'],
  ['pull_requests', 'read'],
] as const)('where the permission %s is %s only, people are told which one is missing', async (name, level) => {
  await using story = await startStory({ permissions: { ...manifest.default_permissions, [name]: level } });
  const pull = await story.opens();
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  const told = [story.report(pull), summaryOf(pull, 'Owner agreement'), summaryOf(pull, 'Table 1')].join('\n');
  expect(told).toMatch(new RegExp(`${name.replace('_', '.{0,2}_')}: write`));
  expect(await story.verified()).toEqual(holds);
  // Not everything waits for it: what may be done is done.
  expect(pull.merged !== null).toBe(name !== 'contents');
});

const without = (name: string) =>
  Object.fromEntries(Object.entries(manifest.default_permissions).filter(([one]) => one !== name));

test('where checks may not even be seen, the comment names the permission', async () => {
  await using story = await startStory({ permissions: without('checks') });
  const pull = await story.opens();
  expect(story.page(pull)).toMatchObject({ labels: waiting.labels, comments: 1, table: null, owner: null });
  expect(story.report(pull)).toContain('GitHub refuses a part of this');
  expect(story.report(pull)).toContain('`checks: write`');
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  expect(story.page(pull)).toMatchObject({ state: 'merged', labels: agreed.labels, comments: 1 });
});

test('where pull requests may not even be seen, the checks on their heads name the permission', async () => {
  const lacking = without('pull_requests');
  // Of such an installation GitHub sends no deliveries about pull requests either: the start finds them, and "Re-run".
  const silent = (app: { events: readonly string[] }) => {
    app.events = app.events.filter(event => !/^(?:pull_request|issue_comment)/.test(event));
  };
  await using story = await startStory({ permissions: lacking, prepare: (_, app) => silent(app) });
  const { ada, grace, repository, github, app } = story;
  await grace.commits(story.project.fork, 'other', { 'other.txt': 'no diff request' });
  const other = await grace.opensPull(repository, { from: story.project.fork, head: 'other', base: 'main' });
  const pull = await story.opens();
  expect(story.page(pull).table).toBeNull();
  let sweeps = 1;
  const restarts = async () => {
    await story.running.process.end('SIGTERM');
    await story.running.process.start();
    sweeps++;
    await until(() => story.running.process.log.filter(({ msg }) => msg.startsWith('swept')).length >= sweeps);
    await story.settles();
  };
  await restarts();
  const unread = { state: 'open', labels: [], table: 'failure', owner: 'action_required', comments: 0 };
  expect(story.page(pull)).toEqual(unread);
  for (const name of ['Table 1', 'Owner agreement']) {
    expect(summaryOf(pull, name)).toMatch(/The App may not .*pull_requests: read/);
  }
  expect(story.page(other)).toMatchObject({ table: null, owner: null });
  ada.reruns(newestCheck(pull, 'Table 1')!);
  await story.settles();
  expect(story.page(pull)).toEqual(unread);
  expect(repository.checkRuns.size).toBe(2);

  // Given it, the App finds everything by itself at its next start.
  for (const one of github.installations.filter(each => each.app === app)) {
    one.permissions = manifest.default_permissions;
  }
  await restarts();
  expect(story.page(pull)).toEqual(waiting);
});

/** Signs without order, of which no run gives the same: it takes seconds to tell how far apart two of them are. */
const noise = {
  ...simulation,
  'simulate.sh': `mkdir -p Data
awk -v seed="$$" 'BEGIN { srand(seed); for (i = 0; i < 4000; i++) { for (j = 0; j < 60; j++) printf "%c", 33 + int(rand() * 90); print "" } }' > Data/noise.txt
`,
};

test('what the App has no time to compare is unknown, and is attested only where the request says so itself', async () => {
  await using story = await startStory({ files: noise, environment: { JUDGING_SECONDS: '0.3' } });
  const computed = await story.opens();
  expect(story.page(computed)).toMatchObject({ table: 'failure', owner: 'failure' });
  expect(faultsOf(computed)).toEqual(['method: unknown']);
  const said = await story.opensByHand(files => {
    const measures = /^( +)distance: (\d+)\n +exact: true\n +similarity: .*$/m;
    const path = files.path(/^diffs\//);
    const [all, indent, distance] = measures.exec(files.read(path))!;
    files.edit(
      path,
      all,
      ['exact: false', 'lower: 1', `upper: ${distance}`].map(line => `${indent}${line}`).join('\n'),
    );
  });
  expect(story.page(said)).toMatchObject({ table: 'neutral', owner: 'action_required' });
  expect(story.report(said)).toContain('By agreeing you also vouch for what could not be computed again');
  for (const pull of [computed, said]) story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  expect(story.page(computed)).toMatchObject({ state: 'open', table: 'failure', owner: 'failure' });
  expect(story.page(said)).toMatchObject({ state: 'merged', table: 'neutral', owner: 'success' });
  const assessment = parse(String(await fileOnBranch(story.repository, 'assessment.yml'))) as object;
  expect(assessment).toMatchObject({ pairs: [{ attested: true }] });
  expect(await story.verified()).toEqual(holds);
}, 180_000);
