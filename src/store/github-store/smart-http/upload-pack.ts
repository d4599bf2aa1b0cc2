import type { GitHubFailure } from '../../../domain/github-failure.ts';
import { Problem } from '../../../domain/problem.ts';
import { problemOf } from '../failure.ts';
import { type Attempt, patiently, type Waiting } from '../waiting.ts';
import { type GitObject, isId } from './object-id.ts';
import { delimiter, flush, type Packet, packet, packets } from './pkt-line.ts';
import { type PackLimits, readPack, TooLarge } from './read-pack.ts';

/** How to reach a repository's git over HTTP. */
export interface GitAddress {
  /** `https://github.com/acme/demo.git` */
  readonly url: string;
  readonly fetch: typeof globalThis.fetch;
  /** The header's value (`basicAuthorization(token)`), asked for before each request; null for none. */
  authorization(): Promise<string | null>;
}

export interface UploadPackLimits extends PackLimits {
  /** Bytes of one answer. */
  readonly answer: number;
  /** How long one request may take, in milliseconds. */
  readonly time: number;
}

export interface Ref {
  readonly name: string;
  readonly id: string;
  /** The ref that it stands for, e.g. HEAD's. */
  readonly symref: string | null;
}

export interface FetchRequest {
  readonly wants: readonly string[];
  /** What leads to these is left out. */
  readonly haves?: readonly string[];
  /** `tree:0`, `blob:none`, `blob:limit=<bytes>` */
  readonly filter: string;
  /** Generations of commits; all unless told. */
  readonly depth?: number;
}

export interface Fetched {
  readonly objects: ReadonlyMap<string, GitObject>;
  /** Commits whose parents `depth` left out. */
  readonly cut: ReadonlySet<string>;
}

