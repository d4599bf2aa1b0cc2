import { Problem } from '../../domain/problem.ts';
import { gathered } from './gathered.ts';
import type { ObjectCache } from './object-cache.ts';
import { type GitObject, isId } from './smart-http/object-id.ts';
import { TooLarge } from './smart-http/read-pack.ts';
import { NotThere, type UploadPack } from './smart-http/upload-pack.ts';

/** Ids in one request; more are asked for in several. */
const mostWants = 1000;
/** What is asked for while so many are under way waits, and goes together. */
const requestsAtOnce = 2;

interface Wanted {
  readonly id: string;
  resolve(object: GitObject | null): void;
  reject(problem: unknown): void;
}

/**
 * Reads objects by id: from the cache, or over git, where what is asked for at the same time goes into one request, and the same id is asked for once however many wait for it.
 */
export function objectLoader(git: UploadPack, cache: ObjectCache) {
  const { going } = cache;
  /** Apart, since a commit's tree would be left out of an answer that also has the commit. */
  const queues = {
    commits: gathered(requestsAtOnce, (all: readonly Wanted[]) => askInParts('commits', all)),
    others: gathered(requestsAtOnce, (all: readonly Wanted[]) => askInParts('others', all)),
  };

  async function askInParts(kind: 'commits' | 'others', all: readonly Wanted[]): Promise<void> {
    const parts = Array.from({ length: Math.ceil(all.length / mostWants) }, (_, index) =>
      all.slice(index * mostWants, (index + 1) * mostWants),
    );
    await Promise.all(parts.map(part => ask(kind, part)));
  }

  async function ask(kind: 'commits' | 'others', asked: readonly Wanted[]): Promise<void> {
    let wanted = asked;
    try {
      while (wanted.length > 0) {
        const wants = wanted.map(({ id }) => id);
        const depth = kind === 'commits' ? { depth: 1 } : {};
        const { objects } = await git.fetch({ wants, filter: 'tree:0', ...depth });
        for (const [id, object] of objects) cache.put(id, object);
        const missing: Wanted[] = [];
        for (const one of wanted) {
          const object = objects.get(one.id);
          if (object === undefined) missing.push(one);
          else settle(one, object);
        }
        // What was reached through another of the same request can be missing; there is always one that was not.
        if (missing.length === wanted.length) throw unanswered(missing[0]!.id);
        wanted = missing;
      }
    } catch (problem) {
      await mend(kind, wanted, problem);
    }
  }

  /** One object that is not there, or too large, does not take the others with it. */
  async function mend(kind: 'commits' | 'others', wanted: readonly Wanted[], problem: unknown): Promise<void> {
    if (problem instanceof NotThere) {
      const [gone, others] = [[] as Wanted[], [] as Wanted[]];
      for (const one of wanted) (one.id === problem.id ? gone : others).push(one);
      for (const one of gone) settle(one, null);
      if (gone.length > 0) return ask(kind, others);
    }
    if (problem instanceof TooLarge && wanted.length > 1) {
      const half = wanted.length >> 1;
      await Promise.all([ask(kind, wanted.slice(0, half)), ask(kind, wanted.slice(half))]);
      return;
    }
    for (const one of wanted) {
      going.delete(one.id);
      one.reject(problem instanceof TooLarge ? tooLarge(one.id, problem) : problem);
    }
  }

  function settle(wanted: Wanted, object: GitObject | null): void {
    going.delete(wanted.id);
    wanted.resolve(object);
  }

  /** @returns null where the repository has no such object */
  function load(id: string, kind: 'commits' | 'others'): Promise<GitObject | null> {
    if (!isId(id)) throw new Problem('DEFECT', `${JSON.stringify(id)} is no object id`);
    const cached = cache.get(id);
    if (cached !== undefined) return Promise.resolve(cached);
    const shared = going.get(id);
    if (shared !== undefined) return shared;
    const { promise, resolve, reject } = withResolvers<GitObject | null>();
    going.set(id, promise);
    void queues[kind]({ id, resolve, reject });
    return promise;
  }

  return {
    commit: (id: string) => load(id, 'commits'),
    object: (id: string) => load(id, 'others'),
  };
}

export type ObjectLoader = ReturnType<typeof objectLoader>;

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (problem: unknown) => void;
  const promise = new Promise<T>((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

function unanswered(id: string): Problem {
  return new Problem(
    'DAMAGED',
    `the git server did not send object ${id}, which was asked for by name. Try again; if it stays so, the repository is damaged.`,
  );
}

export function tooLarge(what: string, cause: TooLarge): Problem {
  return new Problem(
    'UNSUPPORTED',
    `${what} is too large to be read over the network (${cause.message}). A clone can: \`corroborate\` on the command line reads it there.`,
    { cause },
  );
}
