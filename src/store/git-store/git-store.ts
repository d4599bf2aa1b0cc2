import { projectPath } from '../../domain/branch-layout.ts';
import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { Change, RecordStore, Snapshot } from '../record-store.ts';
import { differencesOf, historyOf, readCommit, shallow, shallowCommits, storedCommit } from './branch-history.ts';
import { branchRefs } from './branch-refs.ts';
import { checkoutsOf } from './checkouts.ts';
import { formatCommit } from './commit-object.ts';
import type { Disk } from './object-folder.ts';
import { realDisk } from './object-folder.ts';
import { objectReader } from './object-reader.ts';
import { type ObjectWriter, objectWriter, writeBlobs } from './object-writer.ts';
import { isObjectId, type Repository, runGit } from './repository.ts';
import { readBlob, snapshotOf } from './snapshot.ts';
import { writeTree } from './tree-change.ts';
import { treeReader } from './tree-reader.ts';
import { type Clock, writerLock } from './writer-lock.ts';

export interface GitStoreOptions {
  readonly git: UserGit;
  /** The common git folder, absolute (`git rev-parse --path-format=absolute --git-common-dir`). */
  readonly gitDir: string;
  readonly branch: string;
  readonly objectFormat: 'sha1' | 'sha256';
  /** What Corroborate was started with. */
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Is told what the user should know although all went well. */
  readonly warn: (sentence: string) => void;
  /** How long a writer waits for its turn, in milliseconds. */
  readonly patience?: number;
  readonly disk?: Disk;
}

