import { isSecretFile } from '../../domain/secret-name.ts';
import { capturedFiles, type SourceCapture } from './capture-source.ts';
import { byPath, differing, type SourceEntry, shownPath, treeId } from './tree.ts';
import { findLoadedFiles, hashFiles } from './untracked-files.ts';

/** What a record says of its source. */
export interface Source {
  /** Tree id. */
  readonly source: string;
  /** HEAD's own tree, less what is left out, has another id. */
  readonly dirty: boolean;
  /** Brings HEAD to the source, by `git apply`; null where it is not dirty, or (a note says why) cannot be made. */
  readonly patch: Buffer | null;
  /** All files of the source, sorted by path. */
  readonly files: readonly SourceFile[];
  /** What could not be captured, and why. */
  readonly notes: readonly string[];
}

export interface SourceFile {
  /** Relative to the top level; U+FFFD for what is no UTF-8. */
  readonly path: string;
  readonly tracked: boolean;
}

export interface FinishOptions {
  /**
   * Whether a path (relative to the top level, forward slashes) is no source: what the globs of inputs, outputs and
   * ignore match, and the run's own inputs and outputs. `corroborate.yml` and `.github/` of the top level never are.
   */
  readonly excluded?: (path: string) => boolean;
  /** Absolute paths of the files that a probe saw the program load, wherever they are; bytes where no UTF-8. */
  readonly loaded?: readonly (string | Buffer)[];
}

/**
 * The source of a run (design, section 4). May be asked more than once of one capture: at the start with what is known,
 * at the end with what the run showed. Starts no process unless something was loaded that is new, or the source is dirty.
 */
export async function finishSource(
  capture: SourceCapture,
  { excluded = () => false, loaded = [] }: FinishOptions = {},
): Promise<Source> {
  const isLeftOut = (path: string) =>
    path === 'corroborate.yml' || path.startsWith('.github/') || excluded(shownPath(path));
  const committed = await capture.committed();
  const notes = [...new Set([...capture.notes, ...committed.notes])];
  const captured = capturedFiles(capture);
  const extra = loaded.length === 0 ? [] : await readLoaded(capture, captured, loaded, isLeftOut, notes);
  const all = extra.length === 0 ? captured : [...captured, ...extra].sort(byPath);
  const files = all.filter(({ path }) => !isLeftOut(path));
  const source = treeId(files, capture.format);
  const changed = differing(committed.files, all);
  const changes = {
    one: changed.one.filter(({ path }) => !isLeftOut(path)),
    two: changed.two.filter(({ path }) => !isLeftOut(path)),
  };
  const dirty = changes.one.length > 0 || changes.two.length > 0;
  const untracked = new Set([...capture.named, ...extra].map(({ path }) => path));
  return {
    source,
    dirty,
    patch: dirty ? await patchOf(capture, changes, notes) : null,
    files: files.map(({ path }) => ({ path: shownPath(path), tracked: !untracked.has(path) })),
    notes,
  };
}

async function readLoaded(
  capture: SourceCapture,
  captured: readonly SourceEntry[],
  loaded: readonly (string | Buffer)[],
  isLeftOut: (path: string) => boolean,
  notes: string[],
): Promise<SourceEntry[]> {
  const known = new Set(captured.map(({ path }) => path));
  const isKnown = (path: string) => known.has(path) || isLeftOut(path);
  const found = findLoadedFiles(capture.topLevel, loaded, isKnown, capture.startedAt);
  notes.push(...found.notes);
  if (found.paths.length === 0) return [];
  // A name that was a file at the start and is a folder now (or the other way) cannot be both in one tree.
  const folders = new Set(captured.flatMap(({ path }) => foldersOf(path)));
  const paths = found.paths.filter(path => {
    const meets = folders.has(path) || foldersOf(path).some(folder => known.has(folder));
    if (meets) notes.push(`${shownPath(path)} was loaded, but its name was a file or folder of the source: left out.`);
    return !meets;
  });
  try {
    return (await hashFiles(capture.git, capture.workspace, capture.parts, paths)).files;
  } catch (problem) {
    // The run is over: it is not lost for a file that git cannot take.
    const names = paths.map(shownPath).join(', ');
    notes.push(`files that were loaded are no part of the source (${names}), since ${(problem as Error).message}`);
    return [];
  }
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.push(path.slice(0, at));
  return folders;
}

async function patchOf(
  capture: SourceCapture,
  changes: { readonly one: SourceEntry[]; readonly two: SourceEntry[] },
  notes: string[],
): Promise<Buffer | null> {
  // What was changed in a tracked file of secrets is the user's alone: it counts, but is not published.
  const secret = new Set(changes.two.map(({ path }) => path).filter(path => isSecretFile(shownPath(path))));
  for (const path of secret) {
    notes.push(`source.patch leaves out ${shownPath(path)}, whose name says that it holds secrets.`);
  }
  const shown = (entries: readonly SourceEntry[]) => entries.filter(({ path }) => !secret.has(path));
  try {
    const { makePatch } = await import('./patch.ts');
    const patch = await makePatch(capture, shown(changes.one), shown(changes.two));
    if (patch.includes('version https://git-lfs.github.com/spec/v1')) {
      notes.push('source.patch has the Git LFS pointers of changed files, not their content.');
    }
    return patch;
  } catch (problem) {
    notes.push(`source.patch could not be made: ${(problem as Error).message}`);
    return null;
  }
}
