import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { GitAnswer, UserGit } from '../../domain/user-git.ts';
import { fileMode, notCheckedOut } from './commit-files.ts';
import { type GitPlace, isCheckedOut, makePrivateGitDir, submodulePlace } from './private-git-dir.ts';
import { byPath, type SourceEntry, shownPath } from './tree.ts';
import type { Workspace } from './workspace.ts';

/** One repository of the working tree, the outermost or a submodule, ready for calls that leave no trace. */
export interface Part {
  readonly folder: string;
  /** Where it stands in the whole: '' or `sub/folder/`, one character a byte. */
  readonly prefix: string;
  /** What git must be told: a private git dir and index, a private place for objects. */
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: readonly string[];
}

/** How git is set for a part: nothing outside the workspace is written, and no warning stops it. */
function partSettings(workspace: Workspace): string[] {
  return [
    // The private index is read and written whole, whatever form the user's has: making one sparse writes trees.
    '-c',
    'core.splitIndex=false',
    '-c',
    'index.sparse=false',
    '-c',
    'core.safecrlf=false',
    // Git LFS keeps what passes its clean filter.
    '-c',
    `lfs.storage=${join(workspace.folder, 'lfs')}`,
  ];
}

/**
 * The tracked files as they are on disk, sorted by path, with submodules in place; blobs that the user's repository
 * lacks are in the workspace. Content passes the user's clean filters, as `git add` would have it.
 * @param prefix of `place` in the whole
 * @param beside as of `captureSource`
 * @throws Problem UNREADABLE where a tracked file cannot be read
 */
export async function readDiskFiles(
  git: UserGit,
  workspace: Workspace,
  place: GitPlace,
  prefix = '',
  beside: readonly string[] | null = null,
): Promise<{ readonly files: SourceEntry[]; readonly parts: Part[]; readonly notes: string[] }> {
  const gitDir = workspace.newFolder();
  const { maybeSparse } = makePrivateGitDir(place, gitDir);
  workspace.borrow(place.objectsDir);
  const part: Part = {
    folder: place.folder,
    prefix,
    environment: { GIT_DIR: gitDir, GIT_WORK_TREE: place.folder, GIT_OBJECT_DIRECTORY: workspace.objects },
    settings: partSettings(workspace),
  };
  if (maybeSparse) await expandIndex(git, workspace, part);
  const [listed, changes] = await listBoth(git, part, beside);
  const index = await asOnDisk(git, workspace, part, listed, changes);
  const files: SourceEntry[] = [];
  const parts = [part];
  const notes: string[] = [];
  const absent = index.filter(entry => entry.absent).length;
  if (absent > 0) {
    notes.push(
      `${absent} tracked ${absent === 1 ? 'file is' : 'files are'} outside this sparse checkout and count${absent === 1 ? 's' : ''} as committed.`,
    );
  }
  for (const { path, mode, id } of index) {
    if (mode !== '160000') {
      files.push({ path: prefix + path, mode: fileMode(mode), id });
      continue;
    }
    const at = await submodulePlace(place, shownPath(path));
    if (!at || !(await isCheckedOut(at))) {
      notes.push(notCheckedOut(prefix + path));
      continue;
    }
    const inner = await readDiskFiles(git, workspace, at, `${prefix}${path}/`);
    files.push(...inner.files);
    parts.push(...inner.parts);
    notes.push(...inner.notes);
  }
  if (parts.length > 1) files.sort(byPath);
  return { files, parts, notes };
}

interface IndexEntry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
  /** 0, or 1 to 3 while a merge waits. */
  readonly stage: number;
  /** The user told git to look away: `git update-index --assume-unchanged`. */
  readonly assumed: boolean;
  /** Left out of a sparse checkout, or so marked by the user. */
  readonly skipped: boolean;
  /** Skipped, and not on disk. */
  readonly absent: boolean;
}

const indexCall = ['ls-files', '-s', '-v', '-z'];
const changesCall = ['diff-files', '--raw', '-z', '--ignore-submodules=all'];

/** What the index has, and what in it may differ from what is on disk; the start of a run waits for both. */
async function listBoth(git: UserGit, part: Part, beside: readonly string[] | null): Promise<[IndexEntry[], Change[]]> {
  const calls = [indexCall, changesCall].map(args => ({ args: [...part.settings, ...args] }));
  const together = git.runTogether(calls, { cwd: part.folder, environment: part.environment, beside });
  const [index, changes] = (await explained(part, together)) as readonly [GitAnswer, GitAnswer];
  return [parseIndex(part, index), parseChanges(changes)];
}

async function listIndex(git: UserGit, part: Part): Promise<IndexEntry[]> {
  return parseIndex(part, await call(git, part, indexCall));
}

function parseIndex(part: Part, { stdout }: GitAnswer): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (const item of stdout.toString('latin1').split('\0')) {
    if (item === '') continue;
    // `H 100644 <id> 0\t<path>`; a small letter: assumed unchanged; S: skipped.
    const tab = item.indexOf('\t');
    const tag = item[0]!;
    const path = item.slice(tab + 1);
    const skipped = tag === 'S' || tag === 's';
    entries.push({
      path,
      mode: item.slice(2, 8),
      id: item.slice(9, tab - 2),
      stage: Number(item[tab - 1]),
      assumed: tag >= 'a',
      skipped,
      absent: skipped && !exists(part.folder, path),
    });
  }
  return entries;
}

