import { Problem } from '../../domain/problem.ts';
import type { OptionSpec, Options } from '../method.ts';

/** |from - toward| <= atol + rtol * |toward|, one column or array at a time. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: AbsoluteTolerance;
}

/** In the unit of the numbers, or a multiple of the largest finite |toward| of the same column or array. */
export type AbsoluteTolerance = { readonly value: number } | { readonly timesMax: number };

export interface NumericOptions extends Tolerance {
  readonly equalNan: boolean;
  readonly symmetric: boolean;
  readonly columnRtol: ReadonlyMap<string, number>;
  readonly columnAtol: ReadonlyMap<string, number>;
  /** Only these columns; null for all. */
  readonly columns: ReadonlySet<string> | null;
  readonly ignoreColumns: ReadonlySet<string>;
  readonly key: string | null;
}

export const numericOptionSpecs: readonly OptionSpec[] = [
  { name: 'rtol', type: 'number', fallback: 1e-6, least: 0, promise: 'Relative tolerance, times |toward|.' },
  {
    name: 'atol',
    type: 'number-or-text',
    fallback: 0,
    least: 0,
    promise: 'Absolute tolerance in the unit of the numbers, or e.g. 1e-12*max of the column or array.',
  },
  { name: 'equal_nan', type: 'boolean', fallback: true, promise: 'NaN equals NaN.' },
  {
    name: 'symmetric',
    type: 'boolean',
    fallback: false,
    promise: 'rtol is of the larger of |from| and |toward|, so that both directions agree.',
  },
  {
    name: 'column_rtol',
    type: 'numbers-by-name',
    fallback: {},
    least: 0,
    promise: 'rtol of single columns or arrays.',
  },
  {
    name: 'column_atol',
    type: 'numbers-by-name',
    fallback: {},
    least: 0,
    promise: 'atol of single columns or arrays.',
  },
  { name: 'columns', type: 'texts', fallback: [], promise: 'Compare these columns or arrays only (name or number).' },
  { name: 'ignore_columns', type: 'texts', fallback: [], promise: 'Leave these columns or arrays out.' },
  {
    name: 'key',
    type: 'text',
    fallback: null,
    promise: 'Match the rows of tables by this column, not by their order.',
  },
];

/** The options as the comparison needs them; throws Problem USAGE where one is unknown or off. */
export function readNumericOptions(options: Options): NumericOptions {
  const known = new Set(numericOptionSpecs.map(spec => spec.name));
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new Problem('USAGE', `numeric has no option ${name}: it has ${[...known].join(', ')}.`);
    }
  }
  const columns = texts(options, 'columns');
  return {
    rtol: tolerance('rtol', options.rtol ?? 1e-6),
    atol: absoluteTolerance(options.atol ?? 0),
    equalNan: boolean(options, 'equal_nan', true),
    symmetric: boolean(options, 'symmetric', false),
    columnRtol: numbersByName(options, 'column_rtol'),
    columnAtol: numbersByName(options, 'column_atol'),
    columns: columns.size === 0 ? null : columns,
    ignoreColumns: texts(options, 'ignore_columns'),
    key: text(options, 'key'),
  };
}

function tolerance(name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 0) || !Number.isFinite(value)) {
    throw new Problem('USAGE', `${name} is ${JSON.stringify(value)}: give a number that is not below 0.`);
  }
  return value;
}

function absoluteTolerance(value: unknown): AbsoluteTolerance {
  if (typeof value === 'number') return { value: tolerance('atol', value) };
  if (typeof value === 'string') {
    const match = /^\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(\*\s*max)?\s*$/.exec(value);
    const number = match ? Number(match[1]) : Number.NaN;
    if (match && Number.isFinite(number)) return match[2] === undefined ? { value: number } : { timesMax: number };
  }
  throw new Problem('USAGE', `atol is ${JSON.stringify(value)}: give a number, or text such as "1e-12*max".`);
}

function boolean(options: Options, name: string, fallback: boolean): boolean {
  const value = options[name] ?? fallback;
  if (typeof value !== 'boolean')
    throw new Problem('USAGE', `${name} is ${JSON.stringify(value)}: give true or false.`);
  return value;
}

function text(options: Options, name: string): string | null {
  const value = options[name] ?? null;
  if (value !== null && typeof value !== 'string') {
    throw new Problem('USAGE', `${name} is ${JSON.stringify(value)}: give the name of a column.`);
  }
  return value === '' ? null : value;
}

function texts(options: Options, name: string): ReadonlySet<string> {
  const value = options[name] ?? [];
  if (!Array.isArray(value) || value.some(item => typeof item !== 'string' && typeof item !== 'number')) {
    throw new Problem('USAGE', `${name} is ${JSON.stringify(value)}: give a list of names.`);
  }
  return new Set(value.map(String));
}

function numbersByName(options: Options, name: string): ReadonlyMap<string, number> {
  const value = options[name] ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('USAGE', `${name} is ${JSON.stringify(value)}: give a number for each name.`);
  }
  return new Map(Object.entries(value).map(([column, number]) => [column, tolerance(`${name} of ${column}`, number)]));
}
