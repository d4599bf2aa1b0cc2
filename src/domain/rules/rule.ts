import type { Container, DiffRequest, Project, RecordAtom, User } from '../generated/shapes.ts';
import type { Limits } from '../limits.ts';
import type { Fault, Place } from '../problem.ts';

/** What a rule says of a request; only `holds` and `attested` let it be answered (design, section 6). */
export type Finding = {
  readonly is: 'holds' | 'broken' | 'unknown' | 'attested';
  readonly because: string;
  readonly at: Place | null;
};

/** A rule is data: an id, a promise that completes the sentence "it holds that …", and a check. */
export interface Rule {
  readonly id: RuleId;
  readonly promise: string;
  check(facts: RequestFacts): Finding;
}

export type RuleId =
  | 'layout'
  | 'schema'
  | 'sender'
  | 'records'
  | 'finished'
  | 'container'
  | 'integrity'
  | 'proposed'
  | 'fresh'
  | 'method'
  | 'observation'
  | 'table-1';

/** One file that the request's commit changes against its parent. */
export interface ProposedChange {
  readonly path: string;
  /** Whether the parent has the path already. */
  readonly before: boolean;
  /** null where the commit removes it. */
  readonly after: { readonly mode: string; readonly id: string; readonly size: number } | null;
  /** The blob that the records branch has at this path, null where it has none. */
  readonly onBranch: string | null;
}

/** The commit that carries a request which waits for its answer. */
export interface Proposal {
  readonly commit: string;
  readonly parents: readonly string[];
  /** Whether its only parent is a commit of the records branch. */
  readonly parentOnBranch: boolean;
  readonly changes: readonly ProposedChange[];
  /** Why nobody has looked at what it changes; null where `changes` is all of it. */
  readonly unread?: string | null;
}

/** One file beside a record, with the digest of the bytes that are really there. */
export interface StoredFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export interface RecordFacts {
  readonly record: RecordAtom;
  /** Where its record.yml stands, for the place of a finding. */
  readonly path: string;
  /** Whether the records branch has it; else it comes with the request, or at least what a denial left out of it. */
  readonly onBranch: boolean;
  readonly stored: readonly StoredFile[];
}

/** What computing the results again gave. */
export type Recomputation =
  | { readonly is: 'equal' }
  | { readonly is: 'different'; readonly because: string }
  /** Content is not stored, a program of the requester's, over budget: by the files it is so for everybody. */
  | { readonly is: 'impossible'; readonly because: string }
  /** Not on this machine, though the request says what anybody could compute. */
  | { readonly is: 'unable'; readonly because: string };

/** Everything that the rules look at, gathered before any of them is asked. */
export interface RequestFacts {
  /** null for a request that was settled already and stands on the branch. */
  readonly proposal: Proposal | null;
  /** Where the diff request stands, null where there is none. */
  readonly path: string | null;
  /** null where the file is not there or not valid; `faults` says why. */
  readonly diff: DiffRequest | null;
  /** Every fault of every YAML file that the request brings. */
  readonly faults: readonly Fault[];
  readonly from: RecordFacts | null;
  readonly toward: RecordFacts | null;
  readonly project: Project;
  /** The history's containers by id. */
  readonly containers: ReadonlyMap<string, Container>;
  /** The container that comes with the request, null where none does. */
  readonly brought: Container | null;
  /** Who opened it, as git or GitHub tells (not the file); or why that cannot be told. */
  readonly author: { readonly user: User } | { readonly unknown: string };
  /** Settled requests about the same pair with the same method, other than this one. */
  readonly settled: readonly DiffRequest[];
  /** Limits of the target's default branch; `isKept` names the files that its `keep:` exempts. */
  readonly limits: Limits;
  isKept(path: string): boolean;
  /** Why the method or its options may not be used here, null where they may. */
  readonly methodRefusal: string | null;
  readonly recomputation: Recomputation;
}

export const holds = (because: string): Finding => ({ is: 'holds', because, at: null });
export const broken = (because: string, at: Place | null = null): Finding => ({ is: 'broken', because, at });
export const unknown = (because: string): Finding => ({ is: 'unknown', because, at: null });
export const attested = (because: string): Finding => ({ is: 'attested', because, at: null });

/** What a rule says when the facts that it looks at are not there: another rule says why. */
export const nothingToJudge = unknown('the request or one of its records cannot be read; see `schema` and `records`');

/** A field of a file, where no reader is at hand that knows its line. */
export function field(path: string | null, name: string): Place | null {
  return path === null ? null : { path, line: null, column: null, field: name };
}
