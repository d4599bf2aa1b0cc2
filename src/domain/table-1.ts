import type { Proposition } from './generated/shapes.ts';

export type Sameness = 'same' | 'different';
/** What Table 1 says of two records. */
export type Assessed = 'repeatable' | 'reproducible' | 'non-repeatable' | 'unknown';

export interface Cell {
  readonly source: Sameness;
  readonly inputs: Sameness;
  readonly outputs: Sameness;
}

/** The paper's Table 1: columns are source code and input files, rows the output files. */
export const table1: Readonly<{ [outputs in Sameness]: Readonly<{ [sourceAndInputs: string]: Assessed }> }> = {
  same: {
    'same and same': 'repeatable',
    'same and different': 'reproducible',
    'different and same': 'reproducible',
    'different and different': 'reproducible',
  },
  different: {
    'same and same': 'non-repeatable',
    'same and different': 'unknown',
    'different and same': 'unknown',
    'different and different': 'unknown',
  },
};

export function assess(cell: Cell): Assessed {
  return table1[cell.outputs][`${cell.source} and ${cell.inputs}`]!;
}

/**
 * The only proposition that a cell allows (design, section 5). The table never yields "non-reproducible", yet the
 * paper's requests may claim it: where the table says unknown the owners' knowledge decides.
 */
export function propositionFor(assessed: Assessed): Proposition {
  const allowed: Readonly<{ [assessed in Assessed]: Proposition }> = {
    repeatable: 'repeated',
    reproducible: 'reproduced',
    'non-repeatable': 'non-repeated',
    unknown: 'non-reproduced',
  };
  return allowed[assessed];
}

/** Whether a claim must say in words what was seen: for unknown cells there is nothing else to go by. */
export function needsObservation(assessed: Assessed): boolean {
  return assessed === 'unknown';
}
