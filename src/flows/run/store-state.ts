import { createHash } from 'node:crypto';
import { historyPath, recordPath } from '../../domain/branch-layout.ts';
import { containerId, containerOfSource } from '../../domain/container.ts';
import { assertDocument } from '../../domain/documents.ts';
import type { Container, History, RecordAtom } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { wellFormed } from '../../domain/well-formed.ts';
import type { Content, RecordStore } from '../../store/record-store.ts';
import { readHistory, yamlBytes } from '../branch-documents.ts';
import { type ProjectWords, startProject } from '../start-project.ts';
import { signatureOf } from '../world.ts';

/** A record that has no container yet: `storeState` gives it the one of its source. */
export type RecordDraft = Omit<RecordAtom, 'image'>;

/** The container that a run went on in, as the history has it; null for a run on the host. */
export type ContainerOfRun = Pick<Container, 'system' | 'image' | 'created' | 'origin'> | null;

/** One state of one record, ready to be committed. */
export interface RecordState {
  readonly draft: RecordDraft;
  /** What stands beside record.yml, by path on the branch. */
  readonly files: ReadonlyMap<string, Content>;
  /** For the commit's message: `started`, `failed with exit code 3`. */
  readonly what: string;
  /**
   * When the source's commit was made: a new container is as old as that, so that no record that began before this one
   * and is stored after it finds its container younger than itself.
   */
  sourceMade(): Promise<Date>;
  readonly ranIn: ContainerOfRun;
  /** The repository whose history a new container stands in first, `acme/demo`; null without GitHub. */
  readonly origin: string | null;
}

/**
 * Commits one state of a record, and its container where the history has none of its source (the paper: a record's
 * container is built from the record's source; one for a run on the host is an entry without image; one in whose image
 * the source turned out to be another, since only the run showed what belongs to it, is an entry with the same image).
 */
export async function storeState(store: RecordStore, state: RecordState, at: Date): Promise<RecordAtom> {
  return (await storeStates(store, [state], at))[0]!;
}

/** Likewise for many records in one commit. */
export async function storeStates(store: RecordStore, states: readonly RecordState[], at: Date): Promise<RecordAtom[]> {
  let records: RecordAtom[] = [];
  await store.append(async tip => {
    const history = await readHistory(tip);
    let grown: History = history;
    records = [];
    const files = new Map<string, Content>();
    for (const state of states) {
      const { draft, files: beside, ranIn } = state;
      const known = containerOfSource(grown, draft.program.source, ranIn?.image ?? null);
      const container = known ?? (await containerFor(state));
      if (!known) grown = [...grown, container];
      const record = wellFormed(withImage(draft, container.id));
      assertDocument('record', record);
      records.push(record);
      for (const [path, content] of beside) files.set(path, content);
      files.set(recordPath(record.id), yamlBytes(record));
    }
    if (grown !== history) files.set(historyPath, yamlBytes(grown));
    const [first] = states;
    const message =
      states.length === 1
        ? `Record ${records[0]!.id}: ${first!.what}`
        : `Record ${states.length} runs that were left as files`;
    return { message, author: signatureOf(first!.draft.owner, at), files };
  });
  return records;
}

/** The field stands behind `project`, as the design writes a record. */
export function withImage(draft: RecordDraft, image: string): RecordAtom {
  const { id, created, updated, owner, project, ...rest } = draft;
  return { id, created, updated, owner, project, image, ...rest };
}

/** The entry that a history gets for a record whose source it has no container of. */
export async function containerFor({ draft, sourceMade, ranIn, origin: here }: RecordState): Promise<Container> {
  const { created, program } = draft;
  const { source } = program;
  const host = { created: '', system: 'none', image: null, origin: here };
  const from = ranIn ?? { ...host, created: (await sourceMade()).toISOString() };
  const { commit, tag } = program.version_control;
  const { system, image, origin } = from;
  return {
    id: containerId({ system, source, image }, text => createHash('sha256').update(text).digest('hex')),
    // A commit may come from a machine whose clock is ahead.
    created: [from.created, created].sort()[0]!,
    system,
    version: { system: 'git', commit, tag, source },
    image,
    origin,
  };
}

/** Makes the branch where there is none; another process may be doing so at this very moment. */
export async function ensureBranch(
  store: RecordStore,
  words: ProjectWords,
  draft: Pick<RecordDraft, 'owner'>,
  now: Date,
): Promise<void> {
  if (await store.tip()) return;
  try {
    await startProject(store, words, draft.owner, now);
  } catch (cause) {
    if (!(cause instanceof Problem) || cause.code !== 'BRANCH_MOVED') throw cause;
  }
}
