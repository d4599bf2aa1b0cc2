import { Problem } from '../../domain/problem.ts';
import type { GitHubCalls } from './github-calls.ts';
import type { ObjectCache } from './object-cache.ts';
import { tooLarge } from './object-loader.ts';
import type { GitObject } from './smart-http/object-id.ts';
import { TooLarge } from './smart-http/read-pack.ts';
import { NotThere, type UploadPack } from './smart-http/upload-pack.ts';
import type { Found, TreeWalk } from './tree-walk.ts';

export interface SizedFile extends Found {
  readonly size: number;
}

/**
 * Lists a whole folder with the sizes of its files. git tells no size without the content, so the folder comes with all
 * its files up to `largestFile` bytes (they are read next, most often) in one request. Where some are larger, or there
 * is too much of it all, one call of GitHub's API tells the sizes.
 */
export function folderReader(
  git: UploadPack,
  calls: GitHubCalls,
  cache: ObjectCache,
  trees: TreeWalk,
  largestFile: number,
) {
  /** Those that somebody waits for. */
  const going = new Map<string, Promise<SizedFile[]>>();

  async function files(tree: string): Promise<SizedFile[]> {
    const cached = cachedFiles(tree);
    if (cached !== null) return cached;
    const given = await fetchFolder(tree, `blob:limit=${largestFile + 1}`).catch(cause => {
      if (cause instanceof TooLarge) return fetchFolder(tree, 'blob:none');
      throw cause;
    });
    const found = trees.filesIn(tree, given);
    const unknown = found.some(({ mode, id }) => isBlob(mode) && !given.has(id));
    const sizes = unknown ? await sizesByApi(tree) : new Map<string, number>();
    return found.map(file => ({ ...file, size: sizeOf(file, given, sizes) }));
  }

  /** Null where some of it was not read yet. */
  function cachedFiles(tree: string): SizedFile[] | null {
    const seen = new Map<string, GitObject>();
    const lookUp = {
      get(id: string) {
        const object = cache.get(id);
        if (object !== undefined) seen.set(id, object);
        return object;
      },
    } as ReadonlyMap<string, GitObject>;
    try {
      const found = trees.filesIn(tree, lookUp);
      for (const { mode, id } of found) if (isBlob(mode) && lookUp.get(id) === undefined) return null;
      return found.map(file => ({ ...file, size: sizeOf(file, seen, new Map()) }));
    } catch (problem) {
      if (problem instanceof Problem && problem.code === 'DAMAGED') return null;
      throw problem;
    }
  }

  async function fetchFolder(tree: string, filter: string): Promise<ReadonlyMap<string, GitObject>> {
    try {
      const { objects } = await git.fetch({ wants: [tree], filter });
      for (const [id, object] of objects) cache.put(id, object);
      return objects;
    } catch (cause) {
      if (cause instanceof NotThere) {
        throw new Problem('DAMAGED', `the repository cannot give the folder ${tree}: it is missing.`, { cause });
      }
      if (cause instanceof TooLarge && filter === 'blob:none') throw tooLarge(`the folder ${tree}`, cause);
      throw cause;
    }
  }

  async function sizesByApi(tree: string): Promise<Map<string, number>> {
    const data = await calls.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
      parameters: { tree_sha: tree, recursive: '1' },
      doing: 'list the sizes of files',
      repeatable: true,
    });
    const sizes = new Map<string, number>();
    const listed = (data as { tree?: unknown }).tree;
    for (const entry of Array.isArray(listed) ? listed : []) {
      if (typeof entry?.sha === 'string' && typeof entry.size === 'number') sizes.set(entry.sha, entry.size);
    }
    return sizes;
  }

  function sizeOf(
    { mode, id, name }: Found,
    given: ReadonlyMap<string, GitObject>,
    sizes: ReadonlyMap<string, number>,
  ) {
    if (!isBlob(mode)) return 0;
    const size = given.get(id)?.bytes.length ?? sizes.get(id);
    if (size !== undefined) return size;
    throw new Problem(
      'UNSUPPORTED',
      `GitHub lists only a part of this folder, so the size of ${JSON.stringify(name)} is not known. A clone tells: \`corroborate\` on the command line reads it there.`,
    );
  }

  return {
    files(tree: string): Promise<SizedFile[]> {
      let answer = going.get(tree);
      if (answer === undefined) {
        answer = files(tree).finally(() => going.delete(tree));
        going.set(tree, answer);
      }
      return answer;
    },
  };
}

export type FolderReader = ReturnType<typeof folderReader>;

function isBlob(mode: string): boolean {
  return mode.startsWith('100') || mode === '120000';
}
