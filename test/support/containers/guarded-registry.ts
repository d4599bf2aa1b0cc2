import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from './registry.ts';

/** A registry that lets in those who log in with one of these passwords, as GitHub's does with tokens. */
export interface GuardedRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly passwords: Set<string>;
  /** Who came, as `user:password`, each once. */
  readonly came: Set<string>;
}

/** A door in front of a registry: Basic authentication, as docker's and podman's logins do it. */
export async function guardRegistry({ host: behind }: Pick<Registry, 'host'>): Promise<GuardedRegistry> {
  const passwords = new Set<string>();
  const came = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const [, basic] = /^Basic (.+)$/.exec(incoming.headers.authorization ?? '') ?? [];
    const who = basic === undefined ? null : Buffer.from(basic, 'base64').toString('utf8');
    if (who !== null) came.add(who);
    if (who === null || !passwords.has(who.slice(who.indexOf(':') + 1))) {
      incoming.resume();
      outgoing.writeHead(401, { 'www-authenticate': 'Basic realm="registry"', 'content-type': 'application/json' });
      outgoing.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
      return;
    }
    const { authorization: _, ...headers } = incoming.headers;
    const { url: path, method } = incoming;
    const [hostname, port] = behind.split(':');
    const passed = request({ hostname, port, path, method, headers }, answer => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    passwords,
    came,
    async [Symbol.asyncDispose]() {
      const closed = new Promise(done => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
