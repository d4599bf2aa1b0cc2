import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { lightFetch } from '../../../src/doors/app/light-fetch.ts';

async function server(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void) {
  const running = createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    answer(request, body, response);
  });
  await new Promise<void>(done => running.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(running.address() as AddressInfo).port}`,
    running,
    async [Symbol.asyncDispose]() {
      running.closeAllConnections();
      await new Promise(done => running.close(done));
    },
  };
}

test('sends what it is told and gives the whole answer, refusals too', async () => {
  await using there = await server((request, body, response) => {
    response.writeHead(422, { 'content-type': 'application/json', 'retry-after': '7' });
    response.end(JSON.stringify([request.method, request.url, request.headers.authorization, body]));
  });
  const headers = { authorization: 'token of a test' };
  const answer = await lightFetch(`${there.url}/a?b=c`, { method: 'PATCH', headers, body: '{"é":1}' });
  expect(answer.status).toBe(422);
  expect(answer.headers.get('retry-after')).toBe('7');
  expect(JSON.parse(await answer.text())).toEqual(['PATCH', '/a?b=c', 'token of a test', '{"é":1}']);
});

test('follows a repository that was renamed', async () => {
  await using there = await server((request, body, response) => {
    if (request.url === '/old') response.writeHead(307, { location: '/new' }).end();
    else response.end(`${request.method} ${request.url} ${body}`);
  });
  const answer = await lightFetch(`${there.url}/old`, { method: 'POST', headers: {}, body: 'x' });
  expect(await answer.text()).toBe('POST /new x');
});

test('a read goes again where a kept connection was closed just then, a write does not', async () => {
  let requests = 0;
  await using there = await server((request, _, response) => {
    // Every second request of a connection finds it closed.
    if (++requests % 2 === 0) request.socket.destroy();
    else response.end('here');
  });
  const get = () => lightFetch(there.url, { method: 'GET', headers: {} });
  await (await get()).text();
  expect(await (await get()).text()).toBe('here');
  await expect(lightFetch(there.url, { method: 'POST', headers: {}, body: 'x' })).rejects.toThrow();
});
