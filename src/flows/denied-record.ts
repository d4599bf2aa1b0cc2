import { recordFolder, recordPath } from '../domain/branch-layout.ts';
import type { Snapshot } from '../store/record-store.ts';
import { readSettledRequests } from './branch-documents.ts';

/**
 * Whether the branch knows a record from a denial only: its record.yml stands there, alone, and a denied request made its
 * claim with it (design, section 7). The contents that it lacks may still come, with a later request or from a clone.
 */
export async function isDeniedOnly(snapshot: Snapshot, id: string): Promise<boolean> {
  const entries = await snapshot.folder(recordFolder(id));
  if (entries.length !== 1 || entries[0]!.path !== recordPath(id)) return false;
  return (await readSettledRequests(snapshot)).some(({ from, status }) => from === id && status === 'denied');
}
