import type { Container } from '../domain/generated/shapes.ts';
import type { RecordStore } from '../store/record-store.ts';
import { readHistory, requireTip } from './branch-documents.ts';

/** The project's history, newest first. @throws Problem NO_BRANCH */
export async function listContainers(store: RecordStore): Promise<Container[]> {
  return (await readHistory(await requireTip(store))).toReversed();
}