/** The records branch in a local clone. `docs/store.md` says how it keeps its promises. */
export function gitStore(options: GitStoreOptions): RecordStore {
  const { git, gitDir, branch, objectFormat, environment, clock, warn, patience = 60_000, disk = realDisk } = options;
  const repository: Repository = { git, gitDir, objectFormat, environment };
  const objects = objectReader(repository);
  const trees = treeReader(repository, objects);
  const { update, ready } = branchRefs(repository, clock);
  const inTurn = writerLock(gitDir, clock, patience);
  const unique = () => `${process.pid}_${Math.floor(clock.random() * 2 ** 48).toString(36)}`;
  const writer = () => objectWriter(repository, disk, unique);
  let warned = false;

  async function commitOf(id: string) {
    if (!isObjectId(repository, id)) {
      throw new Problem('NOT_FOUND', `${JSON.stringify(id)} is no commit: a whole ${objectFormat} id is needed.`);
    }
    return readCommit(objects, id);
  }

  async function snapshot(id: string): Promise<Snapshot> {
    const { commit, tree } = await commitOf(id);
    return snapshotOf(repository, objects, trees, commit, tree);
  }

  async function tip(name = branch): Promise<Snapshot | null> {
    const found = await objects.object(`refs/heads/${name}`);
    if (found === null) return null;
    const { commit, tree } = storedCommit(found, found.id);
    return snapshotOf(repository, objects, trees, commit, tree);
  }

  async function isForeign(snapshotOfIt: Snapshot): Promise<boolean> {
    return !(await snapshotOfIt.folder('')).some(({ path, mode }) => path === projectPath && mode.startsWith('100'));
  }

  function foreign(commit: string): Problem {
    return new Problem(
      'FOREIGN_BRANCH',
      `the branch ${branch} (at ${commit.slice(0, 12)}) is something else: it has no ${projectPath} at its top, so nothing was written to it. Rename it with \`git branch -m ${branch} …\`, or give the records another branch.`,
    );
  }

  async function ownTip(): Promise<Snapshot> {
    const found = await tip();
    if (found === null) {
      throw new Problem(
        'NO_BRANCH',
        `there is no branch ${branch} here. \`corroborate init\` makes it, \`corroborate pull\` fetches it.`,
      );
    }
    if (await isForeign(found)) throw foreign(found.commit);
    return found;
  }

  async function prepare(contents: readonly Uint8Array[]): Promise<string[]> {
    if (contents.length === 0) return [];
    const objects = writer();
    const ids = await writeBlobs(repository, contents, objects);
    await objects.land();
    return ids;
  }

  /** The change's files as blobs that the repository has once `objectsToBe` have landed. */
  async function blobsOf(change: Change, objectsToBe: ObjectWriter): Promise<Map<string, string>> {
    const files = new Map<string, string>();
    const fresh: [string, Uint8Array][] = [];
    for (const [path, content] of change.files) {
      if (content instanceof Uint8Array) fresh.push([path, content]);
      else if (isObjectId(repository, content.blob)) files.set(path, content.blob);
      else throw new Problem('DEFECT', `${JSON.stringify(content.blob)} is no blob id`);
    }
    const contents = fresh.map(([, bytes]) => bytes);
    const ids = contents.length === 0 ? [] : await writeBlobs(repository, contents, objectsToBe);
    for (const [index, [path]] of fresh.entries()) files.set(path, ids[index]!);
    return files;
  }

  async function commitOn(
    parent: string | null,
    change: Change,
    files: ReadonlyMap<string, string>,
    objectsToBe: ObjectWriter,
  ): Promise<Snapshot> {
    const onto = parent === null ? null : await commitOf(parent);
    const second = change.merges === undefined ? null : await commitOf(change.merges);
    const tree = await writeTree(trees, objectsToBe, onto?.tree ?? null, files);
    const parents = [onto, second].flatMap(each => each?.commit ?? []);
    const { author, message } = change;
    const commit = await objectsToBe.write('commit', formatCommit({ tree, parents, author, message }));
    await objectsToBe.land();
    return snapshotOf(repository, objects, trees, commit, tree);
  }

  async function written(parent: string | null, change: Change): Promise<Snapshot> {
    const objectsToBe = writer();
    return commitOn(parent, change, await blobsOf(change, objectsToBe), objectsToBe);
  }

  /** Nothing that goes wrong here may undo or fail a move of the branch. */
  async function checkouts(name: string): Promise<string[]> {
    return warned ? [] : checkoutsOf(repository, name).catch(() => []);
  }

  /** To be called once the branch has moved. */
  function warnOfCheckouts(name: string, places: readonly string[]): void {
    if (warned || places.length === 0) return;
    warned = true;
    warn(
      `the branch ${name} is checked out in ${places.join(' and ')}; the files there are as they were, and to git it looks as if what was added since were deleted. Do not commit there before \`git -C ${places[0]} reset --hard\` (which drops changes of your own in that folder).`,
    );
  }

  return {
    branch,
    tip,
    snapshot,
    prepare,

    async contents(ids) {
      return Promise.all(ids.map(id => readBlob(objects, id)));
    },

    async start(change) {
      const there = await tip();
      if (there !== null && (await isForeign(there))) throw foreign(there.commit);
      if (!change.files.has(projectPath)) throw new Problem('DEFECT', `a root without ${projectPath}`);
      const made = there === null ? await written(null, change) : null;
      const done =
        made !== null &&
        (await update({ branch, from: null, to: made.commit, reason: change.message, by: change.author }));
      if (done) return made;
      throw new Problem('BRANCH_MOVED', `the branch ${branch} is there already: there is nothing to start.`);
    },

    async append(make) {
      // The first draft is made, and its content written, before the turn: a long thought keeps nobody waiting.
      let onto = await ownTip();
      let change = await make(onto);
      if (change === null) return onto;
      const first = change;
      const waiting = ready({ reason: change.message, by: change.author });
      const places = checkouts(branch);
      const done = await appended().finally(waiting.dismiss);
      warnOfCheckouts(branch, await places);
      return done;

      async function appended(): Promise<Snapshot> {
        const objectsToBe = writer();
        let files = await blobsOf(first, objectsToBe);
        return inTurn(async () => {
          const begun = clock.now().getTime();
          let moved = false;
          for (;;) {
            const now = await ownTip();
            if (now.commit !== onto.commit) {
              onto = now;
              change = await make(onto);
              if (change === null) return onto;
              files = await blobsOf(change, objectsToBe);
            }
            const made = await commitOn(onto.commit, change!, files, objectsToBe);
            const { message: reason, author: by } = change!;
            const move = { branch, from: onto.commit, to: made.commit, reason, by };
            if (await update(move, change === first && !moved ? waiting : null)) return made;
            moved = true;
            if (clock.now().getTime() - begun > patience) {
              throw new Problem('BUSY', `the branch ${branch} keeps moving under other programs: try again.`);
            }
            await clock.sleep(clock.random() * 50);
          }
        });
      }
    },

    commit: written,

    async move(name, from, to) {
      const target = await snapshot(to);
      if (name === branch && (await isForeign(target))) throw foreign(to);
      if (from !== null && !(await this.isAncestor(from, to))) {
        throw new Problem(
          'REFUSED',
          `the branch ${name} is only ever moved forward, and ${to} does not build on ${from}.`,
        );
      }
      const moved = () => update({ branch: name, from, to, reason: `move to ${to}` });
      if (!(await (name === branch ? inTurn(moved) : moved()))) {
        throw new Problem(
          'BRANCH_MOVED',
          `the branch ${name} is not ${from === null ? 'absent' : `at ${from}`} any more: try again.`,
        );
      }
      warnOfCheckouts(name, await checkouts(name));
    },

    async remove(name, commit) {
      const places = await checkoutsOf(repository, name);
      if (places.length > 0) {
        warn(
          `the branch ${name} is checked out in ${places.join(' and ')}, so it stays: \`git branch -D ${name}\` removes it later.`,
        );
        return;
      }
      if (!(await update({ branch: name, from: commit, to: null, reason: 'settled' }))) {
        throw new Problem('BRANCH_MOVED', `the branch ${name} is not at ${commit} any more, so it was not removed.`);
      }
    },

    async branches(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      const format = '--format=%(refname) %(objectname)';
      const { stdout } = await runGit(repository, ['for-each-ref', format, `refs/heads/${folder}`]);
      return stdout
        .toString('utf8')
        .split('\n')
        .filter(line => line.startsWith(`refs/heads/${prefix}`))
        .map(line => {
          const [ref, commit] = line.split(' ');
          return { name: ref!.slice('refs/heads/'.length), commit: commit! };
        });
    },

    async root(commit) {
      const { commit: of } = await commitOf(commit);
      const { stdout } = await runGit(repository, ['rev-list', '--max-parents=0', of]);
      const cut = await shallowCommits(repository);
      let oldest: { commit: string; at: number } | null = null;
      for (const id of stdout.toString('latin1').trim().split('\n')) {
        if (cut.has(id)) throw shallow(id);
        const info = await commitOf(id);
        if (await isForeign(await snapshot(id))) continue;
        const at = info.author.at.getTime();
        if (oldest === null || at < oldest.at || (at === oldest.at && id < oldest.commit)) oldest = { commit: id, at };
      }
      if (oldest === null) throw foreign(commit);
      return oldest.commit;
    },

    async isAncestor(ancestor, of) {
      const ids = await Promise.all([ancestor, of].map(commitOf));
      const args = ['merge-base', '--is-ancestor', ...ids.map(({ commit }) => commit)];
      return (await runGit(repository, args, { accept: [1] })).code === 0;
    },

    async mergeBase(one, other) {
      const ids = await Promise.all([one, other].map(commitOf));
      const { stdout } = await runGit(repository, ['merge-base', ...ids.map(({ commit }) => commit)], { accept: [1] });
      return stdout.toString('latin1').trim() || null;
    },

    async commitInfo(commit) {
      const { tree: _, ...info } = await commitOf(commit);
      return info;
    },

    async differences(before, after) {
      const target = await commitOf(after);
      if (before !== null) return differencesOf(repository, (await commitOf(before)).tree, target.tree);
      return differencesOf(repository, emptyTree[objectFormat], target.tree);
    },

    history: (last, except = []) => historyOf(repository, objects, last, except),

    close: () => objects.close(),
  };
}

/** git knows it without having it stored. */
const emptyTree = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};
