import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import { type GitPlace, submodulePlace } from './private-git-dir.ts';
import { byPath, type SourceEntry, shownPath } from './tree.ts';
import type { Workspace } from './workspace.ts';

/**
 * The files of a commit, those of its submodules (at the commits it records) in place, sorted by path. A submodule that
 * cannot be read counts as nothing, and a note says so.
 * @param prefix where the repository stands: '' or `sub/folder/`
 */
export async function readCommitFiles(
  git: UserGit,
  workspace: Workspace,
  place: GitPlace,
  commit: string,
  prefix = '',
): Promise<{ readonly files: SourceEntry[]; readonly notes: string[] }> {
  workspace.borrow(place.objectsDir);
  const answer = await git.run(['--no-replace-objects', 'ls-tree', '-r', '-z', '--full-tree', commit], {
    cwd: workspace.folder,
    // No working tree is looked at; that of a submodule may even be gone.
    environment: { GIT_DIR: place.gitDir, GIT_WORK_TREE: workspace.folder },
    accept: [128],
  });
  if (answer.code !== 0) {
    throw new Problem('NOT_FOUND', `commit ${commit} is not in ${place.gitDir}: ${answer.stderr.trim()}`);
  }
  const files: SourceEntry[] = [];
  const notes: string[] = [];
  let inner = false;
  for (const item of answer.stdout.toString('latin1').split('\0')) {
    if (item === '') continue;
    // `100644 blob <id>\t<path>`
    const tab = item.indexOf('\t');
    const mode = item.slice(0, 6);
    const id = item.slice(item.indexOf(' ', 7) + 1, tab);
    const path = prefix + item.slice(tab + 1);
    if (mode !== '160000') {
      files.push({ path, mode: fileMode(mode), id });
      continue;
    }
    inner = true;
    const part = await readSubmodule(git, workspace, place, id, prefix, path);
    files.push(...part.files);
    notes.push(...part.notes);
  }
  if (inner) files.sort(byPath);
  return { files, notes };
}

async function readSubmodule(
  git: UserGit,
  workspace: Workspace,
  place: GitPlace,
  commit: string,
  prefix: string,
  path: string,
): Promise<{ files: SourceEntry[]; notes: string[] }> {
  const at = await submodulePlace(place, shownPath(path.slice(prefix.length)));
  if (!at) return { files: [], notes: [notCheckedOut(path)] };
  try {
    return await readCommitFiles(git, workspace, at, commit, `${path}/`);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== 'NOT_FOUND') throw problem;
    const because = `the commit of the submodule ${shownPath(path)} that HEAD records (${commit}) is not in its clone`;
    return { files: [], notes: [`${because}, so its files there are not known and count as absent.`] };
  }
}

/** Git has had other modes (100664); it reads them as one of these. */
export function fileMode(mode: string): SourceEntry['mode'] {
  return mode === '120000' || mode === '100755' ? mode : '100644';
}

export function notCheckedOut(path: string): string {
  return `the submodule ${shownPath(path)} is not checked out, so its files are no part of the source.`;
}
