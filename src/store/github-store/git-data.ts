import { isUtf8 } from 'node:buffer';
import type { GitHubFailure } from '../../domain/github-failure.ts';
import { Problem } from '../../domain/problem.ts';
import type { Content } from '../record-store.ts';
import { type GitHubCalls, textAt } from './github-calls.ts';
import { isId, objectId } from './smart-http/object-id.ts';

/** Branches that bring a fork's objects over and are gone a moment later; one that stays was left by a killed process. */
const scratchPrefix = 'corroborate-scratch/';

const refs = 'POST /repos/{owner}/{repo}/git/refs';
const oneRef = '/repos/{owner}/{repo}/git/refs/{ref}';

/** Writes commits and moves branches by GitHub's Git Data API, three calls for a commit on a branch. */
export function gitData(calls: GitHubCalls, random: () => number) {
  /** A commit that has to be made again on a branch that moved does not bring its files again. */
  const uploaded = new Set<string>();

  async function id(route: string, parameters: { readonly [name: string]: unknown }, doing: string): Promise<string> {
    const sha = textAt(await calls.request(route, { parameters, doing, repeatable: true }), 'sha');
    if (!isId(sha)) throw new Problem('REMOTE_FAILED', `GitHub answered with ${JSON.stringify(sha)} for an id.`);
    return sha;
  }

  async function entry(path: string, content: Content): Promise<object> {
    const file = { path, mode: '100644', type: 'blob' };
    if (!(content instanceof Uint8Array)) return { ...file, sha: content.blob };
    // What is text goes along with the tree; JSON has no other bytes.
    if (isUtf8(content) && !content.includes(0)) return { ...file, content: Buffer.from(content).toString('utf8') };
    const sha = objectId('blob', content);
    if (!uploaded.has(sha)) {
      const blob = { content: Buffer.from(content).toString('base64'), encoding: 'base64' };
      const stored = await id('POST /repos/{owner}/{repo}/git/blobs', blob, 'store a file');
      if (stored !== sha) throw new Problem('REMOTE_FAILED', `GitHub stored ${path} as ${stored}, which is not it.`);
      uploaded.add(sha);
    }
    return { ...file, sha };
  }

  /** @returns what GitHub refused it with, null when done; `unsure` where an earlier try may have done it */
  async function refusal(route: string, parameters: { [name: string]: unknown }, doing: string) {
    const outcome = await calls.tryRequest(route, { parameters, doing, repeatable: true });
    return 'done' in outcome ? null : outcome;
  }

  function says({ status, message }: GitHubFailure, words: RegExp): boolean {
    return status === 422 && words.test(message);
  }

  return {
    /**
     * The tree that another (null: none) becomes with these files in it.
     * @returns its id
     */
    async tree(base: string | null, files: ReadonlyMap<string, Content>): Promise<string> {
      const entries: object[] = [];
      for (const [path, content] of files) entries.push(await entry(path, content));
      if (entries.length === 0 && base !== null) return base;
      const on = base === null ? {} : { base_tree: base };
      return id('POST /repos/{owner}/{repo}/git/trees', { ...on, tree: entries }, 'write a tree');
    },

    /** Names no author: then GitHub signs it, in the name of the token's owner. @returns its id */
    commit(tree: string, parents: readonly string[], message: string): Promise<string> {
      const text = `${message.replaceAll('\0', '').trimEnd()}\n`;
      const commit = { message: text, tree, parents };
      return id('POST /repos/{owner}/{repo}/git/commits', commit, 'write a commit');
    },

    /** @returns what there is of that name already */
    async create(branch: string, at: string): Promise<'made' | 'there' | 'there, maybe by us'> {
      const doing = `make the branch ${branch}`;
      const refused = await refusal(refs, { ref: `refs/heads/${branch}`, sha: at }, doing);
      if (refused === null) return 'made';
      if (!says(refused.failed, /already exists/i)) throw calls.problem(refused.failed, doing);
      return refused.unsure ? 'there, maybe by us' : 'there';
    },

    /** @returns false where it would be no step forward, or the branch is gone */
    async forward(branch: string, to: string): Promise<boolean> {
      const doing = `move the branch ${branch}`;
      const refused = await refusal(`PATCH ${oneRef}`, { ref: `heads/${branch}`, sha: to, force: false }, doing);
      if (refused === null) return true;
      if (says(refused.failed, /not a fast forward|does not exist/i)) return false;
      throw calls.problem(refused.failed, doing);
    },

    /** A branch that is gone already is as good as removed. */
    async remove(branch: string): Promise<void> {
      const doing = `remove the branch ${branch}`;
      const refused = await refusal(`DELETE ${oneRef}`, { ref: `heads/${branch}` }, doing);
      if (refused !== null && !says(refused.failed, /does not exist/i)) throw calls.problem(refused.failed, doing);
    },

    /**
     * Makes a fork's commit the repository's own, for the length of `work`, by merging it into a branch that is removed
     * afterwards whatever happened.
     * @param onto a commit of the repository's own that `commit` builds on, so that nothing can conflict
     */
    async withAdopted<T>(commit: string, onto: string, work: () => Promise<T>): Promise<T> {
      const branch = `${scratchPrefix}${Math.floor(random() * 2 ** 52)
        .toString(16)
        .padStart(13, '0')}`;
      if ((await this.create(branch, onto)) === 'there') {
        throw new Problem('BRANCH_MOVED', `the branch ${branch} is there already: try again.`);
      }
      try {
        const parameters = { base: branch, head: commit, commit_message: `Bring ${commit} over from its fork` };
        await calls.request('POST /repos/{owner}/{repo}/merges', {
          parameters,
          doing: `bring ${commit} over from its fork`,
          repeatable: true,
        });
        return await work();
      } finally {
        // What was written counts; a branch too many does no harm.
        await this.remove(branch).catch(() => {});
      }
    },
  };
}

export type GitData = ReturnType<typeof gitData>;
