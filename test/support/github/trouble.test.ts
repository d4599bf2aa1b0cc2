import { Octokit } from '@octokit/rest';
import { describe, expect, test } from 'vitest';
import { startGitHub } from './start-github.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ours = { owner: 'acme', repo: 'demo' };

interface Said {
  readonly status: number;
  readonly response: {
    readonly headers: { readonly [name: string]: string | undefined };
    readonly data: { message: string };
  };
}
const refusal = (call: Promise<unknown>): Promise<Said> =>
  call.then(
    () => {
      throw new Error('it was not refused');
    },
    (error: Said) => error,
  );

async function start(circumstances: Parameters<typeof startGitHub>[0] = {}) {
  const github = await startGitHub(circumstances);
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files: { a: 'a' } });
  const token = github.workflowToken(repository);
  const client = new Octokit({ baseUrl: github.api, log, auth: token });
  return { github, ada, repository, token, client };
}

describe('trouble', () => {
  test('a call fails as often as it is told to, before or after its work', async () => {
    const { github, ada, repository, client } = await start();
    await using _ = github;
    const issue = ada.opensIssue(repository, 'q');
    const write = () => client.rest.issues.createComment({ ...ours, issue_number: issue.number, body: 'x' });
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    github.trouble.fails(route, { status: 500, times: 2 });
    expect((await refusal(write())).status).toBe(500);
    expect((await refusal(write())).status).toBe(500);
    expect(repository.comments.size).toBe(0);
    github.trouble.fails('POST', { status: 502, applied: true });
    expect((await refusal(write())).status).toBe(502);
    expect(repository.comments.size).toBe(1);
    await write();
    expect(repository.comments.size).toBe(2);
    github.trouble.fails('*', { times: 9 });
    github.trouble.ends();
    await client.rest.repos.get(ours);
  });

  test('limits come with the headers that tell when to try again', async () => {
    const { github, client } = await start();
    await using _ = github;
    github.trouble.limits('*', 'secondary', { retryAfter: 7 });
    const secondary = await refusal(client.rest.repos.get(ours));
    expect(secondary.response.headers['retry-after']).toBe('7');
    expect(secondary.response.data.message).toContain('secondary rate limit');
    github.trouble.limits('GET', 'primary', { retryAfter: 30 });
    const primary = await refusal(client.rest.repos.get(ours));
    expect(primary.status).toBe(403);
    expect(primary.response.headers['x-ratelimit-remaining']).toBe('0');
    expect(Number(primary.response.headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000);
    expect(primary.response.data.message).toContain('API rate limit exceeded');
  });

  test("a repository's workflows share a thousand calls an hour", async () => {
    let now = new Date('2026-11-22T09:00:00Z');
    const { github, repository, client } = await start({ now: () => now });
    await using _ = github;
    github.limits.hourly.workflow = 3;
    const other = new Octokit({ baseUrl: github.api, log, auth: github.workflowToken(repository) });
    await client.rest.repos.get(ours);
    await other.rest.repos.get(ours);
    const { headers } = await client.rest.repos.get(ours);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '0' });
    expect((await refusal(other.rest.repos.get(ours))).status).toBe(403);
    now = new Date('2026-11-22T10:00:01Z');
    await other.rest.repos.get(ours);
  });

  test('secondary limits count writes by the minute, where they are on', async () => {
    const { github, client } = await start();
    await using _ = github;
    github.limits.secondary = true;
    const write = () => client.rest.git.createBlob({ ...ours, content: 'x' });
    for (let n = 0; n < 80; n++) await write();
    expect((await refusal(write())).response.headers['retry-after']).toBe('60');
    await client.rest.repos.get(ours);
  });

  test('a branch moves just before it would be moved, whichever way that is', async () => {
    const { github, ada, repository, client } = await start();
    await using _ = github;
    let n = 0;
    const moves = async () => void (await ada.commits(repository, 'main', { [`other-${n++}`]: 'x' }));
    const { data: head } = await client.rest.git.getCommit({ ...ours, commit_sha: repository.branch('main')! });
    const { data: next } = await client.rest.git.createCommit({
      ...ours,
      message: 'm',
      tree: head.tree.sha,
      parents: [head.sha],
    });
    github.trouble.movesBranch(repository, 'main', moves);
    const late = await refusal(client.rest.git.updateRef({ ...ours, ref: 'heads/main', sha: next.sha }));
    expect(late.response.data.message).toBe('Update is not a fast forward');
    github.trouble.movesBranch(repository, 'main', moves);
    const { data: merge } = await client.rest.repos.merge({ ...ours, base: 'main', head: next.sha });
    // Merging takes the branch as it is by then.
    expect(merge.parents[0]?.sha).not.toBe(head.sha);
    expect(n).toBe(2);
  });

  test('another may come in between two calls', async () => {
    const { github, ada, repository, client } = await start();
    await using _ = github;
    const issue = ada.opensIssue(repository, 'q');
    github.trouble.before(
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      () => void ada.comments(issue, 'first'),
    );
    const { data } = await client.rest.issues.listComments({ ...ours, issue_number: issue.number });
    expect(data.map(({ body }) => body)).toEqual(['first']);
  });

  test('calls are counted by token and kind', async () => {
    const { github, ada, client } = await start();
    await using _ = github;
    await client.rest.repos.get(ours);
    await client.rest.git.createBlob({ ...ours, content: 'x' });
    await new Octokit({ baseUrl: github.api, log, auth: ada.token() }).rest.repos.get(ours);
    expect(github.calls.count('workflow of acme/demo')).toEqual({ calls: 2, reads: 1, writes: 1 });
    expect(github.calls.count('ada')).toEqual({ calls: 1, reads: 1, writes: 0 });
    expect(github.calls.count('GET /repos/{owner}/{repo}').calls).toBe(2);
    expect(github.calls.count().calls).toBe(3);
  });
});