/**
 * Makes the private copy of a sparse index a whole one. Git writes the trees anew as it does so, hence it is shown copies
 * of them alone: the mtime of the user's own would move.
 */
async function expandIndex(git: UserGit, workspace: Workspace, part: Part): Promise<void> {
  const alone = { GIT_OBJECT_DIRECTORY: workspace.newObjects };
  const listed = await call(git, part, ['-c', 'index.sparse=true', 'ls-files', '--sparse', '-s', '-z']);
  const trees = listed.stdout
    .toString('latin1')
    .split('\0')
    .filter(item => item.startsWith('040000'))
    .map(item => item.split(' ')[1]!);
  if (trees.length === 0) return;
  const input = Buffer.from(`${trees.join('\n')}\n`);
  const packed = await call(git, part, ['pack-objects', '-q', '--revs', '--filter=blob:none', '--stdout'], { input });
  await call(git, part, ['index-pack', '--stdin'], { input: packed.stdout, environment: alone });
  await call(git, part, ['update-index', '--force-write-index'], { environment: alone });
}

interface Change {
  readonly path: string;
  /** Blob id in the index; null where it has none. */
  readonly id: string | null;
}

async function listChanges(git: UserGit, part: Part): Promise<Change[]> {
  return parseChanges(await call(git, part, changesCall));
}

/** More than really differs, where times alone have changed. */
function parseChanges({ stdout }: GitAnswer): Change[] {
  const items = stdout.toString('latin1').split('\0');
  const changes: Change[] = [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    // `:100644 100644 <id> <zeros> M`
    const id = items[at]!.split(' ')[2]!;
    changes.push({ path: items[at + 1]!, id: /^0+$/.test(id) ? null : id });
  }
  return changes;
}

/** From so many on, looking into the files first is cheaper than writing each anew. */
const manyChanges = 100;

/** Brings the private index to what is on disk, where it is not. */
async function asOnDisk(
  git: UserGit,
  workspace: Workspace,
  part: Part,
  listed: IndexEntry[],
  changes: Change[],
): Promise<IndexEntry[]> {
  const assumed = listed.filter(entry => entry.assumed);
  const skipped = listed.filter(entry => entry.skipped && !entry.absent);
  const unmerged = listed.filter(entry => entry.stage > 0);
  if (changes.length === 0 && unmerged.length === 0 && assumed.length === 0 && skipped.length === 0) return listed;
  const updateIndex = async (flags: readonly string[], entries: readonly IndexEntry[]) => {
    const input = pathList(entries.map(({ path }) => path));
    const args = ['update-index', ...flags, '-z', '--stdin'];
    await call(git, part, args, { input, accept: [1] });
  };
  if (assumed.length > 0) await updateIndex(['--no-assume-unchanged'], assumed);
  if (skipped.length > 0) await updateIndex(['--no-skip-worktree'], skipped);
  const sparse = listed.some(entry => entry.skipped);
  let current = changes;
  if (assumed.length > 0 || sparse || changes.length > manyChanges) {
    await updateIndex(['-q', '--really-refresh'], []);
    current = await listChanges(git, part);
  }
  // Whether line ends are changed on the way in depends on the content that the index has: git must see it, and it alone.
  const seen = [...current.flatMap(({ id }) => id ?? []), ...unmerged.map(({ id }) => id)];
  if (seen.length > 0) {
    const input = Buffer.from(`${[...new Set(seen)].join('\n')}\n`);
    await call(git, part, ['pack-objects', '-q', '--window=0', join(workspace.newObjects, 'pack/pack')], { input });
  }
  const submodules = listed.filter(entry => entry.mode === '160000');
  const wanted = [':/', ...submodules.map(({ path }) => `:(top,exclude,literal)${path}`)];
  await call(
    git,
    part,
    ['add', '-u', ...(sparse ? ['--sparse'] : []), '--pathspec-from-file=-', '--pathspec-file-nul'],
    { input: pathList(wanted), environment: { GIT_OBJECT_DIRECTORY: workspace.newObjects } },
  );
  return listIndex(git, part);
}

/** Paths, one character a byte, as git reads them with `-z`. */
export function pathList(paths: readonly string[]): Buffer {
  return Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1');
}

/** Runs git for a part. */
export function call(
  git: UserGit,
  part: Part,
  args: readonly string[],
  options: {
    readonly input?: Buffer;
    readonly accept?: readonly number[];
    readonly environment?: Record<string, string>;
  } = {},
): Promise<GitAnswer> {
  const answer = git.run([...part.settings, ...args], {
    ...options,
    cwd: part.folder,
    environment: { ...part.environment, ...options.environment },
  });
  return explained(part, answer);
}

/** @throws Problem NO_SPACE or UNREADABLE where that is why git failed */
async function explained<T>(part: Part, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== 'GIT_FAILED') throw problem;
    if (/No space left on device/.test(problem.message)) {
      throw new Problem('NO_SPACE', `no space is left to read the source of ${part.folder}: ${problem.message}`, {
        cause: problem,
      });
    }
    if (/Permission denied/.test(problem.message)) {
      throw new Problem(
        'UNREADABLE',
        `a file of the source in ${part.folder} cannot be read, so the source is not known: ${problem.message}`,
        { cause: problem },
      );
    }
    throw problem;
  }
}

function exists(folder: string, path: string): boolean {
  const at = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
  return lstatSync(at, { throwIfNoEntry: false }) !== undefined;
}
