import { spawn } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { branchOf, type RefUpdate, settle } from '../deeds/change-ref.ts';
import type { GitHub } from '../github.ts';
import { Refusal } from '../http/refusal.ts';
import { atLeast } from '../permissions.ts';
import type { Actor } from '../state/actor.ts';
import type { Repository } from '../state/repository.ts';
import { bareEnvironment } from './git.ts';

/** What git's update hook refuses, told to it by its environment: one `ref<TAB>why` a line. */
const updateHook = `#!/bin/sh
none=0000000000000000000000000000000000000000
refused=$(printf '%s\\n' "$REFUSED_REFS" | while IFS='	' read -r ref why; do
  if [ "$ref" = "$1" ]; then echo "$why"; fi
done)
if [ -n "$refused" ]; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  echo "error: $refused" >&2
  exit 1
fi
if [ -n "$REFUSES_WORKFLOWS" ] && [ "$3" != "$none" ]; then
  changed=$(git log --format= --name-only "$3" --not --all -- .github/workflows | head -n 1)
  if [ -n "$changed" ]; then
    echo "refusing to allow $REFUSES_WORKFLOWS to create or update workflow \\\`$changed\\\` without \\\`workflows\\\` permission" >&2
    exit 1
  fi
fi
`;

/** git over HTTP: the real `git http-backend`. @returns false where the address is nothing of git's */
export async function serveGit(
  github: GitHub,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const match = /^\/([^/]+\/[^/]+?)(?:\.git)?(\/info\/refs|\/git-upload-pack|\/git-receive-pack)$/.exec(url.pathname);
  if (match === null) return false;
  const [, fullName = '', path = ''] = match;
  const service = url.searchParams.get('service') ?? path.slice(1);
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
    refuse(response, 403, 'Please upgrade your git client.\nGitHub.com no longer supports git over dumb-http.');
    return true;
  }
  let actor: Actor;
  try {
    actor = github.tokens.fromHeader(request.headers.authorization);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuse(response, 401, 'Invalid username or token. Password authentication is not supported for Git operations.');
    return true;
  }
  const repository = github.repository(fullName);
  const pushes = service === 'git-receive-pack';
  if (repository === undefined || !mayGit(actor, repository, pushes)) {
    // Without a token GitHub asks for one, whether or not there is such a repository.
    if (actor.kind === 'anonymous') refuse(response, 401, 'No anonymous write access.');
    else if (repository === undefined || !actor.sees(repository)) refuse(response, 404, 'Repository not found.');
    else refuse(response, 403, `Permission to ${repository.fullName}.git denied to ${actor.account?.login}.`);
    return true;
  }
  if (pushes && path === '/git-receive-pack') await receive(github, repository, actor, request, response, url, path);
  else if (path === '/git-upload-pack' && request.method === 'POST') await upload(repository, request, response);
  else await backend(repository, request, response, url, path, actor, {});
  return true;
}

function mayGit(actor: Actor, repository: Repository, pushes: boolean): boolean {
  if (!actor.sees(repository) || actor.kind === 'app') return false;
  if (actor.kind === 'anonymous') return !pushes;
  const level = pushes ? 'write' : 'read';
  const { permissions } = actor;
  if (actor.kind === 'personal') {
    if (!atLeast(repository.access(actor.account!), level)) return false;
    return permissions === null || (actor.reaches(repository) && atLeast(permissions.contents, level));
  }
  if (!actor.reaches(repository)) return !pushes && !repository.isPrivate;
  return atLeast(permissions!.contents, level) || (!pushes && !repository.isPrivate);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const asks = status === 401 ? { 'www-authenticate': 'Basic realm="GitHub"' } : {};
  response.writeHead(status, { 'content-type': 'text/plain', ...asks }).end(`${message}\n`);
}

