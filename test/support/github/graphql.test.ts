import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Octokit } from '@octokit/rest';
import { type DefinitionNode, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { GitHub } from './github.ts';
import { startGitHub } from './start-github.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const client = (github: GitHub, auth: string) => new Octokit({ baseUrl: github.api, log, auth });
const base64 = (text: string) => Buffer.from(text).toString('base64');

const mutation = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid url message tree { entries { name type } } } ref { name } }
}`;

async function start() {
  const github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files: { 'a/b.txt': 'b\n', 'c.txt': 'c\n' } });
  const commit = (auth: string, expectedHeadOid: string, fileChanges: object, more: object = {}) =>
    client(github, auth).graphql<{ createCommitOnBranch: { commit: { oid: string; tree: object }; ref: object } }>(
      mutation,
      {
        input: {
          branch: { repositoryNameWithOwner: 'acme/demo', branchName: 'main' },
          message: { headline: 'a record', body: 'of a run' },
          expectedHeadOid,
          fileChanges,
          ...more,
        },
      },
    );
  return { github, ada, repository, commit };
}

const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'it was not refused',
    (error: { errors?: { type?: string; message: string }[]; message: string }) =>
      error.errors === undefined ? error.message : `${error.errors[0]?.type}: ${error.errors[0]?.message}`,
  );

describe('createCommitOnBranch', () => {
  test('adds one signed commit with what was added and taken away, in the name of the token', async () => {
    const { github, repository, commit } = await start();
    await using _ = github;
    const before = repository.branch('main')!;
    const changes = {
      additions: [{ path: 'records/x/record.yml', contents: base64('id: x\n') }],
      deletions: [{ path: 'a/b.txt' }],
    };
    const { createCommitOnBranch: made } = await commit(github.workflowToken(repository), before, changes);
    expect(made).toMatchObject({
      commit: {
        oid: repository.branch('main'),
        message: 'a record\n\nof a run',
        tree: {
          entries: [
            { name: 'c.txt', type: 'blob' },
            { name: 'records', type: 'tree' },
          ],
        },
      },
      ref: { name: 'main' },
    });
    const stored = (await repository.git.commit(made.commit.oid))!;
    expect(stored).toMatchObject({
      parents: [before],
      author: { email: '41898282+github-actions[bot]@users.noreply.github.com' },
      committer: { name: 'GitHub' },
    });
    expect(repository.signed.has(made.commit.oid)).toBe(true);
    expect(github.calls.count('POST /graphql')).toEqual({ calls: 1, reads: 0, writes: 1 });
  });

  test('of many at once on the same tip one succeeds, and the others are stale', async () => {
    const { github, repository, commit } = await start();
    await using _ = github;
    const tip = repository.branch('main')!;
    const token = github.workflowToken(repository);
    const tries = Array.from({ length: 8 }, (_, n) =>
      commit(token, tip, { additions: [{ path: `${n}.txt`, contents: base64(`${n}`) }] }),
    );
    const said = await Promise.all(tries.map(refused));
    expect(said.filter(words => words === 'it was not refused')).toHaveLength(1);
    expect(new Set(said)).toEqual(
      new Set([
        'it was not refused',
        `STALE_DATA: Expected branch to point to "${tip}" but it did not. Pull and try again.`,
      ]),
    );
    expect(await repository.git.count(tip, repository.branch('main')!)).toBe(1);
  });

  test('makes no branch, takes no token that may not write, no workflows, and no bad paths', async () => {
    const { github, ada, repository, commit } = await start();
    await using _ = github;
    const tip = repository.branch('main')!;
    const token = ada.token();
    const add = (path: string) => ({ additions: [{ path, contents: base64('x') }] });
    const branch = { repositoryNameWithOwner: 'acme/demo', branchName: 'records' };
    expect(await refused(commit(token, tip, add('x'), { branch }))).toContain('NOT_FOUND: No such branch');
    const reader = github.workflowToken(repository, { contents: 'read' });
    expect(await refused(commit(reader, tip, add('x')))).toBe('FORBIDDEN: Resource not accessible by integration');
    const writer = github.workflowToken(repository);
    expect(await refused(commit(writer, tip, add('.github/workflows/x.yml')))).toContain('FORBIDDEN');
    expect(await refused(commit(token, tip, add('../x')))).toContain('UNPROCESSABLE');
    expect(await refused(commit(token, tip, { deletions: [{ path: 'none' }] }))).toContain('UNPROCESSABLE');
    expect(await refused(commit(token, tip, { additions: [{ path: 'x', content: 'y' }] }))).toContain('content');
    expect(repository.branch('main')).toBe(tip);
  });
});

describe('queries', () => {
  test('give refs and objects, and refuse what GitHub has not', async () => {
    const { github, ada, repository } = await start();
    await using _ = github;
    const { graphql } = client(github, ada.token());
    const query = `query ($owner: String!, $name: String!) {
      repository(owner: $owner, name: $name) {
        databaseId
        defaultBranchRef { name target { oid } }
        records: ref(qualifiedName: "refs/heads/records") { name }
        file: object(expression: "main:a/b.txt") { ... on Blob { text byteSize isBinary } }
      }
    }`;
    expect(await graphql(query, { owner: 'acme', name: 'demo' })).toEqual({
      repository: {
        databaseId: repository.id,
        defaultBranchRef: { name: 'main', target: { oid: repository.branch('main') } },
        records: null,
        file: { text: 'b\n', byteSize: 2, isBinary: false },
      },
    });
    expect(await refused(graphql(query, { owner: 'acme', name: 'none' }))).toContain('NOT_FOUND');
    expect(await refused(graphql('{ repository(owner: "acme", name: "demo") { shoeSize } }'))).toContain('shoeSize');
    expect(await refused(client(github, 'ghp_nobody').graphql('{ viewer { login } }'))).toContain('Bad credentials');
  });

  test("the schema is an excerpt of GitHub's own", () => {
    const theirs = join(dirname(fileURLToPath(import.meta.resolve('@octokit/graphql-schema'))), 'schema.graphql');
    const definitions = (path: string) =>
      new Map(
        parse(readFileSync(path, 'utf8'), { noLocation: true }).definitions.flatMap(one =>
          'name' in one && one.name !== undefined ? [[one.name.value, one] as const] : [],
        ),
      );
    const parts = (one: DefinitionNode) =>
      'fields' in one
        ? (one.fields ?? []).map(field => {
            const { description: _, directives: __, ...plain } = field;
            const shown = 'arguments' in plain ? { ...plain, arguments: (plain.arguments ?? []).map(bare) } : plain;
            return print({ ...shown, directives: [] } as never);
          })
        : [];
    const whole = definitions(theirs);
    for (const [name, one] of definitions(join(import.meta.dirname, 'graphql', 'schema.graphql'))) {
      const original = whole.get(name);
      expect(original?.kind, name).toBe(one.kind);
      const known = new Set(parts(original!));
      expect(
        parts(one).filter(part => !known.has(part)),
        name,
      ).toEqual([]);
    }
  });
});

function bare<T extends object>(node: T): T {
  return { ...node, description: undefined, directives: [] };
}
