import type { DiffRequest, RecordAtom, User } from '../generated/shapes.ts';
import type { Fault } from '../problem.ts';
import type { Judgement } from '../rules/rules.ts';

/** What the rules say of a pull request's commit, as plain data that can be handed between threads. */
export interface JudgedRequest {
  /** The commit that was judged. */
  readonly commit: string;
  /** The tip of the records branch that it was held against. */
  readonly tip: string;
  readonly judgement: Judgement;
  /** Every fault of every YAML file that it brings, for the annotations. */
  readonly faults: readonly Fault[];
  /** Paths that the commit adds or changes against its parent, for the annotations; those it removes are not among them. */
  readonly changed: readonly string[];
  /** Where the diff request stands; null where there is none. */
  readonly path: string | null;
  readonly diff: DiffRequest | null;
  readonly from: RecordAtom | null;
  readonly toward: RecordAtom | null;
  /** Whether `from` stands on the records branch already. */
  readonly fromOnBranch: boolean;
  /** The request of this id as the records branch has it: settled, or merged by hand; null where it has none. */
  readonly standing: DiffRequest | null;
  /** Who owns the targeted record and so answers; null where that record cannot be read. */
  readonly answerer: User | null;
  readonly projectOwner: User;
  /** The comparison as Markdown (without what to do next); null where there is nothing to compare. */
  readonly comparison: string | null;
  /** Outputs that are pictures and differ, or were looked at by eye. */
  readonly pictures: readonly ComparedPicture[];
}

/** One output that is a picture; a side's path on the branch, null where that side has none stored. */
export interface ComparedPicture {
  readonly path: string;
  /** Stands in `JudgedRequest.commit`, or in `tip` where `fromOnBranch`. */
  readonly from: string | null;
  /** Stands in `tip`. */
  readonly toward: string | null;
}
