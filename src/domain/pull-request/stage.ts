import type { Answer } from '../generated/shapes.ts';

/** Where a request is between its opening and its end. */
export type Stage =
  /** A rule is broken or unknown: nobody can answer yet. */
  | { readonly is: 'refused' }
  /** All rules hold or are attested: the owner of the targeted record has the word. */
  | { readonly is: 'waiting' }
  /** Settled on the records branch; `outside` where not by this App's own answer to this commit. */
  | { readonly is: 'agreed' | 'denied'; readonly answer: Answer; readonly outside: boolean }
  /** Somebody merged it without an answer: its claim stands on the branch as proposed, and may still be answered. */
  | { readonly is: 'merged-by-hand'; readonly answerable: boolean }
  /** Closed without an answer: nothing is done before it is opened again. */
  | { readonly is: 'withdrawn' }
  /** Answered, but the records branch did not take it: `because` says which setting or permission to change. */
  | { readonly is: 'held-up'; readonly answer: Answer; readonly status: 'agreed' | 'denied'; readonly because: string };
