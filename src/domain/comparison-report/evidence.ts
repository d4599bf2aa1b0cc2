import type { PlaceAndValues } from '../generated/shapes.ts';

/** What there is to look at in one file that differs; small, whatever the size of the files. */
export interface Evidence {
  readonly hunk: TextHunk | null;
  readonly plot: NumberPlot | null;
  readonly images: ImagePair | null;
  /** Whether the files hold numbers that the method numeric reads. */
  readonly numbers: boolean;
  /** Where the largest differences of the method numeric are; null where another method compared. */
  readonly largest: LargestDifferences | null;
}

export const noEvidence: Evidence = { hunk: null, plot: null, images: null, numbers: false, largest: null };

/** The first pair with the largest difference, each: of finite numbers; null where none differ. */
export interface LargestDifferences {
  readonly absolute: LargestDifference | null;
  readonly relative: LargestDifference | null;
}

export interface LargestDifference extends PlaceAndValues {
  readonly difference: number;
}

/** The first lines that differ, with a little of what is around them, as a unified diff shows them. */
export interface TextHunk {
  /** Line numbers, from 1, and how many lines of either side are in it. */
  readonly from: { readonly start: number; readonly count: number };
  readonly toward: { readonly start: number; readonly count: number };
  readonly lines: readonly HunkLine[];
  /** Whether the files differ after it too. */
  readonly more: boolean;
}

export interface HunkLine {
  /** On which side the line stands. */
  readonly side: 'both' | 'from' | 'toward';
  /** Of anyone's making, without its line feed, cut to some 200 characters. */
  readonly text: string;
  /** The file ends with this line and without a line feed. */
  readonly unended: boolean;
}

/** Points in order of x; one whose y is NaN parts the curve. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** One column of a table, or one array, on both sides. */
export interface NumberPanel {
  /** Of anyone's making. */
  readonly title: string;
  /** What x is: a column's name, or `row` or `index`. */
  readonly x: string;
  /** How many values of each side the panel stands for. */
  readonly count: number;
  readonly from: Curve;
  readonly toward: Curve;
  /** from - toward */
  readonly difference: Curve;
}

export interface NumberPlot {
  /** The columns that differ most, relative to their range, first. */
  readonly panels: readonly NumberPanel[];
  /** How many more columns differ. */
  readonly more: number;
}

export interface Picture {
  readonly type: 'image/png' | 'image/jpeg';
  readonly bytes: Uint8Array;
  /** pixels */
  readonly width: number;
  readonly height: number;
}

export interface ImagePair {
  readonly from: Picture | null;
  readonly toward: Picture | null;
  /** Where they differ; null where they cannot be laid over each other. */
  readonly difference: Picture | null;
  /** What is not shown, and why; null where all is. */
  readonly because: string | null;
}
