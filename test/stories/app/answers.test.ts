import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppStory, faultsOf, newestCheck, startStory } from '../../support/app-story.ts';
import { bringRecord } from '../../support/bring-record.ts';
import { agreed, denied, holds, refused, waiting } from '../../support/expected-pages.ts';
import { openPull } from '../../support/github/deeds/open-pull.ts';
import type { Person } from '../../support/github/person.ts';
import type { PullRequest } from '../../support/github/state/pull-request.ts';
import { handMade } from '../../support/hand-made.ts';
import { online } from '../../support/shared-project.ts';
import { simulate } from '../../support/simulation.ts';

/* One project, on which request after request is opened and answered, in every way that there is. */

let story: AppStory;
let alan: Person;

beforeAll(async () => {
  story = await startStory();
  alan = story.github.user('alan', 1912);
});
afterAll(() => story[Symbol.asyncDispose]());

/** All that must be so after an agreement. */
async function isAgreed(pull: PullRequest, by: object): Promise<void> {
  expect(story.page(pull)).toEqual(agreed);
  const answer = await story.answersTo(pull);
  expect(answer).toHaveLength(1);
  expect(answer[0]!.parents[1]).toBe(pull.headSha);
  expect(await story.onBranch(pull)).toMatchObject({ status: 'agreed', answer: { by, commit: pull.headSha } });
  expect(story.report(pull)).toContain('Agreed');
  expect(await story.verified()).toEqual(holds);
}

async function isDenied(pull: PullRequest, by: object, reason: string): Promise<void> {
  expect(story.page(pull)).toEqual(denied);
  const answer = await story.answersTo(pull);
  expect(answer.map(({ parents }) => parents.length)).toEqual([1]);
  expect(await story.onBranch(pull)).toMatchObject({ status: 'denied', answer: { by, reason, commit: pull.headSha } });
  expect(story.report(pull)).toContain(reason);
  expect(await story.verified()).toEqual(holds);
}

const ada = { login: 'ada', id: 1815 };

test('an approving review agrees', async () => {
  const pull = await story.opens();
  expect(story.page(pull)).toEqual(waiting);
  story.ada.reviews(pull, 'approve', { body: 'Lovely.' });
  await story.settles();
  await isAgreed(pull, ada);
  expect(await story.onBranch(pull)).toMatchObject({ answer: { reason: 'Lovely.' } });
});

test.each([7, 40])('/agree with %s digits of the commit', async digits => {
  const pull = await story.opens();
  story.ada.comments(pull, `/agree ${pull.headSha.slice(0, digits)}`);
  await story.settles();
  await isAgreed(pull, ada);
  expect(story.replies(pull)).toEqual([]);
});

test('/agree with too few digits, or none, is told how', async () => {
  const pull = await story.opens();
  story.ada.comments(pull, `/agree ${pull.headSha.slice(0, 6)}`);
  story.ada.comments(pull, '/agree');
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  expect(story.replies(pull)).toEqual(
    [1, 2].map(() => expect.stringContaining(`Please name the commit that you looked at: \`/agree ${pull.headSha}\``)),
  );
});

test('/deny with a reason', async () => {
  const pull = await story.opens();
  story.ada.comments(pull, `/deny ${pull.headSha} the seed was\nanother one`);
  await story.settles();
  expect(story.page(pull)).toEqual(denied);
  expect(await story.onBranch(pull)).toMatchObject({
    status: 'denied',
    answer: { reason: 'the seed was\nanother one' },
  });
  expect(await story.verified()).toEqual(holds);
});

test('a request for changes with a reason denies, one without is asked for it', async () => {
  const pull = await story.opens();
  // GitHub lets only such reviews be without words of their own that comment on lines.
  story.ada.reviews(pull, 'request changes', { body: 'at a line' }).body = '';
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  expect(story.replies(pull)).toEqual([expect.stringContaining('Please say why')]);
  story.ada.reviews(pull, 'request changes', { body: 'not on my machine' });
  await story.settles();
  await isDenied(pull, ada, 'not on my machine');
  expect(story.replies(pull)).toHaveLength(1);
});

test('both buttons', async () => {
  const [one, other] = [await story.opens(), await story.opens()];
  story.ada.presses(newestCheck(one, 'Owner agreement')!, 'agree');
  await story.settles();
  await isAgreed(one, ada);
  story.ada.presses(newestCheck(other, 'Owner agreement')!, 'deny');
  await story.settles();
  await isDenied(other, ada, 'denied by the button Deny on the check run');
});

test('others get one friendly sentence, once', async () => {
  const pull = await story.opens();
  story.grace.comments(pull, `/agree ${pull.headSha}`);
  alan.reviews(pull, 'approve');
  alan.comments(pull, `/deny ${pull.headSha} I know better`);
  await story.settles();
  const sentence = 'Thank you for looking! Only ada, who owns the targeted record, can answer this request.';
  expect(story.page(pull)).toEqual(waiting);
  expect(story.replies(pull).sort()).toEqual([
    `**alan**: ${sentence}`,
    `**alan**: ${sentence}`,
    `**grace**: ${sentence}`,
  ]);
  alan.comments(pull, '/recheck');
  await story.settles();
  await story.running.process.end('SIGTERM');
  await story.running.process.start();
  await story.settles();
  expect(story.replies(pull)).toHaveLength(4);
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  await isAgreed(pull, ada);
  expect(story.replies(pull)).toHaveLength(4);
});

