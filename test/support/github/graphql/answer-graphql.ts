import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { buildSchema, type DocumentNode, execute, GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import type { GitHub } from '../github.ts';
import type { Answer } from '../http/answer.ts';
import { parsed, refusalAnswer } from '../http/answer-rest.ts';
import { Refusal } from '../http/refusal.ts';
import { Actor } from '../state/actor.ts';
import type { Repository } from '../state/repository.ts';
import { nodeId } from '../views/node-id.ts';
import { createCommitOnBranch, visibleRepository } from './create-commit-on-branch.ts';
import { gitObject, refObject } from './git-objects.ts';
import { GraphqlRefusal } from './graphql-refusal.ts';

let built: GraphQLSchema | undefined;
const schema = () => {
  built ??= buildSchema(readFileSync(join(import.meta.dirname, 'schema.graphql'), 'utf8'));
  return built;
};

function repositoryObject(github: GitHub, repository: Repository): object {
  return {
    id: nodeId('Repository', repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: repository.fullName,
    isFork: repository.parent !== null,
    parent: () => (repository.parent === null ? null : repositoryObject(github, repository.parent)),
    defaultBranchRef: () => refObject(github, repository, `refs/heads/${repository.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      refObject(github, repository, qualifiedName.startsWith('refs/') ? qualifiedName : `refs/heads/${qualifiedName}`),
    object: ({ expression, oid }: { expression?: string; oid?: string }) => {
      const revision = oid ?? expression ?? '';
      return revision.startsWith('-') ? null : gitObject(github, repository, revision);
    },
  };
}

function root(github: GitHub, actor: Actor) {
  return {
    rateLimit: () => {
      const { limit, used, remaining, reset } = github.limits.view(actor);
      return { cost: 1, limit, used, remaining, resetAt: new Date(reset * 1000).toISOString() };
    },
    viewer: () => ({
      id: nodeId('User', actor.account!.id),
      databaseId: actor.account!.id,
      login: actor.account!.login,
    }),
    repository: ({ owner, name }: { owner: string; name: string }) =>
      repositoryObject(github, visibleRepository(github, actor, `${owner}/${name}`)),
    createCommitOnBranch: ({ input }: { input: Parameters<typeof createCommitOnBranch>[2] }) =>
      createCommitOnBranch(github, actor, input),
  };
}

/** GitHub's words for an error: with a type, where it is one of its own. */
function errorView(error: GraphQLError) {
  const { originalError, message, path, locations } = error;
  if (originalError != null && !(originalError instanceof GraphqlRefusal) && !(originalError instanceof GraphQLError)) {
    throw originalError;
  }
  const type = originalError instanceof GraphqlRefusal ? { type: originalError.type } : {};
  return { ...type, ...(path === undefined ? {} : { path }), locations, message };
}

export async function answerGraphql(github: GitHub, request: IncomingMessage, content: Buffer): Promise<Answer> {
  const route = 'POST /graphql';
  const logged = {
    at: github.now(),
    by: 'anonymous',
    kind: 'anonymous' as Actor['kind'],
    route,
    path: '/graphql',
    writes: false,
    status: 500,
  };
  github.calls.all.push(logged);
  let actor = new Actor({ kind: 'anonymous', label: 'anonymous' });
  let leave = () => {};
  let answer: Answer;
  try {
    actor = github.tokens.fromHeader(request.headers.authorization);
    if (actor.account === null) throw new Refusal(401, 'This endpoint requires you to be authenticated.');
    logged.by = actor.label;
    logged.kind = actor.kind;
    const body = parsed(content) as { query?: string; variables?: { [name: string]: unknown } } | undefined;
    if (typeof body?.query !== 'string')
      throw new Refusal(400, 'A query attribute must be specified and must be a string.');
    let document: DocumentNode | undefined;
    let errors: readonly GraphQLError[];
    try {
      document = parse(body.query);
      errors = validate(schema(), document);
    } catch (error) {
      errors = [error as GraphQLError];
    }
    logged.writes =
      document?.definitions.some(one => one.kind === 'OperationDefinition' && one.operation === 'mutation') ?? false;
    leave = github.limits.enter(actor, logged.writes);
    await github.trouble.beforeCall(route, '/graphql', actor);
    if (document === undefined || errors.length > 0) {
      answer = { status: 200, body: { errors: errors.map(errorView) }, headers: {} };
    } else {
      const result = await execute({
        schema: schema(),
        document,
        rootValue: root(github, actor),
        variableValues: body.variables ?? {},
      });
      const faults = result.errors === undefined ? {} : { errors: result.errors.map(errorView) };
      answer = { status: 200, body: { data: result.data, ...faults }, headers: {} };
    }
    answer = await github.trouble.afterCall(route, '/graphql', actor, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = refusalAnswer(error);
  } finally {
    leave();
  }
  logged.status = answer.status;
  return { ...answer, headers: { ...github.limits.headers(actor, 'graphql'), ...answer.headers } };
}
