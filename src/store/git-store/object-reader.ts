import type { Socket } from 'node:net';
import { Problem } from '../../domain/problem.ts';
import { looseFiles } from './loose-file.ts';
import { type GitProcess, type Repository, startGit } from './repository.ts';

export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: Buffer;
}

interface Request {
  readonly name: string;
  readonly resolve: (object: GitObject | null) => void;
  readonly reject: (problem: Problem) => void;
}

/**
 * Reads loose objects itself, and all others through one `git cat-file --batch`, started when it is first needed and kept
 * open. It holds node alive only while an answer is due. Requests are object ids or full ref names, never paths: a path
 * may hold a newline.
 */
export function objectReader(repository: Repository) {
  const loose = looseFiles(repository);
  let open: Batch | null = null;

  return {
    /** The object of an id, or the commit of a ref; null where there is none. */
    object(name: string): Promise<GitObject | null> {
      const found = loose.object(name);
      if (found !== null) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        open ??= startBatch(repository, waiting => {
          open = null;
          // What was asked after the request that ended git is asked again of a new one.
          for (const request of waiting) this.object(request.name).then(request.resolve, request.reject);
        });
        open.ask({ name, resolve, reject });
      });
    },

    close(): Promise<void> {
      const batch = open;
      open = null;
      return batch ? batch.end() : Promise.resolve();
    },
  };
}

export type ObjectReader = ReturnType<typeof objectReader>;

interface Batch {
  ask(request: Request): void;
  end(): Promise<void>;
}

function startBatch(repository: Repository, gone: (waiting: Request[]) => void): Batch {
  const child = startGit(repository, ['cat-file', '--batch']);
  const waiting: Request[] = [];
  let said = '';
  let ending = false;
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4096);
  });
  const feed = batchParser((header, bytes) => {
    const request = waiting.shift();
    if (waiting.length === 0) holdNode(child, false);
    const [id, type] = header.split(' ');
    request?.resolve(bytes === null ? null : { id: id!, type: type!, bytes });
  });
  child.stdout.on('data', feed);
  const closed = new Promise<void>(resolve => {
    const over = (cause?: Error) => {
      const culprit = waiting.shift();
      const rest = waiting.splice(0);
      culprit?.reject(brokenObject(culprit.name, said, cause));
      if (!ending) gone(rest);
      else
        for (const request of rest)
          request.reject(new Problem('DEFECT', `the store was closed while it read ${request.name}`));
      resolve();
    };
    child.once('error', over);
    child.once('close', () => over());
  });
  holdNode(child, false);
  return {
    ask(request) {
      if (waiting.push(request) === 1) holdNode(child, true);
      child.stdin.write(`${request.name}\n`);
    },
    end() {
      ending = true;
      holdNode(child, true);
      child.stdin.end();
      return closed;
    },
  };
}

/** An open pipe keeps node from ending, which is right only while somebody waits for its answer. */
function holdNode(child: GitProcess, hold: boolean): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr] as unknown as Socket[]) {
    if (hold) handle.ref();
    else handle.unref();
  }
}

function brokenObject(name: string, said: string, cause?: Error): Problem {
  const words = said
    .trim()
    .replace(/^(?:fatal|error): /gm, '')
    .replaceAll('\n', '; ');
  if (words === '') {
    return new Problem(
      'GIT_FAILED',
      `git ended while it read ${name}${cause ? `: ${cause.message}` : ''}; try again.`,
      {
        cause,
      },
    );
  }
  return damaged(name, words, cause);
}

export function damaged(object: string, because: string, cause?: unknown): Problem {
  return new Problem(
    'DAMAGED',
    `git cannot give object ${object}: ${because}. \`git fsck\` lists what is damaged; \`corroborate pull\` (or \`git fetch\`) can bring it back from a remote that has it.`,
    { cause },
  );
}

/** Cuts the output of `cat-file --batch` into answers; bytes are null where git has no such object. */
function batchParser(answer: (header: string, bytes: Buffer | null) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let held = 0;
  let header: string | null = null;
  let wanted = 0;
  return chunk => {
    chunks.push(chunk);
    held += chunk.length;
    // Large contents come in many chunks: join them once, when they are complete.
    if (header !== null && held < wanted) return;
    let rest = Buffer.concat(chunks);
    for (;;) {
      if (header === null) {
        const end = rest.indexOf(0x0a);
        if (end < 0) break;
        const line = rest.toString('utf8', 0, end);
        rest = rest.subarray(end + 1);
        const size = /^[0-9a-f]+ [a-z]+ (\d+)$/.exec(line)?.[1];
        if (size === undefined) answer(line, null);
        else {
          header = line;
          wanted = Number(size) + 1;
        }
      } else {
        if (rest.length < wanted) break;
        const bytes = Buffer.from(rest.subarray(0, wanted - 1));
        rest = rest.subarray(wanted);
        const line = header;
        header = null;
        answer(line, bytes);
      }
    }
    chunks = [rest];
    held = rest.length;
  };
}
