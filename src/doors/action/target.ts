import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { findRecord } from '../../flows/branch-documents.ts';
import { latestRecord } from '../../flows/latest-record.ts';
import { watchedRecords } from '../../flows/watched-records.ts';
import { readRepositoryFacts } from '../../github/read-repository.ts';
import type { RepositoryName } from '../../store/github-store/github-calls.ts';
import type { GitHubStore } from '../../store/github-store/github-store.ts';
import type { Snapshot } from '../../store/record-store.ts';
import type { Step } from './step.ts';

/** A repository whose records may be meant. */
interface Place {
  readonly repository: RepositoryName;
  /** Whether that is the repository of the workflow itself. */
  readonly isOwn: boolean;
}

/** A record that a run is compared with, and where it stands. */
export interface Target extends Place {
  readonly store: GitHubStore;
  readonly tip: Snapshot;
  readonly record: RecordAtom;
}

/**
 * The record that is meant by an id or `latest`: in a fork the parent's, else the repository's own.
 * @param from this run's own id, which `latest` never is
 * @returns null for `latest` where there is none yet
 * @throws Problem NOT_FOUND for an id that neither has
 */
export async function findTarget(step: Step, word: string, from: string | null): Promise<Target | null> {
  const { hub, inputs } = step;
  const places = await placesOf(step);
  // The parent's newest is meant in a fork, however old it is.
  for (const place of word === 'latest' ? places.slice(0, 1) : places) {
    const store = hub.store(place.repository);
    const tip = await store.tip();
    if (tip === null) continue;
    const record = word === 'latest' ? await latestRecord(store, tip, from ?? '') : await findRecord(tip, word);
    if (record !== null) return { ...place, store, tip, record };
  }
  if (word === 'latest') return null;
  const names = places.map(({ repository: { owner, name } }) => `${owner}/${name}`).join(' and ');
  throw new Problem('NOT_FOUND', `there is no record ${word} on the branch ${inputs.branch} of ${names}.`);
}

/** The ids of the records that are to be looked at once more, first the one whose turn it is: in a fork the parent's. */
export async function findWatched(step: Step): Promise<string[]> {
  const [place] = await placesOf(step);
  const store = step.hub.store(place!.repository);
  const tip = await store.tip();
  return tip === null ? [] : watchedRecords(store, tip, step.chance);
}

/** In a fork the parent comes first. */
async function placesOf({ context, hub }: Step): Promise<Place[]> {
  const own = context.repository;
  const parent = context.isFork === false ? null : (await readRepositoryFacts(hub.api, own)).parent;
  return [...(parent === null ? [] : [{ repository: parent, isOwn: false }]), { repository: own, isOwn: true }];
}
