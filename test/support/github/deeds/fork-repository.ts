import type { GitHub } from '../github.ts';
import type { Account } from '../state/account.ts';
import type { Repository } from '../state/repository.ts';

/** A fork in an object store of its own. With GitHub's default choice it has the default branch alone. */
export async function forkRepository(
  github: GitHub,
  parent: Repository,
  owner: Account,
  {
    name = parent.name,
    defaultBranchOnly = false,
  }: { readonly name?: string; readonly defaultBranchOnly?: boolean } = {},
): Promise<Repository> {
  const known = github.repositories.find(one => one.owner === owner && one.parent === parent);
  if (known !== undefined) return known;
  const { isPrivate, defaultBranch } = parent;
  const fork = await github.newRepository(owner, name, { parent, isPrivate, defaultBranch });
  const all = [...parent.git.refs.list('refs/heads').keys(), ...parent.git.refs.list('refs/tags').keys()];
  const refs = defaultBranchOnly ? all.filter(ref => ref === `refs/heads/${defaultBranch}`) : all;
  await fork.git.fetch(
    parent.git,
    refs.map(ref => `+${ref}:${ref}`),
  );
  for (const id of parent.signed) fork.signed.add(id);
  return fork;
}