test('a comment that was ever edited counts for nothing', async () => {
  const pull = await story.opens();
  const comment = story.ada.comments(pull, 'Looks good to me so far.');
  await story.settles();
  story.ada.invites(story.grace, story.repository);
  story.grace.edits(comment, `/agree ${pull.headSha}`);
  story.grace.comments(pull, '/recheck');
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  expect(story.replies(pull)).toContainEqual(expect.stringContaining('A comment that was edited counts for nothing'));
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  await isAgreed(pull, ada);
});

/** Grace puts another commit in the place of her request's. */
async function pushesAgain(pull: PullRequest): Promise<void> {
  const { grace, fork } = story.project;
  const parent = grace.at.git('rev-parse', `${pull.headBranch}^`);
  const commit = grace.at.git('commit-tree', `${pull.headBranch}^{tree}`, '-p', parent, '-m', `not ${pull.headSha}`);
  grace.at.git('update-ref', `refs/heads/${pull.headBranch}`, commit);
  await online(grace, 'push', '-q', '-f', grace.person.remote(fork), pull.headBranch);
}

test('agreement to an older commit is void, and a push voids an answer', async () => {
  const pull = await story.opens();
  const older = pull.headSha;
  await pushesAgain(pull);
  expect(pull.headSha).not.toBe(older);
  story.ada.comments(pull, `/agree ${older}`);
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  expect(story.replies(pull)).toEqual([expect.stringContaining('That was about an older commit and is void')]);
  expect(story.replies(pull)[0]).toContain(pull.headSha);

  // The App is away while she approves, and another commit comes before it is back.
  await story.running.process.end('SIGKILL');
  story.ada.reviews(pull, 'approve');
  await pushesAgain(pull);
  await story.running.process.start();
  await story.settles();
  story.grace.comments(pull, '/recheck');
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  story.ada.reviews(pull, 'approve');
  await story.settles();
  await isAgreed(pull, ada);
});

test('whoever owns both records answers herself', async () => {
  const { ada: colleague } = story.project;
  const from = await colleague.at.records(...simulate);
  const request = await colleague.at.requests(from.id, story.project.toward.id);
  bringRecord(colleague.at, request);
  await online(colleague, 'push', '-q', story.ada.remote(story.repository), request.branch);
  const pull = await story.ada.opensPull(story.repository, { head: request.branch, base: 'records' });
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  await isAgreed(pull, ada);
});

test("somebody else's pull request with a request of Grace's is refused", async () => {
  const request = await story.project.pushesRequest();
  story.grace.invites(alan, story.project.fork);
  const pull = await alan.opensPull(story.repository, {
    from: story.project.fork,
    head: request.branch,
    base: 'records',
  });
  await story.settles();
  expect(story.page(pull)).toEqual(refused);
  expect(story.report(pull)).toContain('the sender is grace, but alan opened the request');
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  expect(story.page(pull)).toEqual(refused);
  expect(story.replies(pull)).toEqual([expect.stringContaining('Not every rule holds')]);
});

