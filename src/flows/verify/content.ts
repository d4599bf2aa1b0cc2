import { createHash } from 'node:crypto';
import { parseBranchPath, recordPath } from '../../domain/branch-layout.ts';
import { corruptions } from '../../domain/rules/integrity.ts';
import type { StoredFile } from '../../domain/rules/rule.ts';
import { collidingPaths } from '../../domain/safe-path.ts';
import type { SizedEntry, Snapshot } from '../../store/record-store.ts';
import type { BranchProblem, Progress } from '../verify-branch.ts';
import { type BranchContent, problem } from './branch-content.ts';

/** Contents are read in portions of about this many bytes. */
const portion = 32 * 1024 * 1024;

/** Every stored file against its record, and names that would meet on other systems. */
export async function verifyContent(
  tip: Snapshot,
  { files, records, deniedOnly }: BranchContent,
  progress: Progress,
): Promise<BranchProblem[]> {
  const stored = new Map<string, StoredFile[]>();
  const content = files.filter(({ path }) => {
    const kind = parseBranchPath(path)?.kind;
    return kind === 'input' || kind === 'output';
  });
  let done = 0;
  for (const some of portions(content)) {
    const bytes = await tip.readAll(some.map(file => file.path));
    for (const [index, { path, size }] of some.entries()) {
      const place = parseBranchPath(path) as { id: string };
      const list = stored.get(place.id) ?? [];
      list.push({ path, size, sha256: createHash('sha256').update(bytes[index]!).digest('hex') });
      stored.set(place.id, list);
    }
    done += some.length;
    progress('hashing stored files', done, content.length);
  }
  const problems: BranchProblem[] = [];
  for (const [id, record] of records) {
    if (deniedOnly.has(id)) continue;
    for (const { path, because } of corruptions(record, stored.get(id) ?? []))
      problems.push(problem(path, 'integrity', because));
    for (const paths of [record.inputs, record.outputs].flatMap(list => collidingPaths(list.map(file => file.path)))) {
      const because = `${paths.map(path => JSON.stringify(path)).join(' and ')} are one file where case or Unicode form does not count`;
      problems.push({ ...problem(recordPath(id), 'names', because), severity: 'warning' });
    }
  }
  return problems;
}

function* portions(files: readonly SizedEntry[]): Generator<SizedEntry[]> {
  let some: SizedEntry[] = [];
  let bytes = 0;
  for (const file of files) {
    some.push(file);
    bytes += file.size;
    if (bytes > portion || some.length >= 2000) {
      yield some;
      some = [];
      bytes = 0;
    }
  }
  if (some.length > 0) yield some;
}
