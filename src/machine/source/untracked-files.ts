import { accessSync, constants, lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { isSecretFile } from '../../domain/secret-name.ts';
import type { UserGit } from '../../domain/user-git.ts';
import { fileMode } from './commit-files.ts';
import { call, type Part, pathList } from './disk-files.ts';
import { isPackageEnvironment } from './package-environment.ts';
import { byPath, type SourceEntry, shownPath } from './tree.ts';
import type { Workspace } from './workspace.ts';

/**
 * The untracked files under `topLevel` that globs name, ignored ones and those of nested repositories too; package
 * environments, git's own folders and files of secrets never. Links are not followed.
 * @returns paths as of SourceEntry, sorted
 */
export async function findNamedFiles(
  topLevel: string,
  globs: readonly string[],
  isTracked: (path: string) => boolean,
): Promise<string[]> {
  if (globs.length === 0) return [];
  const { default: picomatch } = await import('picomatch');
  const plain = globs.map(glob => glob.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '/**'));
  const matches = picomatch(plain, { dot: true });
  // Only folders that some glob can reach into are walked: a run's data may be large.
  const bases = plain.map(glob => picomatch.scan(glob).base);
  const reaches = (folder: string) =>
    bases.some(base => base === '' || `${base}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${base}/`));
  const found: string[] = [];
  const walk = (prefix: string) => {
    for (const entry of readdirSync(absolute(topLevel, prefix), { withFileTypes: true, encoding: 'buffer' })) {
      const name = entry.name.toString('latin1');
      const path = prefix + name;
      if (name === '.git') continue;
      if (entry.isDirectory()) {
        if (reaches(shownPath(path)) && !isPackageEnvironment(absolute(topLevel, path), name)) walk(`${path}/`);
      } else if ((entry.isFile() || entry.isSymbolicLink()) && matches(shownPath(path))) {
        if (!isSecretFile(shownPath(path)) && !isTracked(path)) found.push(path);
      }
    }
  };
  walk('');
  return found.sort();
}

/** What of the files that a probe saw loaded is source, beyond what is tracked. */
export interface LoadedFiles {
  /** Paths as of SourceEntry. */
  readonly paths: string[];
  readonly notes: string[];
}

/**
 * Sorts out the files that a program loaded: source are those inside the working tree that are not known yet, stand in no
 * package environment and bear no secret's name. Of a link both it and the file it leads to count.
 * @param loaded absolute paths; bytes where a name is no UTF-8
 * @param isKnown whether a path is source already (as it was at the start), or is left out
 * @param startedAt when the run began; a file that is younger was perhaps another one when it was loaded
 */