/** A push: in the repository's turn, with all that follows from it before the client hears of it. */
async function receive(
  github: GitHub,
  repository: Repository,
  actor: Actor,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  path: string,
): Promise<void> {
  await github.trouble.beforeMove(repository, null);
  await repository.exclusively(async () => {
    const { git } = repository;
    const hook = join(git.folder, 'hooks', 'update');
    await writeFile(hook, updateHook);
    await chmod(hook, 0o755);
    const by = { account: actor.account!, app: actor.app };
    const refused = [...repository.protections].flatMap(([branch, protection]) => {
      const why = protection.refusal(by.account);
      return why === undefined ? [] : [`refs/heads/${branch}\t${why}`];
    });
    const { permissions } = actor;
    const noWorkflows = permissions !== null && !atLeast(permissions.workflows, 'write');
    const before = git.refs.list();
    const told = {
      REFUSED_REFS: refused.join('\n'),
      ...(noWorkflows
        ? { REFUSES_WORKFLOWS: actor.kind === 'personal' ? 'a Personal Access Token' : 'a GitHub App' }
        : {}),
    };
    await backend(repository, request, response, url, path, actor, told, async () => {
      const after = git.refs.list();
      const names = new Set([...before.keys(), ...after.keys()]);
      const updates: RefUpdate[] = [...names].map(ref => ({
        ref,
        before: before.get(ref) ?? null,
        after: after.get(ref) ?? null,
      }));
      const first = updates.find(({ ref, after }) => after !== null && branchOf(ref) !== null);
      // The first branch that comes into an empty repository becomes its default one.
      if (first !== undefined && repository.branch(repository.defaultBranch) === undefined) {
        repository.defaultBranch = branchOf(first.ref)!;
      }
      await settle(github, repository, updates, by);
    });
  });
}

/** What `git http-backend` does for a fetch, with one process less. */
function upload({ git }: Repository, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers['content-type'] !== 'application/x-git-upload-pack-request') {
    response.writeHead(415, { 'content-type': 'text/plain' }).end('Unsupported Media Type\n');
    return Promise.resolve();
  }
  const protocol = request.headers['git-protocol'];
  const child = spawn('git', ['upload-pack', '--strict', '--stateless-rpc', git.folder], {
    env: { ...bareEnvironment, ...(protocol === undefined ? {} : { GIT_PROTOCOL: String(protocol) }) },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  const gzipped = request.headers['content-encoding'] === 'gzip';
  (gzipped ? request.pipe(createGunzip()) : request).pipe(child.stdin);
  response.writeHead(200, {
    'content-type': 'application/x-git-upload-pack-result',
    'cache-control': 'no-cache, max-age=0, must-revalidate',
  });
  child.stdout.pipe(response);
  return new Promise((fulfil, reject) => {
    child.once('error', reject);
    child.once('close', () => fulfil());
  });
}

function backend(
  { git }: Repository,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  path: string,
  actor: Actor,
  told: NodeJS.ProcessEnv,
  beforeEnd?: () => Promise<void>,
): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: {
      ...bareEnvironment,
      ...told,
      GIT_PROJECT_ROOT: git.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
      ...(actor.kind === 'anonymous' ? {} : { REMOTE_USER: actor.label }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  const gzipped = request.headers['content-encoding'] === 'gzip';
  (gzipped ? request.pipe(createGunzip()) : request).pipe(child.stdin);
  return new Promise((fulfil, reject) => {
    let head = Buffer.alloc(0);
    let begun = false;
    const late: Buffer[] = [];
    const pass = (chunk: Buffer) => {
      if (beforeEnd === undefined) response.write(chunk);
      else late.push(chunk);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      if (begun) return pass(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      begun = true;
      let status = 200;
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(line) ?? [];
        if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.statusCode = status;
      pass(head.subarray(end + 4));
    });
    child.once('error', reject);
    child.once('close', async () => {
      try {
        await beforeEnd?.();
        if (!begun) response.statusCode = 500;
        response.end(Buffer.concat(late));
        fulfil();
      } catch (error) {
        reject(error);
      }
    });
  });
}
