import { diffPath } from '../../domain/branch-layout.ts';
import { superseded } from '../../domain/diff-request.ts';
import { readDocument } from '../../domain/documents.ts';
import type { DiffRequest } from '../../domain/generated/shapes.ts';
import type { RecordStore, Snapshot } from '../../store/record-store.ts';
import type { BranchProblem } from '../verify-branch.ts';
import { problem } from './branch-content.ts';

/**
 * Pairs that were settled more than once with one method. In two clones before they met, that is nobody's fault: the
 * first answer counts, and a warning names the others. Settled by who could see that it was, it breaks the rule `fresh`.
 * @returns the requests that do not count, and what was found about them
 */
export async function verifySettledTwice(
  store: RecordStore,
  tip: Snapshot,
  requests: readonly DiffRequest[],
): Promise<{ others: ReadonlyMap<string, DiffRequest>; found: BranchProblem[] }> {
  const others = superseded(requests);
  const found: BranchProblem[] = [];
  if (others.size === 0) return { others, found };
  const byId = new Map(requests.map(request => [request.id, request]));
  const groups = new Map<string, string[]>();
  for (const [id, first] of others) groups.set(first.id, [...(groups.get(first.id) ?? [first.id]), id]);
  const known = await whenSettled(store, tip, [...groups.values()].flat());
  for (const group of groups.values()) {
    for (const one of group) {
      const seen = group.filter(other => other !== one && known.get(one)?.has(other));
      const first = others.get(one);
      if (seen.length > 0) {
        const because = `the pair was ${byId.get(seen[0]!)!.status} with this method already, by the request ${seen[0]}, when this one was answered`;
        found.push(problem(diffPath(one), 'fresh', because));
      } else if (first) {
        const because = `superseded: another clone had the pair ${first.status} with this method, by the request ${first.id}, whose answer was earlier; this one is not counted`;
        found.push({ ...problem(diffPath(one), 'fresh', because), severity: 'warning' });
      }
    }
  }
  return { others, found };
}

/** Of each of these requests, which of them the branch had settled by the commit that settled it. */
async function whenSettled(
  store: RecordStore,
  tip: Snapshot,
  ids: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const paths = new Map(ids.map(id => [diffPath(id), id]));
  const known = new Map<string, ReadonlySet<string>>();
  // Parents come first: a merge that takes a settled request from another clone is none that settles it.
  for await (const { commit, changes } of store.history(tip.commit)) {
    for (const { path } of changes) {
      const id = paths.get(path);
      if (id === undefined || known.has(id)) continue;
      const snapshot = await store.snapshot(commit);
      if (!(await isSettled(snapshot, path))) continue;
      const seen = new Set<string>();
      for (const [at, other] of paths) if (await isSettled(snapshot, at)) seen.add(other);
      known.set(id, seen);
    }
  }
  return known;
}

async function isSettled(snapshot: Snapshot, path: string): Promise<boolean> {
  const bytes = await snapshot.read(path);
  const reading = bytes ? readDocument('diff', bytes, path) : null;
  return reading !== null && 'value' in reading && reading.value.status !== 'proposed';
}