export function findLoadedFiles(
  topLevel: string,
  loaded: readonly (string | Buffer)[],
  isKnown: (path: string) => boolean,
  startedAt: Date,
): LoadedFiles {
  const top = `${realpathSync.native(Buffer.from(topLevel), { encoding: 'buffer' }).toString('latin1')}/`;
  const folders = new Map<string, string | null>();
  const realFolder = (folder: string): string | null => {
    let real = folders.get(folder);
    if (real === undefined) {
      real = realPath(folder);
      folders.set(folder, real);
    }
    return real;
  };
  const environments = new Map<string, boolean>();
  const isInEnvironment = (path: string): boolean => {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return false;
    const folder = path.slice(0, slash);
    let is = environments.get(folder);
    if (is === undefined) {
      const name = folder.slice(folder.lastIndexOf('/') + 1);
      is = name === '.git' || isInEnvironment(folder) || isPackageEnvironment(absolute(topLevel, folder), name);
      environments.set(folder, is);
    }
    return is;
  };
  const paths = new Set<string>();
  const notes: string[] = [];
  const consider = (file: string) => {
    const slash = file.lastIndexOf('/');
    const folder = realFolder(file.slice(0, slash) || '/');
    if (folder === null) return;
    const at = `${folder === '/' ? '' : folder}/${file.slice(slash + 1)}`;
    if (!at.startsWith(top)) return;
    const path = at.slice(top.length);
    if (paths.has(path) || isKnown(path) || isSecretFile(shownPath(path)) || isInEnvironment(path)) {
      // A tracked link's target may still be an untracked file.
      if (isKnown(path) && stateOf(at)?.isSymbolicLink()) follow(at);
      return;
    }
    const state = stateOf(at);
    if (state === null) {
      notes.push(`${shownPath(path)} was loaded, but was gone at the end: it is no part of the source.`);
    } else if (state.isSymbolicLink()) {
      paths.add(path);
      const target = follow(at);
      if (target !== null && !target.startsWith(top)) {
        notes.push(
          `${shownPath(path)} is a link out of the working tree: the source has the link, not what it leads to.`,
        );
      }
    } else if (state.isFile()) {
      if (!isReadable(at)) {
        notes.push(`${shownPath(path)} was loaded, but cannot be read: it is no part of the source.`);
        return;
      }
      paths.add(path);
      if (state.mtimeMs > startedAt.getTime()) {
        notes.push(
          `${shownPath(path)} is untracked and was written after the start: the source has it as it was at the end.`,
        );
      }
    }
  };
  const follow = (link: string): string | null => {
    const target = realPath(link);
    if (target?.startsWith(top)) consider(target);
    return target;
  };
  for (const file of loaded) {
    const bytes = typeof file === 'string' ? Buffer.from(file) : file;
    if (bytes[0] === 0x2f) consider(bytes.toString('latin1'));
  }
  return { paths: [...paths].sort(), notes };
}

/**
 * Blob ids and modes of untracked files, as `git add` would give them in the repository (or submodule) that they stand
 * in; the blobs are in the workspace.
 * @returns entries, and the indexes that hold them, for checking them out again
 */
export async function hashFiles(
  git: UserGit,
  workspace: Workspace,
  parts: readonly Part[],
  paths: readonly string[],
): Promise<{ readonly files: SourceEntry[]; readonly parts: Part[] }> {
  const byPart = new Map<Part, string[]>();
  for (const path of paths) {
    const owner = parts.reduce((best, part) =>
      path.startsWith(part.prefix) && part.prefix.length > best.prefix.length ? part : best,
    );
    const list = byPart.get(owner);
    if (list) list.push(path);
    else byPart.set(owner, [path]);
  }
  const files: SourceEntry[] = [];
  const hashed: Part[] = [];
  for (const [owner, list] of byPart) {
    // An empty index of their own: nothing in the user's can stand in the way.
    const index = `${workspace.newFolder()}/index`;
    const part: Part = { ...owner, environment: { ...owner.environment, GIT_INDEX_FILE: index } };
    const input = pathList(list.map(path => path.slice(owner.prefix.length)));
    await call(git, part, ['update-index', '--add', '-z', '--stdin'], {
      input,
      environment: { GIT_OBJECT_DIRECTORY: workspace.newObjects },
    });
    const { stdout } = await call(git, part, ['ls-files', '-s', '-z']);
    for (const item of stdout.toString('latin1').split('\0')) {
      if (item === '') continue;
      const tab = item.indexOf('\t');
      const path = owner.prefix + item.slice(tab + 1);
      files.push({ path, mode: fileMode(item.slice(0, 6)), id: item.slice(7, tab - 2) });
    }
    hashed.push(part);
  }
  return { files: files.sort(byPath), parts: hashed };
}

function absolute(topLevel: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${topLevel}/`), Buffer.from(path, 'latin1')]);
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(Buffer.from(path, 'latin1'), { encoding: 'buffer' }).toString('latin1');
  } catch {
    return null;
  }
}

function stateOf(path: string): Stats | null {
  return lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false }) ?? null;
}

function isReadable(path: string): boolean {
  try {
    accessSync(Buffer.from(path, 'latin1'), constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
