import type { FileResult, MethodWord } from '../domain/generated/shapes.ts';

/**
 * What an option of a method may be. The command line makes a flag of it (`--equal-nan`, lists repeat the flag), a
 * diff request keeps it under its snake_case name, and a project's `compare:` may cap a number.
 */
export interface OptionSpec {
  /** snake_case */
  readonly name: string;
  readonly type: 'number' | 'boolean' | 'text' | 'texts' | 'number-or-text' | 'numbers-by-name';
  readonly fallback: unknown;
  /** One line for the help text, with the unit. */
  readonly promise: string;
  readonly least?: number;
  readonly most?: number;
}

export type Options = Readonly<{ [name: string]: unknown }>;

/** How much a comparison may cost. All of it is counted in work and bytes, never in time, so that two machines agree. */
export interface Budget {
  /** Largest file that a method reads, in bytes. */
  readonly bytes: number;
  /** Elementary steps of an exact distance, about 1e9 a second. */
  readonly steps: number;
}

/** The measures of one pair of files that are not byte-equal; `path` and `identical` are the caller's. */
export type Measures = Omit<FileResult, 'path' | 'identical'>;

/** Measures, and what the caller has to know of how they came about; only the measures go into a file result. */
export interface Comparison extends Measures {
  /** What it cost, out of the budget's. */
  readonly steps?: number;
  /** Why this is not the last word (the budget ended, a person has to look): the result then rests on the requester's word. */
  readonly unsettled?: string;
  /** Why this machine cannot tell at all (a package is missing): then nothing may be claimed by it. */
  readonly failed?: string;
}

/** The outputs of both sides by path, as far as their content is to be had, for a method that looks at them together. */
export interface Sides {
  readonly from: ReadonlyMap<string, Uint8Array>;
  readonly toward: ReadonlyMap<string, Uint8Array>;
}

/** What a method said of each file that it was asked about, or why it came to no answer: then nothing was told. */
export type Together = ReadonlyMap<string, Comparison> | { readonly failed: string };

/**
 * A way to tell two outputs apart (the paper, p. 189). Pure: bytes in, measures out. `from` is the requester's file,
 * `toward` the targeted one. A file is anyone's: a method answers `{same: false, reason}` where it cannot read one,
 * and throws only for options that are its caller's fault (Problem USAGE).
 */
export interface Method {
  readonly word: MethodWord;
  /** The name of a custom method; null for the paper's own `default` and `visual`. */
  readonly name: string | null;
  /** What `same` means, in one sentence. */
  readonly promise: string;
  readonly options: readonly OptionSpec[];
  /** `isRecomputable` of it: false where only a person or the project's own program can say. */
  readonly repeatable: boolean;
  /** The measures of byte-equal files, where there are any beside `same`; their content is not read. */
  readonly ofIdentical?: Measures;
  /** Why options of the right types are still not ones that it can work with, naming the option; null where they are. */
  refuses?(options: Options): string | null;
  compare(path: string, from: Uint8Array, toward: Uint8Array, options: Options, budget: Budget): Promise<Comparison>;
  /** In place of `compare`, for a method that needs all files at once. `paths` are those to answer for: on both sides, not byte-equal. */
  compareTogether?(sides: Sides, paths: readonly string[], options: Options): Promise<Together>;
}
