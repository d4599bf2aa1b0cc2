import { parseCommit } from '../git/commit.ts';
import { parseTree } from '../git/tree.ts';
import type { GitHub } from '../github.ts';
import type { Repository } from '../state/repository.ts';
import { nodeId } from '../views/node-id.ts';

/** The object that a revision names, with what the schema's excerpt has of it. */
export async function gitObject(github: GitHub, repository: Repository, revision: string): Promise<object | null> {
  const object = await repository.git.objects.read(revision);
  if (object === undefined) return null;
  const { id: oid, type, content } = object;
  const common = { id: nodeId(type, `${repository.id}:${oid}`), oid };
  if (type === 'commit') {
    const commit = parseCommit(oid, content);
    return {
      __typename: 'Commit',
      ...common,
      message: commit.message,
      committedDate: commit.committer.date.toISOString(),
      url: `${github.origin}/${repository.fullName}/commit/${oid}`,
      tree: () => gitObject(github, repository, commit.tree),
    };
  }
  if (type === 'tree') {
    const entries = parseTree(content).map(({ mode, name, id }) => ({
      mode: Number.parseInt(mode, 8),
      name,
      path: name,
      oid: id,
      type: mode === '40000' ? 'tree' : mode === '160000' ? 'commit' : 'blob',
      object: () => gitObject(github, repository, id),
    }));
    return { __typename: 'Tree', ...common, entries };
  }
  const isBinary = content.subarray(0, 8000).includes(0);
  // Longer texts are cut by GitHub.
  const isTruncated = content.length > 512_000;
  const text = isBinary ? null : content.subarray(0, 512_000).toString('utf8');
  return { __typename: 'Blob', ...common, byteSize: content.length, isBinary, isTruncated, text };
}

export function refObject(github: GitHub, repository: Repository, qualified: string): object | null {
  const sha = repository.git.refs.read(qualified);
  if (sha === undefined) return null;
  const [, prefix = '', name = ''] = /^(refs\/[^/]+\/)(.+)$/.exec(qualified) ?? [];
  const id = nodeId('Ref', `${repository.id}:${qualified}`);
  return { id, name, prefix, target: () => gitObject(github, repository, sha) };
}

/** The repository and branch that a node id of `refObject` stands for. */
export function refOfId(github: GitHub, id: string): { repository: Repository; ref: string } | null {
  const [, number, ref] = /^Ref:(\d+):(.+)$/.exec(Buffer.from(id, 'base64url').toString('utf8')) ?? [];
  const repository = github.repositories.find(one => String(one.id) === number);
  return repository === undefined || ref === undefined ? null : { repository, ref };
}
