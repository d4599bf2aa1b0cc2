import type { GitObject } from './smart-http/object-id.ts';

/**
 * Objects of one repository that were read before, and facts about its commits that never change: for a door to keep as
 * long as it lives, one for each repository (who has an id may read what is kept under it).
 */
export interface ObjectCache {
  get(id: string): GitObject | undefined;
  put(id: string, object: GitObject): void;
  /** What is being read at this moment, by any store that shares the cache. */
  readonly going: Map<string, Promise<GitObject | null>>;
  fact(name: string): string | undefined;
  remember(name: string, value: string): void;
}

/** What an entry takes beside its bytes, roughly. */
const overhead = 300;
const mostFacts = 10_000;

/** Forgets what was not used for longest once there is more than so many bytes. */
export function objectCache(bytes: number): ObjectCache {
  const objects = new Map<string, GitObject>();
  const facts = new Map<string, string>();
  let held = 0;
  const cost = (object: GitObject) => object.bytes.length + overhead;
  return {
    going: new Map(),
    get(id) {
      const object = objects.get(id);
      if (object !== undefined) {
        objects.delete(id);
        objects.set(id, object);
      }
      return object;
    },
    put(id, object) {
      // One that alone is a good part of the whole would push out the trees that every reading needs.
      if (objects.has(id) || cost(object) > bytes / 4) return;
      objects.set(id, object);
      held += cost(object);
      for (const [oldest, old] of objects) {
        if (held <= bytes) break;
        objects.delete(oldest);
        held -= cost(old);
      }
    },
    fact: name => facts.get(name),
    remember(name, value) {
      facts.delete(name);
      facts.set(name, value);
      if (facts.size > mostFacts) facts.delete(facts.keys().next().value!);
    },
  };
}
