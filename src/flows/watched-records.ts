import { assessmentPath, recordPath } from '../domain/branch-layout.ts';
import { readDocument, requireDocument } from '../domain/documents.ts';
import type { Proposition } from '../domain/generated/shapes.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { recordsOfCommit } from './records-of-commit.ts';
import type { Chance } from './world.ts';

/** Newest commits of the branch in which reproductions are looked for. */
const mostCommits = 256;
const comesOutAgain: ReadonlySet<Proposition> = new Set(['repeated', 'reproduced']);

/**
 * The records of which two owners agreed that they come out again (the targeted ones of the branch's pairs), to be looked
 * at once more: first those that nobody reproduced lately, in an order taken by chance, so that one that cannot be run
 * stands in nobody's way; then the others, the one that was looked at longest ago first.
 * @param tip of the store's branch
 */
export async function watchedRecords(
  store: RecordStore,
  tip: Snapshot,
  chance: Pick<Chance, 'randomBytes'>,
): Promise<string[]> {
  const bytes = await tip.read(assessmentPath);
  if (bytes === null) return [];
  const { pairs } = requireDocument('assessment', bytes, assessmentPath);
  const agreed = pairs.filter(({ proposition }) => comesOutAgain.has(proposition)).map(({ toward }) => toward);
  const watched = new Set(agreed);
  if (watched.size === 0) return [];
  const lately = await reproducedLately(store, tip, watched);
  const others = [...watched].filter(id => !lately.includes(id));
  return [...shuffled(others, chance), ...lately.reverse()];
}

/** Which of them were reproduced, the last one first, as far as the newest commits tell. */
async function reproducedLately(store: RecordStore, tip: Snapshot, watched: ReadonlySet<string>): Promise<string[]> {
  const ids: string[] = [];
  let next: string | undefined = tip.commit;
  for (let count = 0; next !== undefined && count < mostCommits; count++) {
    const commit = await store.commitInfo(next);
    ids.push(...(await recordsOfCommit(store, commit)));
    next = commit.parents[0];
  }
  const paths = [...new Set(ids)].map(recordPath);
  const found = new Set<string>();
  for (const [index, bytes] of (await tip.readAll(paths)).entries()) {
    const reading = bytes === null ? null : readDocument('record', bytes, paths[index]!);
    // What cannot be read reproduces nothing; `verify` names it.
    const reproduces = reading !== null && 'value' in reading ? reading.value.reproduces : null;
    if (reproduces !== null && watched.has(reproduces)) found.add(reproduces);
  }
  return [...found];
}

/** By Fisher and Yates; what a remainder of 32 bits prefers is no matter here. */
function shuffled(ids: readonly string[], { randomBytes }: Pick<Chance, 'randomBytes'>): string[] {
  const mixed = [...ids];
  for (let last = mixed.length - 1; last > 0; last--) {
    const at = Buffer.from(randomBytes(4)).readUInt32LE() % (last + 1);
    [mixed[last], mixed[at]] = [mixed[at]!, mixed[last]!];
  }
  return mixed;
}