/** Grace's request, opened by a workflow of the repository's own. */
async function opensByWorkflow(
  run: string | null,
  actor = story.grace,
  app = story.github.actionsApp,
): Promise<PullRequest> {
  const { grace } = story.project;
  const request = await story.project.pushesRequest();
  const started = actor.startsWorkflow(story.repository);
  handMade(grace.at, request.branch, files => {
    if (run !== null) files.edit(files.path(/^diffs\//), /^run: null$/m, `run: ${run === 'real' ? started.id : run}`);
  });
  // A workflow pushes to its own repository.
  await online(grace, 'push', '-q', '-f', story.ada.remote(story.repository), request.branch);
  const head = { head: request.branch, base: 'records', title: 'repeated' };
  const pull = await openPull(story.github, story.repository, head, { account: app.bot, app });
  await story.settles();
  return pull;
}

test("a workflow's own pull request speaks for the actor of the run that it names, and for nobody else", async () => {
  const pull = await opensByWorkflow('real');
  expect(story.page(pull)).toEqual(waiting);
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  await isAgreed(pull, ada);

  const forged = await opensByWorkflow('real', alan);
  expect(story.page(forged)).toEqual(refused);
  expect(story.report(forged)).toContain('the sender is grace, but alan opened the request');
  const unnamed = await opensByWorkflow(null);
  expect(story.page(unnamed)).toEqual(refused);
  expect(story.report(unnamed)).toContain('names no workflow run');
  const nowhere = await opensByWorkflow('987654321');
  expect(story.page(nowhere)).toEqual(refused);
  expect(story.report(nowhere)).toContain('has no workflow run 987654321');
  for (const one of [forged, unnamed, nowhere]) story.ada.reviews(one, 'approve');
  await story.settles();
  for (const one of [forged, unnamed, nowhere]) {
    expect(story.page(one)).toEqual(refused);
    expect(await story.onBranch(one)).toBeNull();
  }
});

test('no other App speaks for the actor of a run, whatever run it names', async () => {
  const pull = await opensByWorkflow('real', story.grace, story.github.app('helpful-bot'));
  expect(story.page(pull)).toMatchObject({ state: 'open', owner: 'failure', table: 'failure' });
  expect(faultsOf(pull)).toEqual(['sender: unknown']);
  expect(story.report(pull)).toContain('helpful-bot\\[bot\\] opened the request, which speaks for nobody');
  story.ada.reviews(pull, 'approve');
  await story.settles();
  expect(story.page(pull)).toMatchObject({ state: 'open', owner: 'failure' });
  expect(await story.onBranch(pull)).toBeNull();
});

/** A record on the branch that belongs to somebody else than Ada, whose project it is. */
async function recordOf(login: string, id: number): Promise<string> {
  const { at, person } = story.project.ada;
  await online(story.project.ada, 'fetch', '-q', person.remote(story.repository), '+records:records');
  at.git('config', 'corroborate.login', login);
  at.git('config', 'corroborate.id', String(id));
  const record = await at.records(...simulate);
  at.git('config', 'corroborate.login', 'ada');
  at.git('config', 'corroborate.id', '1815');
  await online(story.project.ada, 'push', '-q', person.remote(story.repository), 'records');
  const { grace } = story.project;
  await online(grace, 'fetch', '-q', person.remote(story.repository), '+records:refs/remotes/upstream/records');
  grace.at.git('update-ref', 'refs/heads/records', 'refs/remotes/upstream/records');
  return record.id;
}

async function opensToward(record: string): Promise<PullRequest> {
  const { pull } = await story.project.opensRequest(record);
  await story.settles();
  return pull;
}

test('a record of a bot, or of an account that is gone, is answered for by the owner of the project', async () => {
  const toBot = await opensToward(await recordOf('github-actions[bot]', 41898282));
  expect(story.page(toBot)).toEqual(waiting);
  expect(story.report(toBot)).toContain('Now **ada**');
  story.ada.comments(toBot, `/agree ${toBot.headSha}`);
  await story.settles();
  await isAgreed(toBot, ada);

  const mary = story.github.user('mary', 1780);
  const toMary = await opensToward(await recordOf('mary', 1780));
  story.ada.comments(toMary, `/agree ${toMary.headSha.slice(0, 7)}`);
  await story.settles();
  expect(story.page(toMary)).toEqual(waiting);
  expect(story.replies(toMary)).toEqual([expect.stringContaining('Only mary')]);
  story.github.closesAccount(mary);
  // The same name, another person.
  const other = story.github.user('mary', 1797);
  other.comments(toMary, `/agree ${toMary.headSha}`);
  await story.settles();
  // Ada's own word, which stands there already, is the project's owner's now.
  expect(story.page(toMary)).toEqual(agreed);
  expect(await story.onBranch(toMary)).toMatchObject({ answer: { by: ada } });
  expect(await story.verified()).toMatchObject({
    verdict: 'holds',
    problems: [
      { rule: 'answer', severity: 'warning', because: expect.stringContaining('right only if that account is gone') },
    ],
  });
});

test('an owner who was renamed is still the owner, and whoever took the old name is not', async () => {
  const toHal = await opensToward(await recordOf('hal', 1964));
  const hal = story.github.user('hal', 1964);
  story.github.renames(hal, 'hal-9000');
  const thief = story.github.user('hal', 2001);
  thief.reviews(toHal, 'approve');
  await story.settles();
  expect(story.page(toHal)).toEqual(waiting);
  hal.reviews(toHal, 'approve');
  await story.settles();
  expect(story.page(toHal)).toEqual(agreed);
  expect(await story.onBranch(toHal)).toMatchObject({
    status: 'agreed',
    answer: { by: { login: 'hal-9000', id: 1964 } },
  });
  expect((await story.verified()).verdict).toBe('holds');
});

test("what a schedule has recorded is the project owner's to send", async () => {
  const { ada: colleague } = story.project;
  const from = await recordOf('github-actions[bot]', 41898282);
  const request = await colleague.at.requests(from, story.project.toward.id);
  await online(colleague, 'push', '-q', story.ada.remote(story.repository), request.branch);
  const pull = await story.ada.opensPull(story.repository, { head: request.branch, base: 'records' });
  await story.settles();
  expect(story.page(pull)).toEqual(waiting);
  story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  expect(story.page(pull)).toEqual(agreed);
});

test('nothing went wrong on the way', () => {
  expect(story.github.crashes).toEqual([]);
  expect(story.running.process.log.filter(({ level }) => level >= 50)).toEqual([]);
});
