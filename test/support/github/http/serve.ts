import type { IncomingMessage, ServerResponse } from 'node:http';
import { serveGit } from '../git/git-http.ts';
import type { GitHub } from '../github.ts';
import { answerGraphql } from '../graphql/answer-graphql.ts';
import { requestId } from '../trouble.ts';
import type { Answer } from './answer.ts';
import { answerRest } from './answer-rest.ts';

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** One request: to the API, to GraphQL, to git, or to a page that nobody sees. */
export async function serve(github: GitHub, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', github.origin);
  try {
    if (/^\/api\/v3(\/|$)/.test(url.pathname)) {
      send(request, response, await answerRest(github, request, url, await bodyOf(request)));
    } else if (url.pathname === '/api/graphql') {
      send(request, response, await answerGraphql(github, request, await bodyOf(request)));
    } else if (!(await serveGit(github, request, response, url))) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found\n');
    }
  } catch (error) {
    github.crashes.push(error);
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ message: `The GitHub for tests failed: ${error}` }));
  }
}

function send(request: IncomingMessage, response: ServerResponse, { status, body, headers }: Answer): void {
  const content = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    'x-github-request-id': requestId(),
    'x-github-media-type': 'github.v3; format=json',
    ...(content === undefined
      ? {}
      : { 'content-type': 'application/json; charset=utf-8', 'content-length': content.length }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : content);
}
