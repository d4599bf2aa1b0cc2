import { Octokit } from '@octokit/rest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GitHub } from './github.ts';
import type { Permissions } from './permissions.ts';
import type { Person } from './person.ts';
import { startGitHub } from './start-github.ts';
import type { App } from './state/app.ts';
import type { PullRequest } from './state/pull-request.ts';
import type { Repository } from './state/repository.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const client = (github: GitHub, auth?: string) =>
  new Octokit({ baseUrl: github.api, log, ...(auth === undefined ? {} : { auth }) });
/** What a call was refused with. */
const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'it was not refused',
    (error: { status: number; response?: { data: { message: string } } }) =>
      `${error.status} ${error.response?.data.message}`,
  );

const everything: Permissions = {
  actions: 'read',
  administration: 'write',
  checks: 'write',
  contents: 'write',
  issues: 'write',
  pull_requests: 'write',
};

let github: GitHub;
let ada: Person;
let grace: Person;
let app: App;
let demo: Repository;
let fork: Repository;
let pull: PullRequest;
let robot: Octokit;
let ours: { owner: string; repo: string };

beforeAll(async () => {
  github = await startGitHub();
  github.checksItself = true;
  [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  demo = await ada.createRepository('acme/demo', { files: { 'README.md': '# demo\n', 'a/b/c.txt': 'c\n' } });
  app = github.app('corroborate', { permissions: everything });
  robot = client(github, github.installationToken(github.installs(app, demo)));
  fork = await grace.forks(demo);
  await grace.commits(fork, 'work', { 'b.txt': 'b\n' });
  pull = await grace.opensPull(demo, { from: fork, head: 'work', title: 'I repeated this' });
  ours = { owner: 'acme', repo: 'demo' };
});
afterAll(async () => {
  const { crashes, ownFaults } = github;
  await github[Symbol.asyncDispose]();
  expect(crashes).toEqual([]);
  expect([...new Set(ownFaults)]).toEqual([]);
});

describe('git data', () => {
  test('blobs, trees and commits become a branch, which only moves forward', async () => {
    const { git } = robot.rest;
    const content = Buffer.from([0, 255, 10, 1]);
    const blob = await git.createBlob({ ...ours, content: content.toString('base64'), encoding: 'base64' });
    const tip = await git.getRef({ ...ours, ref: 'heads/main' });
    const base = await git.getCommit({ ...ours, commit_sha: tip.data.object.sha });
    const tree = await git.createTree({
      ...ours,
      base_tree: base.data.tree.sha,
      tree: [
        { path: 'a/b/d.bin', mode: '100644', type: 'blob', sha: blob.data.sha },
        { path: 'a/b/c.txt', mode: '100644', type: 'blob', sha: null },
        { path: 'e.txt', mode: '100755', type: 'blob', content: 'é\n' },
      ],
    });
    const { data: commit } = await git.createCommit({
      ...ours,
      message: 'made of data',
      tree: tree.data.sha,
      parents: [base.data.sha],
    });
    expect(commit).toMatchObject({
      verification: { verified: true },
      author: { name: 'corroborate[bot]' },
      committer: { name: 'GitHub' },
    });
    await git.createRef({ ...ours, ref: 'refs/heads/data', sha: base.data.sha });
    expect(await refused(git.createRef({ ...ours, ref: 'refs/heads/data', sha: base.data.sha }))).toBe(
      '422 Reference already exists',
    );
    expect(await refused(git.createRef({ ...ours, ref: 'refs/heads/data/below', sha: base.data.sha }))).toBe(
      '422 Reference cannot be created',
    );
    await git.updateRef({ ...ours, ref: 'heads/data', sha: commit.sha });
    expect(await refused(git.updateRef({ ...ours, ref: 'heads/data', sha: base.data.sha }))).toBe(
      '422 Update is not a fast forward',
    );
    expect(await refused(git.updateRef({ ...ours, ref: 'heads/none', sha: base.data.sha }))).toBe(
      '422 Reference does not exist',
    );
    const listed = await git.getTree({ ...ours, tree_sha: 'data', recursive: '1' });
    expect(listed.data.tree.map(({ path, mode, type }) => `${mode} ${type} ${path}`)).toEqual([
      '100644 blob README.md',
      '040000 tree a',
      '040000 tree a/b',
      '100644 blob a/b/d.bin',
      '100755 blob e.txt',
    ]);
    const read = await git.getBlob({ ...ours, file_sha: blob.data.sha });
    expect(Buffer.from(read.data.content, 'base64')).toEqual(content);
    const matching = await git.listMatchingRefs({ ...ours, ref: 'heads/' });
    expect(matching.data.map(({ ref }) => ref)).toEqual(['refs/heads/data', 'refs/heads/main']);
    await git.deleteRef({ ...ours, ref: 'heads/data' });
    expect(await refused(git.getRef({ ...ours, ref: 'heads/data' }))).toBe('404 Not Found');
  });

  test("a fork's objects can be read, but are not built on until a branch has them", async () => {
    const { git, repos } = robot.rest;
    const { data: head } = await git.getCommit({ ...ours, commit_sha: pull.headSha });
    const make = () => git.createCommit({ ...ours, message: 'm', tree: head.tree.sha, parents: [head.sha] });
    expect(await refused(make())).toBe('422 Tree SHA does not exist');
    await git.createRef({ ...ours, ref: 'refs/heads/scratch', sha: demo.branch('main')! });
    const merged = await repos.merge({ ...ours, base: 'scratch', head: head.sha });
    expect(merged.data.parents.map(({ sha }) => sha)).toEqual([demo.branch('main'), head.sha]);
    expect((await make()).status).toBe(201);
    expect((await repos.merge({ ...ours, base: 'scratch', head: head.sha })).status).toBe(204);
  });
});

test('forks may share objects with their parent', async () => {
  await using shared = await startGitHub({ forkObjects: 'shared' });
  const repository = await shared.user('ada').createRepository('acme/demo', { files: { a: 'a' } });
  const theirs = await shared.user('grace').forks(repository);
  await shared.user('grace').commits(theirs, 'work', { b: 'b' });
  const { headSha } = await shared.user('grace').opensPull(repository, { from: theirs, head: 'work' });
  const its = client(shared, shared.user('ada').token());
  expect((await its.rest.git.createRef({ ...ours, ref: 'refs/heads/theirs', sha: headSha })).status).toBe(201);
});

describe('contents, commits and comparisons', () => {
  test('files are read, written where their sha is named, and taken away', async () => {
    const { repos } = robot.rest;
    const { data } = await repos.getContent({ ...ours, path: 'a/b/c.txt' });
    expect(data).toMatchObject({ type: 'file', encoding: 'base64', content: 'Ywo=' });
    const raw = await repos.getContent({ ...ours, path: 'a/b/c.txt', mediaType: { format: 'raw' } });
    expect(Buffer.from(raw.data as never).toString()).toBe('c\n');
    expect((await repos.getContent({ ...ours, path: '' })).data).toMatchObject([{ path: 'README.md' }, { path: 'a' }]);
    const folder = await repos.getContent({ ...ours, path: 'a' });
    expect(folder.data).toMatchObject([{ type: 'dir', path: 'a/b' }]);
    const content = Buffer.from('new\n').toString('base64');
    const made = await repos.createOrUpdateFileContents({ ...ours, path: 'n.txt', message: 'new', content });
    expect(made.status).toBe(201);
    const again = { ...ours, path: 'n.txt', message: 'newer', content: Buffer.from('newer\n').toString('base64') };
    expect(await refused(repos.createOrUpdateFileContents(again))).toContain('"sha" wasn\'t supplied.');
    expect(await refused(repos.createOrUpdateFileContents({ ...again, sha: '0'.repeat(40) }))).toContain('409');
    const { sha } = made.data.content!;
    expect((await repos.createOrUpdateFileContents({ ...again, sha: sha! })).status).toBe(200);
    const { data: now } = await repos.getContent({ ...ours, path: 'n.txt' });
    await repos.deleteFile({ ...ours, path: 'n.txt', message: 'gone', sha: (now as { sha: string }).sha });
    expect(await refused(repos.getContent({ ...ours, path: 'n.txt' }))).toBe('404 Not Found');
    const { data: commits } = await repos.listCommits({ ...ours, path: 'n.txt' });
    expect(commits.map(({ commit }) => commit.message)).toEqual(['gone', 'newer', 'new']);
    const { data: last } = await repos.getCommit({ ...ours, ref: 'main' });
    expect(last.files).toMatchObject([{ filename: 'n.txt', status: 'removed', deletions: 1 }]);
  });

  test('two sides are compared, across forks as well', async () => {
    const { data } = await robot.rest.repos.compareCommitsWithBasehead({ ...ours, basehead: 'main...grace:work' });
    expect(data).toMatchObject({ ahead_by: 1, files: [{ filename: 'b.txt', status: 'added', additions: 1 }] });
    const { data: branches } = await robot.rest.repos.listBranches(ours);
    expect(branches.map(({ name }) => name)).toContain('main');
    expect((await robot.rest.repos.getBranch({ ...ours, branch: 'main' })).data.protected).toBe(false);
    expect((await robot.rest.repos.get(ours)).data).toMatchObject({ default_branch: 'main', id: demo.id });
    expect((await robot.rest.repos.listForks(ours)).data).toMatchObject([{ full_name: 'grace/demo', fork: true }]);
  });
});

describe('pull requests', () => {
  test('are opened once, listed, changed and found by their head', async () => {
    const hers = client(github, grace.token());
    await grace.commits(fork, 'more', { 'c.txt': 'c\n' });
    const asked = { ...ours, title: 'More', head: 'grace:more', base: 'main', body: 'why' };
    const { data: made } = await hers.rest.pulls.create(asked);
    expect(made).toMatchObject({ state: 'open', changed_files: 1, head: { label: 'grace:more' }, merged: false });
    expect(await refused(hers.rest.pulls.create(asked))).toBe('422 Validation Failed');
    expect(await refused(hers.rest.pulls.create({ ...asked, head: 'grace:main' }))).toBe('422 Validation Failed');
    const { data: found } = await robot.rest.pulls.list({ ...ours, head: 'grace:more', state: 'all' });
    expect(found.map(({ number }) => number)).toEqual([made.number]);
    const { data: files } = await robot.rest.pulls.listFiles({ ...ours, pull_number: made.number });
    expect(files).toMatchObject([{ filename: 'c.txt', status: 'added' }]);
    const { data: commits } = await robot.rest.pulls.listCommits({ ...ours, pull_number: made.number });
    expect(commits).toMatchObject([{ sha: made.head.sha, author: { login: 'grace' } }]);
    const { data: at } = await robot.rest.repos.listPullRequestsAssociatedWithCommit({
      ...ours,
      commit_sha: made.head.sha,
    });
    expect(at.map(({ number }) => number)).toEqual([made.number]);
    const { data: closed } = await hers.rest.pulls.update({ ...ours, pull_number: made.number, state: 'closed' });
    expect(closed).toMatchObject({ state: 'closed', merged: false });
  });

  test('are merged by themselves when the base reaches their head', async () => {
    await grace.commits(fork, 'indirect', { 'd.txt': 'd\n' });
    const one = await grace.opensPull(demo, { from: fork, head: 'indirect' });
    const theirs = await robot.rest.repos.merge({ ...ours, base: 'main', head: one.headSha });
    const { data } = await robot.rest.pulls.get({ ...ours, pull_number: one.number });
    expect(data).toMatchObject({
      state: 'closed',
      merged: true,
      merged_by: { login: 'corroborate[bot]' },
      merge_commit_sha: theirs.data.sha,
      changed_files: 1,
    });
    expect((await robot.rest.pulls.checkIfMerged({ ...ours, pull_number: one.number })).status).toBe(204);
  });

  test('are merged with the button for the head that was seen', async () => {
    await grace.commits(fork, 'button', { 'f.txt': 'f\n' });
    const one = await grace.opensPull(demo, { from: fork, head: 'button' });
    const at = { ...ours, pull_number: one.number };
    const hers = client(github, ada.token());
    expect(await refused(hers.rest.pulls.merge({ ...at, sha: '0'.repeat(40) }))).toContain(
      '409 Head branch was modified',
    );
    expect(await refused(client(github, grace.token()).rest.pulls.merge(at))).toContain('403');
    expect((await hers.rest.pulls.merge({ ...at, sha: one.headSha })).data.merged).toBe(true);
    expect(await refused(hers.rest.pulls.merge(at))).toBe('405 Pull Request is not mergeable');
  });

  test('are reviewed for a commit, never approved by their author, and reviews asked of collaborators only', async () => {
    const at = { ...ours, pull_number: pull.number };
    const hers = client(github, ada.token());
    const review = await hers.rest.pulls.createReview({ ...at, event: 'APPROVE', commit_id: pull.headSha });
    expect(review.data).toMatchObject({ state: 'APPROVED', commit_id: pull.headSha, user: { id: 1815 } });
    const own = client(github, grace.token()).rest.pulls.createReview({ ...at, event: 'APPROVE' });
    expect(await refused(own)).toBe('422 Unprocessable Entity');
    await client(github, grace.token()).rest.pulls.createReview({ ...at, event: 'COMMENT', body: 'mine' });
    const { data } = await robot.rest.pulls.listReviews(at);
    expect(data.map(({ state }) => state)).toEqual(['APPROVED', 'COMMENTED']);
    const ask = (login: string) => robot.rest.pulls.requestReviewers({ ...at, reviewers: [login] });
    github.user('alan', 1912);
    expect(await refused(ask('alan'))).toContain('422 Reviews may only be requested from collaborators.');
    expect((await ask('ada')).data.requested_reviewers).toMatchObject([{ login: 'ada' }]);
    expect((await robot.rest.pulls.listRequestedReviewers(at)).data.users).toMatchObject([{ login: 'ada' }]);
    const dismissed = await hers.rest.pulls.dismissReview({ ...at, review_id: review.data.id, message: 'void' });
    expect(dismissed.data.state).toBe('DISMISSED');
  });
});

describe('comments and labels', () => {
  test('comments are made, edited, paged and deleted', async () => {
    const at = { ...ours, issue_number: pull.number };
    const { data: comment } = await robot.rest.issues.createComment({ ...at, body: 'one' });
    expect(comment).toMatchObject({ user: { login: 'corroborate[bot]', type: 'Bot' }, body: 'one' });
    const { data: edited } = await robot.rest.issues.updateComment({ ...ours, comment_id: comment.id, body: 'two' });
    expect(edited.updated_at).not.toBe(edited.created_at);
    for (let n = 0; n < 3; n++) grace.comments(pull, `more ${n}`);
    const all = await robot.paginate(robot.rest.issues.listComments, { ...at, per_page: 2 });
    expect(all.map(({ body }) => body)).toEqual(['two', 'more 0', 'more 1', 'more 2']);
    const long = robot.rest.issues.createComment({ ...at, body: 'x'.repeat(65_537) });
    expect(await refused(long)).toBe('422 Validation Failed');
    const other = client(github, github.user('alan').token());
    expect(await refused(other.rest.issues.updateComment({ ...ours, comment_id: comment.id, body: 'no' }))).toContain(
      '404',
    );
    await robot.rest.issues.deleteComment({ ...ours, comment_id: comment.id });
    expect((await robot.rest.issues.listComments(at)).data).toHaveLength(3);
  });

  test('labels are made on the way, in any case, and taken off', async () => {
    const at = { ...ours, issue_number: pull.number };
    await robot.rest.issues.createLabel({ ...ours, name: 'diff: proposed', color: 'fbca04' });
    const { data } = await robot.rest.issues.addLabels({ ...at, labels: ['Diff: Proposed', 'new'] });
    expect(data.map(({ name, color }) => `${name} ${color}`)).toEqual(['diff: proposed fbca04', 'new ededed']);
    await robot.rest.issues.setLabels({ ...at, labels: ['new'] });
    expect((await robot.rest.issues.listLabelsOnIssue(at)).data.map(({ name }) => name)).toEqual(['new']);
    expect(await refused(robot.rest.issues.removeLabel({ ...at, name: 'none' }))).toBe('404 Label does not exist');
    const theirs = client(github, grace.token()).rest.issues.addLabels({ ...at, labels: ['x'] });
    expect(await refused(theirs)).toContain('403');
    expect((await robot.rest.issues.get(at)).data.pull_request).toBeDefined();
  });
});

describe('checks', () => {
  test('are written by Apps, each its own, with annotations that add up', async () => {
    const { checks } = robot.rest;
    const annotation = {
      path: 'b.txt',
      start_line: 1,
      end_line: 1,
      annotation_level: 'failure' as const,
      message: 'no',
    };
    const output = { title: 't', summary: 's', annotations: [annotation] };
    const run = await checks.create({
      ...ours,
      name: 'Table 1',
      head_sha: pull.headSha,
      status: 'in_progress',
      output,
    });
    expect(run.data).toMatchObject({ status: 'in_progress', conclusion: null, output: { annotations_count: 1 } });
    const at = { ...ours, check_run_id: run.data.id };
    const done = await checks.update({ ...at, status: 'completed', conclusion: 'neutral', output });
    expect(done.data).toMatchObject({ conclusion: 'neutral', output: { annotations_count: 2 } });
    expect((await checks.listAnnotations(at)).data).toHaveLength(2);
    await checks.create({ ...ours, name: 'Table 1', head_sha: pull.headSha, conclusion: 'success' });
    const { data } = await checks.listForRef({ ...ours, ref: pull.headSha });
    expect(data.check_runs.map(({ conclusion }) => conclusion)).toEqual(['success']);
    expect((await checks.listSuitesForRef({ ...ours, ref: pull.headSha })).data.total_count).toBe(1);
    const person = client(github, ada.token()).rest.checks.create({ ...ours, name: 'x', head_sha: pull.headSha });
    expect(await refused(person)).toBe('403 You must authenticate via a GitHub App.');
    const another = github.app('another', { permissions: { checks: 'write' } });
    const foreign = client(github, github.installationToken(github.installs(another, demo)));
    expect(await refused(foreign.rest.checks.update({ ...at, name: 'mine' }))).toContain('403 Invalid app_id');
  });
});

describe('requests that GitHub would refuse', () => {
  const post = (path: string, body: unknown) => robot.request(`POST ${path}`, { ...ours, data: body as never });
  test.each([
    ['a field that is not there', '/git/refs', { ref: 'refs/heads/x', sha: 'a'.repeat(40), owner_id: 1 }, 'owner_id'],
    [
      'a field inside a field',
      '/check-runs',
      { name: 'x', head_sha: 'a', output: { title: 't', summary: 's', body: '' } },
      'output/body',
    ],
    ['completed without a conclusion', '/check-runs', { name: 'x', head_sha: 'a', status: 'completed' }, 'conclusion'],
    ['a word that is none', '/check-runs', { name: 'x', head_sha: 'a', conclusion: 'good' }, 'conclusion'],
    ['a field that is missing', '/git/commits', { tree: 'a' }, 'message'],
    ['a number for a word', '/issues/1/comments', { body: 1 }, 'body'],
    [
      'four buttons',
      '/check-runs',
      { name: 'x', head_sha: 'a', actions: Array(4).fill({ label: 'l', description: 'd', identifier: 'i' }) },
      'actions',
    ],
  ])('%s', async (_, path, body, named) => {
    const said = await refused(post(`/repos/{owner}/{repo}${path}`, body));
    expect(said).toContain('422 Invalid request.');
    expect(said).toContain(named);
  });

  test('unknown parameters, unknown routes, and bodies that are no JSON', async () => {
    expect(await refused(robot.request('GET /repos/{owner}/{repo}/pulls', { ...ours, branch: 'x' }))).toContain(
      '"branch" is not a permitted key.',
    );
    expect(
      await refused(robot.request('GET /repos/{owner}/{repo}/pulls', { ...ours, state: 'merged' as 'all' })),
    ).toContain('422');
    expect(await refused(robot.request('GET /repos/acme/demo/nothing'))).toBe('404 Not Found');
    const headers = { authorization: `token ${ada.token()}` };
    const answer = await fetch(`${github.api}/repos/acme/demo/git/blobs`, { method: 'POST', body: '{', headers });
    expect(answer.status).toBe(400);
  });
});

describe('workflow runs, people and limits', () => {
  test('a run tells who set it off', async () => {
    const run = grace.startsWorkflow(demo);
    const { data } = await robot.rest.actions.getWorkflowRun({ ...ours, run_id: run.id });
    expect(data).toMatchObject({ actor: { id: 1906 }, status: 'in_progress', head_sha: demo.branch('main') });
    expect((await robot.rest.actions.listWorkflowRunsForRepo(ours)).data.total_count).toBe(1);
  });

  test('people are known by number, whatever their login', async () => {
    const bernard = github.user('bernard', 77);
    github.renames(bernard, 'bernie');
    github.user('bernard', 78);
    const { data } = await robot.rest.users.getByUsername({ username: 'bernard' });
    expect(data.id).toBe(78);
    expect((await robot.rest.users.getById({ account_id: 77 })).data.login).toBe('bernie');
    const permission = await robot.rest.repos.getCollaboratorPermissionLevel({ ...ours, username: 'ada' });
    expect(permission.data.permission).toBe('admin');
    expect(await refused(robot.rest.repos.checkCollaborator({ ...ours, username: 'grace' }))).toBe('404 Not Found');
    expect((await client(github, ada.token()).rest.users.getAuthenticated()).data.login).toBe('ada');
    expect((await robot.rest.rateLimit.get()).data.rate.limit).toBe(5000);
  });

  test('a branch is renamed, and its pull requests with it', async () => {
    await ada.commits(demo, 'old-name', { 'z.txt': 'z' });
    await ada.commits(demo, 'feature', { 'y.txt': 'y' });
    const one = await ada.opensPull(demo, { head: 'feature', base: 'old-name' });
    await client(github, ada.token()).rest.repos.renameBranch({ ...ours, branch: 'old-name', new_name: 'new-name' });
    const { data } = await robot.rest.pulls.get({ ...ours, pull_number: one.number });
    expect(data).toMatchObject({ state: 'open', base: { ref: 'new-name' } });
  });
});
