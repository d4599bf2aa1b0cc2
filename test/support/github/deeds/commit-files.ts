import { type Signature, writeCommit } from '../git/commit.ts';
import { editTree, type TreeChange } from '../git/tree.ts';
import type { GitHub } from '../github.ts';
import { Refusal } from '../http/refusal.ts';
import type { Account } from '../state/account.ts';
import type { Repository } from '../state/repository.ts';
import { changeRef } from './change-ref.ts';
import type { Doer } from './doer.ts';

export const signatureOf = (account: Account, date: Date): Signature => ({
  name: account.login,
  email: account.email,
  date,
  zone: '+0000',
});

export const gitHubSignature = (date: Date): Signature => ({
  name: 'GitHub',
  email: 'noreply@github.com',
  date,
  zone: '+0000',
});

/** Content by path; null removes what is there. */
export interface Files {
  readonly [path: string]: string | Buffer | null;
}

export async function treeWith(repository: Repository, base: string | null, files: Files): Promise<string> {
  const { git } = repository;
  const changes: TreeChange[] = [];
  for (const [path, content] of Object.entries(files)) {
    const id = content === null ? null : await git.objects.write('blob', Buffer.from(content));
    if (id !== null) repository.foreign.delete(id);
    const old = base === null ? undefined : await git.entry(base, path);
    const mode = old !== undefined && /^100/.test(old.mode) ? old.mode : '100644';
    changes.push({ path, to: id === null ? null : { mode, id } });
  }
  return editTree(git.objects, base, changes);
}

/** Workflows are what a token needs a permission of its own for. */
export const touchesWorkflows = (paths: readonly string[]) => paths.some(path => path.startsWith('.github/workflows/'));

/**
 * One commit with these files on a branch, as the contents API, GraphQL and the web editor make it: signed by GitHub.
 * @param check gets the tip before it is built on, and may throw
 */
export async function commitFiles(
  github: GitHub,
  repository: Repository,
  branch: string,
  {
    files,
    message,
    check = async () => {},
    author = null,
    committer = null,
  }: {
    readonly files: Files;
    readonly message: string;
    readonly check?: (before: string | null) => Promise<void>;
    readonly author?: Signature | null;
    readonly committer?: Signature | null;
  },
  by: Doer,
): Promise<string> {
  const update = await changeRef(github, repository, `refs/heads/${branch}`, by, async before => {
    await check(before);
    refuseProtected(repository, branch, by);
    const { git } = repository;
    const base = before === null ? null : (await git.commit(before))!.tree;
    const tree = await treeWith(repository, base, files);
    const commit = await writeCommit(git.objects, {
      tree,
      parents: before === null ? [] : [before],
      author: author ?? signatureOf(by.account, github.now()),
      committer: committer ?? gitHubSignature(github.now()),
      message,
    });
    repository.signed.add(commit);
    return commit;
  });
  return update.after!;
}

/** Throws as the APIs do where the branch is protected against somebody. */
export function refuseProtected(repository: Repository, branch: string | null, by: Doer): void {
  const protection = branch === null ? undefined : repository.protections.get(branch);
  const why = protection?.refusal(by.account);
  if (why === undefined) return;
  const visit = 'Visit https://docs.github.com/articles/about-protected-branches/ for more information.';
  if (why.startsWith("You're not authorized")) throw new Refusal(403, `${why} ${visit}`);
  throw new Refusal(422, why);
}
