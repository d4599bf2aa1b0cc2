import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Repository, runGit } from './repository.ts';

/** The working trees that have a branch checked out. git is asked only where a HEAD file says that there may be one. */
export async function checkoutsOf(repository: Repository, branch: string): Promise<string[]> {
  const linked = await readdir(join(repository.gitDir, 'worktrees')).catch(() => []);
  const heads = ['HEAD', ...linked.map(name => join('worktrees', name, 'HEAD'))];
  const texts = await Promise.all(heads.map(head => readFile(join(repository.gitDir, head), 'utf8').catch(() => '')));
  // A reftable repository keeps a HEAD file that says `.invalid`.
  const wanted = [`ref: refs/heads/${branch}`, 'ref: refs/heads/.invalid'];
  if (!texts.some(text => wanted.includes(text.trim()))) return [];
  const { stdout } = await runGit(repository, ['worktree', 'list', '--porcelain']);
  return stdout
    .toString('utf8')
    .split('\n\n')
    .map(entry => entry.split('\n'))
    .filter(lines => lines.includes(`branch refs/heads/${branch}`))
    .map(lines => lines[0]!.slice('worktree '.length));
}
