import type { FileResult, MethodWord, Proposition } from './generated/shapes.ts';
import type { DependencyComparison, SystemComparison } from './record-comparison.ts';
import type { Assessed, Sameness } from './table-1.ts';

/** `compare --json` (design, section 8); for folders only what there is. */
export interface Comparison {
  readonly from: string;
  readonly toward: string;
  readonly source: Sameness | null;
  readonly inputs: Sameness | null;
  readonly outputs: Sameness;
  readonly assessment: Assessed | null;
  readonly proposition: Proposition | null;
  readonly method: {
    readonly method: MethodWord;
    readonly name: string | null;
    readonly options: Readonly<{ [name: string]: unknown }>;
  };
  readonly same: boolean;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly files: readonly FileResult[];
  readonly dependencies: readonly DependencyComparison[];
  readonly system: readonly SystemComparison[];
}
