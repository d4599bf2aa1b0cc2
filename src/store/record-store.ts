/**
 * What the flows may ask of a place where the records branch lives. `git-store/` keeps it in a local clone,
 * `github-store/` in a repository on GitHub. A store knows commits, paths and bytes; what they mean is the domain's.
 */

/**
 * Who made a commit, and when (handed in: a store has no clock). GitHub signs what is written through its API only if
 * it may name the author itself: there commits are the token's owner's, at GitHub's time.
 */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly at: Date;
}

/** New bytes, or a blob that the store has already. */
export type Content = Uint8Array | { readonly blob: string };

/** One commit to be: files that it adds or replaces. Nothing on the branch is ever removed. */
export interface Change {
  readonly message: string;
  readonly author: Signature;
  /** By path on the branch. */
  readonly files: ReadonlyMap<string, Content>;
  /** A second parent: makes the commit a merge. */
  readonly merges?: string;
}

/**
 * One entry of a tree. `mode` as git writes it: 100644, 100755, 120000, 040000, 160000. A byte of its path that is no
 * UTF-8 stands as half a surrogate pair, U+DC80 to U+DCFF, which `whyUnsafe` refuses; asked for so, it is found.
 */
export interface Entry {
  readonly path: string;
  readonly mode: string;
  readonly id: string;
}

/** A file with its size in bytes. */
export interface SizedEntry extends Entry {
  readonly size: number;
}

/** The branch as one commit has it. Reading never changes with time. */
export interface Snapshot {
  readonly commit: string;
  /** The bytes of a file, or null where there is none. Throws Problem DAMAGED where git cannot give an object. */
  read(path: string): Promise<Uint8Array | null>;
  /** Likewise for many, in the order asked, in one go. */
  readAll(paths: readonly string[]): Promise<(Uint8Array | null)[]>;
  /** The entries of one folder (trees and files), in git's order; none where it is not there. */
  folder(path: string): Promise<Entry[]>;
  /** Every file under a folder, recursively, with its size; '' is the whole branch. */
  files(under: string): Promise<SizedEntry[]>;
}

/** One path that differs between two commits; null for the side that lacks it. */
export interface Difference {
  readonly path: string;
  readonly before: Entry | null;
  readonly after: Entry | null;
}

export interface CommitInfo {
  readonly commit: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly message: string;
}

export interface RecordStore {
  /** The records branch's name. */
  readonly branch: string;
  /** The tip of the records branch (or of another branch), null where there is none. */
  tip(branch?: string): Promise<Snapshot | null>;
  snapshot(commit: string): Promise<Snapshot>;
  /**
   * Makes the branch with its root commit, which has no parent.
   * @throws Problem BRANCH_MOVED if there is one already, FOREIGN_BRANCH if that is something else
   */
  start(change: Change): Promise<Snapshot>;
  /**
   * Adds one commit on top of the records branch, whoever else is writing: `make` is asked again, with the new tip,
   * each time that the branch has moved; null leaves all as it is.
   * @throws Problem NO_BRANCH where there is no branch, FOREIGN_BRANCH where it is something else, BUSY where its turn
   *   never came, INVALID for an unsafe path, NO_SPACE, READ_ONLY; then the branch is as it was
   */
  append(make: (tip: Snapshot) => Promise<Change | null>): Promise<Snapshot>;
  /** Writes one commit on top of `parent` that no branch has yet; `move` can give it one. */
  commit(parent: string, change: Change): Promise<Snapshot>;
  /**
   * Moves a branch forward, never by force; `from` null makes it.
   * @throws Problem BRANCH_MOVED where it is not at `from`, REFUSED where `to` does not build on it, FOREIGN_BRANCH where
   *   the records branch would become something else
   */
  move(branch: string, from: string | null, to: string): Promise<void>;
  /**
   * Removes a branch that still stands at `commit`; leaves one that somebody has checked out.
   * @throws Problem BRANCH_MOVED where it does not stand there
   */
  remove(branch: string, commit: string): Promise<void>;
  /** Branches whose names begin so, with their tips. */
  branches(prefix: string): Promise<{ readonly name: string; readonly commit: string }[]>;
  /** The root commit that a commit of the branch goes back to; the one with the older project.yml where two met. */
  root(commit: string): Promise<string>;
  isAncestor(ancestor: string, of: string): Promise<boolean>;
  mergeBase(one: string, other: string): Promise<string | null>;
  commitInfo(commit: string): Promise<CommitInfo>;
  /** The paths that differ; `before` null compares with nothing. Without rename detection. */
  differences(before: string | null, after: string): Promise<Difference[]>;
  /**
   * The commits that lead to `tip` and not to `except`, parents first, each with what it changed against its first
   * parent (a root: against nothing). Against the others nearly all of the branch may differ: `differences` tells.
   */
  history(
    tip: string,
    except?: readonly string[],
  ): AsyncIterable<CommitInfo & { readonly changes: readonly Difference[] }>;
  /** Writes blobs that no commit names yet and answers their ids: content can be got ready before the branch's turn. */
  prepare(contents: readonly Uint8Array[]): Promise<string[]>;
  /** The bytes of blobs by id, in the order asked: quicker than by path for who has the entries already. */
  contents(ids: readonly string[]): Promise<Uint8Array[]>;
  close(): Promise<void>;
}

/** What judging needs of a store: it reads commits that it is told of, and nothing else. */
export type CommitReader = Pick<RecordStore, 'branch' | 'snapshot' | 'isAncestor' | 'commitInfo' | 'differences'>;
