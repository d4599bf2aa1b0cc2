import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { CommitInfo, Difference, Entry } from '../record-store.ts';
import { commitInfo, parseCommit } from './commit-object.ts';
import { drained } from './drained.ts';
import { streamFields } from './git-fields.ts';
import { damaged, type GitObject, type ObjectReader } from './object-reader.ts';
import type { GitProcess, Repository } from './repository.ts';
import { nameToText } from './stored-name.ts';

export type HistoryEntry = CommitInfo & { readonly changes: readonly Difference[] };

/**
 * The commits that lead to `tip` and not to `except`, parents first, each with what it changed against its first
 * parent (a root: against nothing). One `git rev-list` feeds one `git diff-tree`; what is held is one commit.
 * @throws Problem UNSUPPORTED where a shallow clone lacks the beginning
 */
export async function* historyOf(
  repository: Repository,
  objects: ObjectReader,
  tip: string,
  except: readonly string[],
): AsyncGenerator<HistoryEntry> {
  const cut = await shallowCommits(repository);
  const parentsFirst = ['rev-list', '--reverse', '--topo-order', '--parents', tip, ...except.map(id => `^${id}`)];
  /** What diff-tree was asked, in order: it prints the commit (`--always`), then the differences. */
  const feed = async (child: GitProcess) => {
    for await (const line of streamFields(repository, parentsFirst, { ending: '\n' })) {
      const [commit, first = ''] = line.split(' ');
      if (cut.has(commit!)) throw shallow(commit!);
      child.stdin.write(`${commit} ${first}`.trimEnd().concat('\n'));
      await drained(child.stdin);
    }
  };
  const fields = streamFields(
    repository,
    ['diff-tree', '--stdin', '--always', '--root', '-r', '-z', '--raw', '--no-abbrev', '--no-renames'],
    { feed },
  );
  let current = null as { info: CommitInfo; changes: Difference[] } | null;
  let before = null as string | null;
  for await (const field of fields) {
    if (before !== null) {
      current!.changes.push(difference(before, field));
      before = null;
    } else if (field.startsWith(':')) before = field;
    else {
      if (current !== null) yield { ...current.info, changes: current.changes };
      current = { info: await readCommit(objects, field), changes: [] };
    }
  }
  if (current !== null) yield { ...current.info, changes: current.changes };
}

/** The paths that differ between two trees or commits, without rename detection. */
export async function differencesOf(repository: Repository, before: string, after: string): Promise<Difference[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '--no-renames', before, after];
  const differences: Difference[] = [];
  let raw: string | null = null;
  for await (const field of streamFields(repository, args)) {
    if (raw === null) raw = field;
    else {
      differences.push(difference(raw, field));
      raw = null;
    }
  }
  return differences;
}

/** `:100644 100644 <id> <id> M` and a path, as `--raw` prints them. */
function difference(raw: string, name: string): Difference {
  const [modeBefore, modeAfter, idBefore, idAfter] = raw.slice(1).split(' ');
  const path = nameToText(name);
  const side = (mode: string, id: string): Entry | null => (mode === '000000' ? null : { path, mode, id });
  return { path, before: side(modeBefore!, idBefore!), after: side(modeAfter!, idAfter!) };
}

/** @throws Problem NOT_FOUND where there is no such commit, DAMAGED where it cannot be read */
export async function readCommit(objects: ObjectReader, id: string): Promise<StoredCommit> {
  return storedCommit(await objects.object(id), id);
}

export type StoredCommit = CommitInfo & { readonly tree: string };

/** @throws as `readCommit` */
export function storedCommit(object: GitObject | null, id: string): StoredCommit {
  if (object?.type !== 'commit') {
    throw new Problem(
      'NOT_FOUND',
      `there is no commit ${id} in this clone. \`corroborate pull\` fetches the records of the remote.`,
    );
  }
  const commit = parseCommit(object.bytes);
  if (commit === null) throw damaged(id, 'it is no valid commit');
  return { ...commitInfo(object.id, commit), tree: commit.tree };
}

/** The commits whose parents a shallow clone left behind. */
export async function shallowCommits({ gitDir }: Repository): Promise<ReadonlySet<string>> {
  const text = await readFile(join(gitDir, 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter(line => line !== ''));
}

export function shallow(commit: string): Problem {
  return new Problem(
    'UNSUPPORTED',
    `this clone is shallow: what came before commit ${commit} is not here. \`git fetch --unshallow\` brings it.`,
  );
}
