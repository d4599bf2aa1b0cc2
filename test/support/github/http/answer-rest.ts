import type { IncomingMessage } from 'node:http';
import type { GitHub } from '../github.ts';
import { answerFaults, bodyFaults, parameterFaults } from '../openapi/request-validation.ts';
import { findRoute } from '../openapi/route.ts';
import { demand } from '../permissions.ts';
import { routes } from '../rest/routes.ts';
import { Actor } from '../state/actor.ts';
import type { Answer } from './answer.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Call, RepositoryCall } from './route-handler.ts';

/** One call of the REST API, in GitHub's order: who, how often, what, whether he may, whether it is well put. */
export async function answerRest(github: GitHub, request: IncomingMessage, url: URL, content: Buffer): Promise<Answer> {
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  const path = url.pathname.slice('/api/v3'.length) || '/';
  const found = findRoute(method, path);
  const name = found?.route.name ?? `${method} ${path}`;
  const logged = {
    at: github.now(),
    by: 'anonymous',
    kind: 'anonymous' as Actor['kind'],
    route: name,
    path,
    writes: method !== 'GET',
    status: 500,
  };
  github.calls.all.push(logged);
  let actor = new Actor({ kind: 'anonymous', label: 'anonymous' });
  let answer: Answer;
  let leave = () => {};
  try {
    actor = github.tokens.fromHeader(request.headers.authorization);
    logged.by = actor.label;
    logged.kind = actor.kind;
    leave = github.limits.enter(actor, logged.writes);
    await github.trouble.beforeCall(name, path, actor);
    if (found === undefined) throw notFound();
    const handler = routes[name];
    if (handler === undefined) throw new Refusal(501, `The GitHub for tests does not answer ${name}.`);
    const { route, parameters } = found;
    const body = parsed(content);
    const call: Call = {
      github,
      actor,
      path: parameters,
      query: url.searchParams,
      body: body ?? {},
      accept: request.headers.accept ?? '*/*',
      url,
    };
    const refuseFaults = () => {
      const faults = [
        ...parameterFaults(route.operation, parameters, url.searchParams),
        ...bodyFaults(route.operation, body),
      ];
      if (faults.length > 0) throw new Refusal(422, `Invalid request.\n\n${faults.join('\n')}`);
    };
    if (handler.on === 'repository') {
      const repository = github.repository(`${parameters.owner}/${parameters.repo}`);
      if (repository === undefined || !actor.sees(repository)) throw notFound();
      if (actor.kind === 'app') throw new Refusal(403, 'Resource not accessible by integration');
      demand(actor, repository, handler.needs);
      refuseFaults();
      answer = await handler.answer({ ...call, repository } satisfies RepositoryCall);
    } else {
      if (handler.on === 'app' && actor.kind !== 'app') {
        throw new Refusal(401, 'A JSON web token could not be decoded');
      }
      refuseFaults();
      answer = await handler.answer(call);
    }
    if (github.checksItself && !Buffer.isBuffer(answer.body)) {
      github.ownFaults.push(...answerFaults(route.operation, answer.status, answer.body));
    }
    answer = await github.trouble.afterCall(name, path, actor, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = refusalAnswer(error);
  } finally {
    leave();
  }
  logged.status = answer.status;
  return { ...answer, headers: { ...github.limits.headers(actor), ...answer.headers } };
}

export function refusalAnswer({ status, message, errors, headers }: Refusal): Answer {
  const documentation_url = 'https://docs.github.com/rest';
  const body = { message, ...(errors.length === 0 ? {} : { errors }), documentation_url, status: String(status) };
  return { status, body, headers };
}

/** @returns undefined where there is no body */
export function parsed(content: Buffer): unknown {
  if (content.length === 0) return undefined;
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}
