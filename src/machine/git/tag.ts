import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UserGit } from '../../domain/user-git.ts';
import type { Repository } from './repository.ts';

/** The tag that `git describe --exact-match` gives HEAD, an annotated one before others; null without. */
export async function readTag(
  git: UserGit,
  folder: string,
  { commonDir }: Pick<Repository, 'commonDir'>,
): Promise<string | null> {
  if (hasNoTags(commonDir)) return null;
  const tag = await git.run(['describe', '--tags', '--exact-match', 'HEAD'], { cwd: folder, accept: [128] });
  return tag.code === 0 ? tag.stdout.toString('utf8').trim() : null;
}

/** Seen in the files of the repository (gitrepository-layout(5)), so that no git is started where there is no tag at all. */
function hasNoTags(commonDir: string): boolean {
  if (existsSync(join(commonDir, 'reftable'))) return false;
  try {
    if (readdirSync(join(commonDir, 'refs/tags')).length > 0) return false;
  } catch {
    // git makes that folder with the repository; whatever keeps us from it, git may know.
    return false;
  }
  try {
    return !readFileSync(join(commonDir, 'packed-refs'), 'latin1').includes(' refs/tags/');
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
