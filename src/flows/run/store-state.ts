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

/**
 * Commits one state of a record, and its container where the history has none of its source (the paper: a record's
 * container is built from the record's source; one for a run on the host is an entry without image; one in whose image
 * the source turned out to be another, since only the run showed what belongs to it, is an entry with the same image).
 * @param files beside record.yml, by their paths on the branch
 * @param sourceMade when the source's commit was made: a new container is as old as that, so that no record that began
 *   before this one and is stored after it finds its container younger than itself
 */
export async function storeState(
  store: RecordStore,
  draft: RecordDraft,
  files: ReadonlyMap<string, Content>,
  what: string,
  at: Date,
  sourceMade: () => Promise<Date>,
  ranIn: ContainerOfRun,
): Promise<RecordAtom> {
  let record: RecordAtom | undefined;
  await store.append(async tip => {
    const history = await readHistory(tip);
    const known = containerOfSource(history, draft.program.source, ranIn?.image ?? null);
    const container = known ?? newContainer(draft, ranIn ?? hostContainer(await sourceMade()));
    record = wellFormed(withImage(draft, container.id));
    assertDocument('record', record);
    const grown: History | null = known ? null : [...history, container];
    return {
      message: `Record ${record.id}: ${what}`,
      author: signatureOf(draft.owner, at),
      files: new Map<string, Content>([
        ...files,
        [recordPath(record.id), yamlBytes(record)],
        ...(grown ? ([[historyPath, yamlBytes(grown)]] as const) : []),
      ]),
    };
  });
  return record!;
}

/** The field stands behind `project`, as the design writes a record. */
export function withImage(draft: RecordDraft, image: string): RecordAtom {
  const { id, created, updated, owner, project, ...rest } = draft;
  return { id, created, updated, owner, project, image, ...rest };
}

function hostContainer(sourceMade: Date): NonNullable<ContainerOfRun> {
  return { created: sourceMade.toISOString(), system: 'none', image: null, origin: null };
}

function newContainer({ created, program }: RecordDraft, ranIn: NonNullable<ContainerOfRun>): Container {
  const { source } = program;
  const { commit, tag } = program.version_control;
  const { system, image, origin } = ranIn;
  return {
    id: containerId({ system, source, image }, text => createHash('sha256').update(text).digest('hex')),
    // A commit may come from a machine whose clock is ahead.
    created: [ranIn.created, created].sort()[0]!,
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
