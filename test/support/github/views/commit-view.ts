import type { ChangedFile } from '../git/bare-repository.ts';
import { type Commit, parseCommit, type Signature } from '../git/commit.ts';
import type { GitHub } from '../github.ts';
import { notFound } from '../http/refusal.ts';
import type { Account } from '../state/account.ts';
import type { Repository } from '../state/repository.ts';
import { accountView } from './account-view.ts';
import { nodeId } from './node-id.ts';
import { repositoryUrl } from './repository-view.ts';

const seconds = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');
const signatureView = ({ name, email, date }: Signature) => ({ name, email, date: seconds(date) });

function verification(repository: Repository, id: string) {
  const verified = repository.signed.has(id);
  return {
    verified,
    reason: verified ? 'valid' : 'unsigned',
    signature: verified ? '-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----' : null,
    payload: verified ? `commit ${id}` : null,
    verified_at: null,
  };
}

/** Who an address belongs to: GitHub knows its own `…@users.noreply.github.com`, and any other only if told. */
export function accountOfAddress(github: GitHub, email: string): Account | null {
  const id = /^(\d+)\+.*@users\.noreply\.github\.com$/.exec(email)?.[1];
  return id === undefined ? null : (github.accountById(Number(id)) ?? null);
}

/** `git-commit` */
export function gitCommitView(github: GitHub, repository: Repository, commit: Commit) {
  const url = repositoryUrl(github, repository);
  const html = `${github.origin}/${repository.fullName}/commit`;
  return {
    sha: commit.id,
    node_id: nodeId('Commit', commit.id),
    url: `${url}/git/commits/${commit.id}`,
    html_url: `${html}/${commit.id}`,
    author: signatureView(commit.author),
    committer: signatureView(commit.committer),
    tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
    message: commit.message,
    parents: commit.parents.map(sha => ({ sha, url: `${url}/git/commits/${sha}`, html_url: `${html}/${sha}` })),
    verification: verification(repository, commit.id),
  };
}

/** `commit`, without its files */
export function commitView(github: GitHub, repository: Repository, commit: Commit) {
  const url = repositoryUrl(github, repository);
  const html = `${github.origin}/${repository.fullName}/commit`;
  const person = ({ email }: Signature) => {
    const account = accountOfAddress(github, email);
    return account === null ? null : accountView(github, account);
  };
  return {
    sha: commit.id,
    node_id: nodeId('Commit', commit.id),
    commit: {
      author: signatureView(commit.author),
      committer: signatureView(commit.committer),
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.id}`,
      comment_count: 0,
      verification: verification(repository, commit.id),
    },
    url: `${url}/commits/${commit.id}`,
    html_url: `${html}/${commit.id}`,
    comments_url: `${url}/commits/${commit.id}/comments`,
    author: person(commit.author),
    committer: person(commit.committer),
    parents: commit.parents.map(sha => ({ sha, url: `${url}/commits/${sha}`, html_url: `${html}/${sha}` })),
  };
}

/** `diff-entry` */
export function changedFileView(github: GitHub, repository: Repository, commit: string, file: ChangedFile) {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  return {
    sha: file.id,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${github.origin}/${repository.fullName}/blob/${commit}/${path}`,
    raw_url: `${github.origin}/${repository.fullName}/raw/${commit}/${path}`,
    contents_url: `${repositoryUrl(github, repository)}/contents/${path}?ref=${commit}`,
    ...(file.previous === null ? {} : { previous_filename: file.previous }),
  };
}

/** A commit as pushes and check suites hold it (`webhooks_commit`, `simple-commit`). */
export async function simpleCommitView(github: GitHub, repository: Repository, id: string) {
  const commit = await repository.git.commit(id);
  if (commit === undefined) throw notFound();
  const person = ({ name, email }: Signature) => {
    const account = accountOfAddress(github, email);
    return { name, email, ...(account === null ? {} : { username: account.login }) };
  };
  return {
    id,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: seconds(commit.committer.date),
    url: `${github.origin}/${repository.fullName}/commit/${id}`,
    author: person(commit.author),
    committer: person(commit.committer),
  };
}

/** Many commits through one `git log`-like reading, in the order given. */
export async function readCommits(repository: Repository, ids: readonly string[]): Promise<Commit[]> {
  const objects = await Promise.all(ids.map(id => repository.git.objects.read(id)));
  return objects.flatMap((object, at) => (object?.type === 'commit' ? [parseCommit(ids[at]!, object.content)] : []));
}
