import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where git keeps what it knows of one working tree. */
export interface GitPlace {
  /** The working tree's folder. */
  readonly folder: string;
  readonly gitDir: string;
  readonly commonDir: string;
  readonly objectsDir: string;
  readonly indexFile: string;
}

/**
 * Makes `into` a git dir of its own for a working tree: git, told GIT_DIR, finds a copy of the index there and all else
 * where it was. (GIT_INDEX_FILE alone would not do: reading a split index touches the shared part beside the user's,
 * whose mtime then moves.)
 * @returns whether the index may be a sparse one, with folders for entries
 */
export function makePrivateGitDir(place: GitPlace, into: string): { readonly maybeSparse: boolean } {
  const copies = readdirSync(place.gitDir).filter(
    name => name === 'config.worktree' || name.startsWith('sharedindex.'),
  );
  const sparse = join(place.gitDir, 'info/sparse-checkout');
  const maybeSparse = copyIndex(place.indexFile, join(into, 'index'));
  writeFileSync(join(into, 'HEAD'), readFileSync(join(place.gitDir, 'HEAD')));
  writeFileSync(join(into, 'commondir'), `${place.commonDir}\n`);
  for (const name of copies) copyFileSync(join(place.gitDir, name), join(into, name));
  if (existsSync(sparse)) {
    mkdirSync(join(into, 'info'));
    copyFileSync(sparse, join(into, 'info/sparse-checkout'));
  }
  return { maybeSparse };
}

/**
 * An index is copied with its time: git looks into a file itself when it is not older than the index (it may have
 * changed within the same tick), so that a younger copy would take changed files for unchanged. Rounded down for the
 * same reason.
 * @returns whether it holds the mark of a sparse index (by chance a path may, too)
 */
function copyIndex(from: string, to: string): boolean {
  let file: number;
  try {
    file = openSync(from, 'r');
  } catch (problem) {
    // Before the first `git add` there is none.
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw problem;
  }
  try {
    const { mtimeMs } = fstatSync(file);
    const content = readFileSync(file);
    writeFileSync(to, content);
    const seconds = (Math.floor(mtimeMs) - 1) / 1000;
    utimesSync(to, seconds, seconds);
    return content.includes('sdir');
  } finally {
    closeSync(file);
  }
}

/**
 * The git dir of a submodule: through the `.git` of its folder, or where git keeps those whose folder is gone.
 * @param path the submodule's path, relative to `parent.folder`
 * @returns null where the submodule is not checked out
 */
export async function submodulePlace(parent: GitPlace, path: string): Promise<GitPlace | null> {
  const folder = join(parent.folder, path);
  const gitDir = (await gitDirOf(folder)) ?? (await kept(join(parent.commonDir, 'modules', path)));
  return gitDir === null ? null : { folder, ...insideOf(gitDir) };
}

/** Whether the submodule's files are there (and not only its repository). */
export async function isCheckedOut(place: GitPlace): Promise<boolean> {
  return (await gitDirOf(place.folder)) !== null;
}

async function gitDirOf(folder: string): Promise<string | null> {
  const at = join(folder, '.git');
  try {
    if ((await stat(at)).isDirectory()) return kept(at);
    const link = /^gitdir: (.+?)\n*$/s.exec(await readFile(at, 'utf8'));
    return link ? kept(resolve(folder, link[1]!)) : null;
  } catch {
    return null;
  }
}

async function kept(gitDir: string): Promise<string | null> {
  return existsSync(join(gitDir, 'HEAD')) && existsSync(join(gitDir, 'objects')) ? gitDir : null;
}

function insideOf(gitDir: string): Omit<GitPlace, 'folder'> {
  return { gitDir, commonDir: gitDir, objectsDir: join(gitDir, 'objects'), indexFile: join(gitDir, 'index') };
}
