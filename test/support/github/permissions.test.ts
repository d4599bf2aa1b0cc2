import { createSign } from 'node:crypto';
import { Octokit } from '@octokit/rest';
import { describe, expect, test } from 'vitest';
import type { GitHub } from './github.ts';
import type { Permissions } from './permissions.ts';
import { startGitHub } from './start-github.ts';
import type { App } from './state/app.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const client = (github: GitHub, auth?: string) =>
  new Octokit({ baseUrl: github.api, log, ...(auth === undefined ? {} : { auth }) });
const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'it was not refused',
    (error: { status: number; response?: { data: { message: string } } }) =>
      `${error.status} ${error.response?.data.message}`,
  );

function jwt(app: App, times: { readonly iat?: number; readonly exp?: number; readonly iss?: number } = {}) {
  const { iat = Math.floor(Date.now() / 1000) - 60, iss = app.id } = times;
  const { exp = iat + 600 } = times;
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat, exp, iss })}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(app.privateKey, 'base64url')}`;
}

async function start(permissions: Permissions = {}) {
  const github = await startGitHub();
  github.checksItself = true;
  const [ada, grace] = [github.user('ada', 1815), github.user('grace', 1906)];
  const repository = await ada.createRepository('acme/demo', { files: { a: 'a' } });
  const app = github.app('corroborate', { permissions });
  const installation = github.installs(app, repository);
  return { github, ada, grace, repository, app, installation };
}
const ours = { owner: 'acme', repo: 'demo' };

describe('an App', () => {
  test('exchanges a JWT of its key for a token, whole or narrowed', async () => {
    const { github, ada, repository, app, installation } = await start({ contents: 'write', checks: 'write' });
    await using _ = github;
    const other = await ada.createRepository('acme/other', { files: { a: 'a' } });
    const speaks = client(github, jwt(app));
    expect((await speaks.rest.apps.getAuthenticated()).data).toMatchObject({ id: app.id, slug: 'corroborate' });
    expect((await speaks.rest.apps.listInstallations()).data.map(({ id }) => id)).toEqual([installation.id]);
    expect((await speaks.rest.apps.getRepoInstallation(ours)).data.id).toBe(installation.id);
    const at = { installation_id: installation.id };
    const { data: whole } = await speaks.rest.apps.createInstallationAccessToken(at);
    expect(
      (await client(github, whole.token).rest.apps.listReposAccessibleToInstallation()).data.repositories,
    ).toMatchObject([{ id: repository.id }]);
    const content = { content: 'x' };
    expect((await client(github, whole.token).rest.git.createBlob({ ...ours, ...content })).status).toBe(201);
    const narrow = await speaks.rest.apps.createInstallationAccessToken({ ...at, permissions: { checks: 'write' } });
    expect(await refused(client(github, narrow.data.token).rest.git.createBlob({ ...ours, ...content }))).toBe(
      '403 Resource not accessible by integration',
    );
    const wider = speaks.rest.apps.createInstallationAccessToken({ ...at, permissions: { issues: 'write' } });
    expect(await refused(wider)).toBe('422 The permissions requested are not granted to this installation.');
    const elsewhere = { owner: 'acme', repo: other.name, ...content };
    expect(await refused(client(github, whole.token).rest.git.createBlob(elsewhere))).toContain('403');
    installation.suspended = true;
    expect(await refused(client(github, whole.token).rest.repos.get(ours))).toContain('403');
    // The description asks an account here to be a person and an enterprise at once (allOf for anyOf).
    expect(github.ownFaults.filter(fault => !fault.startsWith('apps/list-installations 200: 0/account '))).toEqual([]);
  });

  test('is made of a manifest, whose code is good for one exchange', async () => {
    const { github, ada } = await start();
    await using _ = github;
    const manifest = { name: 'My App', default_permissions: { checks: 'write' as const }, default_events: ['push'] };
    const code = github.acceptsManifest(manifest, ada.account);
    const { data } = await client(github).rest.apps.createFromManifest({ code });
    expect(data).toMatchObject({ slug: 'my-app', events: ['push'], owner: { login: 'ada' } });
    expect(data.pem).toContain('PRIVATE KEY');
    const made = github.apps.find(({ id }) => id === data!.id)!;
    expect((await client(github, jwt(made)).rest.apps.getAuthenticated()).data).toMatchObject({ id: made.id });
    expect(await refused(client(github).rest.apps.createFromManifest({ code }))).toBe('404 Not Found');
    expect(github.ownFaults).toEqual([]);
  });

  test('is refused with a JWT that is too old, too long, or of another key', async () => {
    const { github, app } = await start();
    await using _ = github;
    const now = Math.floor(Date.now() / 1000);
    const tries = (options: Parameters<typeof jwt>[1]) =>
      refused(client(github, jwt(app, options)).rest.apps.getAuthenticated());
    expect(await tries({ iat: now - 700 })).toContain("401 'Expiration time' claim");
    expect(await tries({ exp: now + 3600 })).toContain('too far in the future');
    expect(await tries({ iat: now + 100 })).toContain("401 'Issued at' claim");
    expect(await tries({ iss: 1 })).toBe('404 Integration not found');
    const broken = `${jwt(app).slice(0, -8)}AAAAAAAA`;
    expect(await refused(client(github, broken).rest.apps.getAuthenticated())).toContain('401 A JSON web token');
    expect(await refused(client(github, jwt(app)).rest.repos.get(ours))).toContain('403');
  });

  const calls: readonly [string, Permissions, (of: Octokit, sha: string) => Promise<unknown>][] = [
    ['contents', { contents: 'write' }, (of, sha) => of.rest.git.createRef({ ...ours, ref: 'refs/heads/x', sha })],
    ['checks', { checks: 'write' }, (of, sha) => of.rest.checks.create({ ...ours, name: 'x', head_sha: sha })],
    ['labels', { pull_requests: 'write' }, of => of.rest.issues.createLabel({ ...ours, name: 'x' })],
    ['labels', { issues: 'write' }, of => of.rest.issues.createLabel({ ...ours, name: 'x' })],
    ['pull requests', { pull_requests: 'read' }, of => of.rest.pulls.list(ours)],
    ['runs', { actions: 'read' }, of => of.rest.actions.listWorkflowRunsForRepo(ours)],
  ];
  test.each(calls)('may do with %s what it was given: %j', async (_name, permissions, call) => {
    const { github, repository, installation } = await start(permissions);
    await using _ = github;
    const sha = repository.branch('main')!;
    await call(client(github, github.installationToken(installation)), sha);
    const without = { metadata: 'read' as const };
    const bare = client(github, github.installationToken(installation, { permissions: without }));
    const error = await call(bare, sha).then(
      () => undefined,
      (error: { status: number; response: { headers: { [name: string]: string } } }) => error,
    );
    expect(error?.status).toBe(403);
    const [[name, level] = []] = Object.entries(permissions);
    expect(error?.response.headers['x-accepted-github-permissions']).toContain(`${name}=${level}`);
  });
});

describe('tokens', () => {
  test("a workflow's reaches its own repository only, and opens pull requests where a setting allows it", async () => {
    const { github, ada, repository } = await start();
    await using _ = github;
    const secret = await ada.createRepository('acme/secret', { files: { a: 'a' }, isPrivate: true });
    await ada.commits(repository, 'work', { b: 'b' });
    const job = client(github, github.workflowToken(repository));
    expect(await refused(job.rest.repos.get({ owner: 'acme', repo: secret.name }))).toBe('404 Not Found');
    const asked = { ...ours, title: 't', head: 'work', base: 'main' };
    repository.actionsMayOpenPulls = false;
    expect(await refused(job.rest.pulls.create(asked))).toBe(
      '403 GitHub Actions is not permitted to create or approve pull requests.',
    );
    repository.actionsMayOpenPulls = true;
    expect((await job.rest.pulls.create(asked)).data.user).toMatchObject({
      id: 41898282,
      login: 'github-actions[bot]',
    });
    const fork = await github.user('grace').forks(repository);
    expect(await refused(job.rest.git.createBlob({ owner: 'grace', repo: fork.name, content: 'x' }))).toContain('403');
    const reader = client(github, github.workflowToken(repository, { contents: 'read' }));
    expect(await refused(reader.rest.git.createBlob({ ...ours, content: 'x' }))).toBe(
      '403 Resource not accessible by integration',
    );
  });

  test("a person's does what the person may, a fine-grained one no more than it says", async () => {
    const { github, ada, grace } = await start();
    await using _ = github;
    const blob = (token?: string) => client(github, token).rest.git.createBlob({ ...ours, content: 'x' });
    expect((await blob(ada.token())).status).toBe(201);
    expect(await refused(blob(grace.token()))).toBe('404 Not Found');
    expect(await refused(blob())).toBe('401 Requires authentication');
    expect(await refused(blob('ghp_nobody'))).toBe('401 Bad credentials');
    expect(await refused(blob(ada.token({ issues: 'write' })))).toBe(
      '403 Resource not accessible by personal access token',
    );
    expect((await blob(ada.token({ contents: 'write' }))).status).toBe(201);
    const { status } = await client(github).rest.repos.get(ours);
    expect(status).toBe(200);
  });

  test('a protected branch refuses by the API too, but for those on its list', async () => {
    const { github, ada, repository, app, installation } = await start({ contents: 'write' });
    await using _ = github;
    const robot = client(github, github.installationToken(installation));
    const { data: head } = await robot.rest.git.getCommit({ ...ours, commit_sha: repository.branch('main')! });
    const { data: next } = await robot.rest.git.createCommit({
      ...ours,
      message: 'm',
      tree: head.tree.sha,
      parents: [head.sha],
    });
    const move = () => robot.rest.git.updateRef({ ...ours, ref: 'heads/main', sha: next.sha });
    ada.protects(repository, 'main', { pushers: [] });
    expect(await refused(move())).toContain("403 You're not authorized to push to this branch.");
    ada.protects(repository, 'main', { requiresPull: true });
    expect(await refused(move())).toBe('422 Changes must be made through a pull request.');
    ada.protects(repository, 'main', { requiresPull: true, pushers: [app.bot] });
    expect((await move()).status).toBe(200);
    const { data } = await client(github, ada.token()).rest.repos.getBranchProtection({ ...ours, branch: 'main' });
    expect(data.required_pull_request_reviews).toBeDefined();
  });
});
