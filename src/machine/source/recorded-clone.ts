import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import { fetchCommit, hasCommit } from '../git/fetch-commit.ts';
import type { Repository } from '../git/repository.ts';
import { fileMode, readCommitFiles } from './commit-files.ts';
import { type GitPlace, submodulePlace } from './private-git-dir.ts';
import { type SourceEntry, shownPath, treeId } from './tree.ts';
import { createWorkspace } from './workspace.ts';

/** The source of a record, as git knows it: from where, and what brings it back. */
export interface RecordedSource {
  readonly commit: string;
  /** The remote that the record names; null where it had none. */
  readonly remote: string | null;
  /** `source.patch`; null where the source was that of the commit. */
  readonly patch: Uint8Array | null;
}

/** A clone of its own that holds a recorded source in its index; its files are not written yet. */
export interface RecordedClone {
  readonly folder: string;
  /** All files of commit and patch, submodules' in place, sorted by path. */
  readonly files: readonly SourceEntry[];
  /** What could not be had, e.g. a submodule. */
  readonly notes: readonly string[];
  /** Where the commit came from: null where it was here. */
  readonly fetchedFrom: string | null;
  /** The id of the source less what is left out. */
  sourceLess(isLeftOut: (path: string) => boolean): string;
  /** A file of the commit itself; null where it has none. */
  committed(path: string): Promise<Uint8Array | null>;
  /** Writes the files, as git checks them out. */
  checkOut(): Promise<void>;
}

/**
 * Makes a clone that borrows the user's objects, without his hooks, refs and index, and reads a recorded source into its
 * index: the commit (fetched from its remote where it is not here), its submodules' files, the patch on top. Its remote
 * is the record's, its HEAD the commit, on no branch. The user's repository is read and not written.
 * @param git works in `folder`, which is there and empty
 * @param user his repository
 * @throws Problem NOT_FOUND, REFUSED or REMOTE_FAILED where the commit cannot be had, INVALID where the patch does not apply
 */
export async function makeRecordedClone(
  git: UserGit,
  user: Repository,
  { commit, remote, patch }: RecordedSource,
  folder: string,
  interactive: boolean,
): Promise<RecordedClone> {
  const gitDir = join(folder, '.git');
  await git.run(['-c', 'init.defaultBranch=main', 'init', '-q', '--template=', `--object-format=${user.objectFormat}`]);
  await borrow(gitDir, user);
  if (remote !== null) await git.run(['config', 'remote.origin.url', remote]);
  if (existsSync(join(user.commonDir, 'lfs'))) await git.run(['config', 'lfs.storage', join(user.commonDir, 'lfs')]);
  const isHere = await hasCommit(git, commit);
  if (!isHere) {
    if (remote === null) {
      throw new Problem(
        'NOT_FOUND',
        `commit ${commit} is not in this repository, and the record names no other: its owner never gave it a remote. Ask for that commit, and fetch it here.`,
      );
    }
    await fetchCommit(git, remote, commit, interactive);
  }
  const own: GitPlace = {
    folder,
    gitDir,
    commonDir: gitDir,
    objectsDir: join(gitDir, 'objects'),
    indexFile: join(gitDir, 'index'),
  };
  const place: GitPlace = isHere ? { ...user, folder: user.topLevel ?? user.commonDir } : own;
  const { files, notes } = await flattened(git, user, place, commit, gitDir);
  const listed = files.map(({ path, mode, id }) => `${mode} ${id}\t${path}\0`).join('');
  await git.run(['update-index', '-z', '--index-info'], { input: Buffer.from(listed, 'latin1') });
  await git.run(['update-ref', '--no-deref', 'HEAD', commit]);
  if (patch !== null && patch.length > 0) await applyPatch(git, commit, patch);
  const entries = patch === null ? files : parseEntries((await git.run(['ls-files', '-s', '-z'])).stdout);
  return {
    folder,
    files: entries,
    notes,
    fetchedFrom: isHere ? null : remote,
    sourceLess: isLeftOut =>
      treeId(
        entries.filter(({ path }) => !isLeftOut(shownPath(path))),
        user.objectFormat,
      ),
    async committed(path) {
      const { code, stdout } = await git.run(['cat-file', 'blob', `${commit}:${path}`], { accept: [128] });
      return code === 0 ? stdout : null;
    },
    async checkOut() {
      await git.run(['checkout-index', '-a', '-f', '-u', '-q']);
      // Files as young as their index are looked into again, each of them; nobody else writes here in between.
      const later = (await stat(own.indexFile)).mtimeMs / 1000 + 2;
      await utimes(own.indexFile, later, later);
    },
  };
}

/** Objects are read where the user has them; a cut-off history stays cut off. */
async function borrow(gitDir: string, user: Repository): Promise<void> {
  await mkdir(join(gitDir, 'objects', 'info'), { recursive: true });
  await writeFile(join(gitDir, 'objects', 'info', 'alternates'), `${quoted(user.objectsDir)}\n`);
  if (user.shallow) await copyFile(join(user.commonDir, 'shallow'), join(gitDir, 'shallow'));
}

/** As git reads one line of `alternates`: C-style where the path holds what would be misread. */
function quoted(path: string): string {
  return /["\\\n]|^#/.test(path) ? `"${path.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"` : path;
}

/** A submodule's files are read where the user has it checked out; the clone is shown its repository there. */
async function flattened(
  git: UserGit,
  user: Repository,
  place: GitPlace,
  commit: string,
  gitDir: string,
): Promise<{ files: SourceEntry[]; notes: string[] }> {
  const workspace = createWorkspace(user.objectFormat);
  try {
    const { stdout } = await git.run(['--no-replace-objects', 'ls-tree', '-r', '-z', '--full-tree', commit]);
    const links = stdout
      .toString('utf8')
      .split('\0')
      .filter(item => item.startsWith('160000 '));
    for (const link of links) {
      const path = link.slice(link.indexOf('\t') + 1);
      const at = await submodulePlace(place, path);
      if (at === null) continue;
      const shown = join(gitDir, 'modules', path);
      await mkdir(dirname(shown), { recursive: true });
      await symlink(at.gitDir, shown);
    }
    const { files, notes } = await readCommitFiles(git, workspace, place, commit);
    if (links.length > 0) {
      // The repositories that the files came from, the workspace's own place aside.
      const borrowed = (await readFile(join(workspace.objects, 'info', 'alternates'), 'utf8')).split('\n').slice(1);
      const others = borrowed.filter(line => line !== '' && line !== quoted(join(gitDir, 'objects')));
      await writeFile(
        join(gitDir, 'objects', 'info', 'alternates'),
        `${[...new Set([quoted(user.objectsDir), ...others])].join('\n')}\n`,
      );
    }
    return { files, notes };
  } finally {
    workspace.remove();
  }
}

async function applyPatch(git: UserGit, commit: string, patch: Uint8Array): Promise<void> {
  const { code, stderr } = await git.run(['apply', '--cached', '--whitespace=nowarn', '-'], {
    input: patch,
    accept: [1, 128],
  });
  if (code === 0) return;
  throw new Problem('INVALID', `source.patch does not apply to commit ${commit}: ${stderr.trim()}`);
}

function parseEntries(listed: Buffer): SourceEntry[] {
  return listed
    .toString('latin1')
    .split('\0')
    .filter(item => item !== '')
    .map(item => {
      const tab = item.indexOf('\t');
      return { path: item.slice(tab + 1), mode: fileMode(item.slice(0, 6)), id: item.slice(7, tab - 2) };
    });
}