/** As git sends a token. */
export function basicAuthorization(token: string): string {
  return `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
}

/** An id that the server says it does not have. */
export class NotThere extends Error {
  readonly id: string;
  constructor(id: string) {
    super(`the server has no ${id}`);
    this.id = id;
  }
}

const agent = 'git/corroborate';
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Reads a repository over git's smart HTTP, protocol version 2 (gitprotocol-v2): its refs, and objects by id, with
 * nothing kept here. GitHub counts none of it among API calls.
 * @param repository for messages: `acme/demo`
 */
export function uploadPack(address: GitAddress, repository: string, limits: UploadPackLimits, waiting: Waiting) {
  async function post(command: readonly string[], doing: string): Promise<Buffer> {
    const body = Buffer.from(command.join(''), 'latin1');
    const outcome = await patiently(waiting, { doing, repeatable: true }, () => attempt(address, body, limits));
    if ('done' in outcome) return outcome.done;
    throw problemOf(outcome.failed, repository, doing);
  }

  return {
    /** The refs whose full names begin so. @throws Problem NOT_FOUND, FORBIDDEN, UNREACHABLE, RATE_LIMITED, REMOTE_FAILED */
    async refs(prefixes: readonly string[]): Promise<Ref[]> {
      const lines = ['symrefs', ...prefixes.map(prefix => `ref-prefix ${latin1(prefix)}`)];
      const command = [packet('command=ls-refs'), packet(`agent=${agent}`), delimiter, ...lines.map(packet), flush];
      const refs: Ref[] = [];
      const answer = await post(command, 'list the branches').catch(cause => {
        throw cause instanceof TooLarge ? strange(`it lists branches without end (${cause.message})`) : cause;
      });
      for (const line of packets(answer)) {
        if (!Buffer.isBuffer(line)) continue;
        const text = line.toString('utf8').replace(/\n$/, '');
        refuseError(text, repository);
        const [id, name, ...attributes] = text.split(' ');
        if (id === 'unborn') continue;
        if (!isId(id) || name === undefined || !/^(HEAD|refs\/.+)$/.test(name)) throw strange(`the ref ${text}`);
        const symref = attributes.find(one => one.startsWith('symref-target:'))?.slice('symref-target:'.length);
        refs.push({ id, name, symref: symref ?? null });
      }
      // A server may list more than was asked for.
      return refs.filter(({ name }) => prefixes.some(prefix => name.startsWith(prefix)));
    },

    /**
     * Objects by id in one request. What is wanted comes although the filter would leave it out, unless it is reached
     * through another wanted object first: then it may be missing, and can be asked for again.
     * @throws NotThere, TooLarge; Problem as `refs`, and DAMAGED
     */
    async fetch({ wants, haves = [], filter, depth }: FetchRequest): Promise<Fetched> {
      const lines = [
        'no-progress',
        `filter ${filter}`,
        ...(depth === undefined ? [] : [`deepen ${depth}`]),
        ...wants.map(id => `want ${id}`),
        ...haves.map(id => `have ${id}`),
        'done',
      ];
      const command = [packet('command=fetch'), packet(`agent=${agent}`), delimiter, ...lines.map(packet), flush];
      const { pack, cut } = readAnswer(packets(await post(command, 'read objects')), repository);
      return { objects: pack === null ? new Map() : await readPack(pack, limits), cut };
    },
  };
}

export type UploadPack = ReturnType<typeof uploadPack>;

/** Ref names are bytes: `packet` wants one character for each. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

async function attempt(address: GitAddress, body: Buffer, limits: UploadPackLimits): Promise<Attempt<Buffer>> {
  const origin = new URL(address.url).origin;
  let url = `${address.url.replace(/\/$/, '')}/git-upload-pack`;
  const authorization = await address.authorization();
  const failed = (status: number | null, message: string, headers: GitHubFailure['headers'] = {}, cause?: unknown) => ({
    failed: { status, message, headers, types: [], cause },
  });
  for (let hops = 0; ; hops++) {
    let response: Response;
    try {
      response = await address.fetch(url, {
        method: 'POST',
        body: new Uint8Array(body),
        redirect: 'manual',
        signal: AbortSignal.timeout(limits.time),
        headers: {
          'content-type': 'application/x-git-upload-pack-request',
          accept: 'application/x-git-upload-pack-result',
          'git-protocol': 'version=2',
          'user-agent': agent,
          ...(authorization === null ? {} : { authorization }),
        },
      });
    } catch (cause) {
      return failed(null, messageOf(cause), {}, cause);
    }
    if (redirects.has(response.status)) {
      await response.body?.cancel();
      const target = new URL(response.headers.get('location') ?? '', url);
      // The token is for one host. A renamed repository is answered for at the same one.
      if (target.origin !== origin || hops === 3 || !target.pathname.endsWith('/git-upload-pack')) {
        throw strange(`it sends Corroborate on to ${target.origin}${target.pathname}, where the token must not go;`);
      }
      url = target.href;
      continue;
    }
    let bytes: Buffer;
    try {
      bytes = await readBody(response, response.ok ? limits.answer : 4096);
    } catch (cause) {
      if (cause instanceof TooLarge && response.ok) throw cause;
      return failed(response.ok ? null : response.status, messageOf(cause), {}, cause);
    }
    if (!response.ok) {
      const headers = { 'x-accepted-github-permissions': 'contents=read', ...Object.fromEntries(response.headers) };
      return failed(response.status, bytes.toString('utf8').trim(), headers);
    }
    const type = response.headers.get('content-type');
    if (type !== 'application/x-git-upload-pack-result') throw strange(`it answers with ${type},`);
    return { done: bytes };
  }
}

async function readBody(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return Buffer.alloc(0);
  for await (const chunk of response.body) {
    length += chunk.length;
    // Leaving the loop cancels the rest of the answer.
    if (length > most) throw new TooLarge(`an answer of more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function readAnswer(answer: Iterable<Packet>, repository: string): { pack: Buffer | null; cut: Set<string> } {
  const cut = new Set<string>();
  const parts: Buffer[] = [];
  let section: string | null = null;
  let seen = false;
  for (const piece of answer) {
    if (!Buffer.isBuffer(piece)) {
      section = null;
    } else if (section === 'packfile') {
      // One byte tells whose the rest is: 1 the pack's, 2 progress, 3 an error.
      if (piece[0] === 1) parts.push(piece.subarray(1));
      else if (piece[0] === 3) refuseError(`ERR ${piece.toString('utf8', 1)}`, repository);
      else if (piece[0] !== 2) throw strange(`band ${piece[0]}`);
    } else {
      const line = piece.toString('utf8').replace(/\n$/, '');
      refuseError(line, repository);
      if (section === null) {
        section = line;
        seen ||= line === 'packfile';
      } else if (section === 'shallow-info') {
        const id = /^shallow ([0-9a-f]{40})$/.exec(line)?.[1];
        if (id !== undefined) cut.add(id);
      }
    }
  }
  if (!seen) throw strange('its answer holds no pack');
  return { pack: Buffer.concat(parts), cut };
}

function refuseError(line: string, repository: string): void {
  if (!line.startsWith('ERR ')) return;
  const missing = /not our ref ([0-9a-f]{40})/.exec(line)?.[1];
  if (missing !== undefined) throw new NotThere(missing);
  throw new Problem(
    'REMOTE_FAILED',
    `the git server of ${repository} answers: ${JSON.stringify(line.slice(4, 500).trim())}.`,
  );
}

function strange(what: string): Problem {
  return new Problem('REMOTE_FAILED', `the git server answers as none should: ${what.replace(/[,;]?$/, '')}.`);
}

function messageOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const deeper = cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
  return `${cause.message}${deeper}`;
}
