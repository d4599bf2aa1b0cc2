import type { Block, Values } from './numeric-document.ts';

/** Rows of columns; the names are null where the file gives none. */
export function tableBlock(values: Values, rows: number, columns: number, names: readonly string[] | null): Block {
  return {
    ...values,
    name: '',
    shape: [rows, columns],
    columns: names ?? new Array<null>(columns).fill(null),
    layout: null,
    wordsBetween: false,
    unit: null,
    place: index => {
      const column = index % columns;
      return `row ${Math.floor(index / columns) + 1}, column ${names?.[column] || column + 1}`;
    },
  };
}

/** A table without its first row, which turned out to be its header. */
export function withoutFirst(values: Values, count: number): Values {
  return { ...values, numbers: values.numbers.subarray(count), kinds: values.kinds?.subarray(count) ?? null };
}
