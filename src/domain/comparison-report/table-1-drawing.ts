import type { Comparison } from '../comparison.ts';
import { type Sameness, table1 } from '../table-1.ts';

export interface Table1Cell {
  readonly text: string;
  readonly marked: boolean;
}

/** The paper's Table 1 as rows to be drawn: `source` and `inputs` above, `outputs` at the side. */
export interface Table1Drawing {
  readonly columns: readonly { readonly source: Sameness; readonly inputs: Sameness }[];
  readonly rows: readonly { readonly outputs: Sameness; readonly cells: readonly Table1Cell[] }[];
}

/** Table 1 with the comparison's cell marked; null for folders, of which it says nothing. */
export function table1Drawing({
  source,
  inputs,
  outputs,
}: Pick<Comparison, 'source' | 'inputs' | 'outputs'>): Table1Drawing | null {
  if (source === null || inputs === null) return null;
  const sides: readonly Sameness[] = ['same', 'different'];
  const columns = sides.flatMap(one => sides.map(other => ({ source: one, inputs: other })));
  return {
    columns,
    rows: sides.map(row => ({
      outputs: row,
      cells: columns.map(column => ({
        text: table1[row][`${column.source} and ${column.inputs}`]!,
        marked: row === outputs && column.source === source && column.inputs === inputs,
      })),
    })),
  };
}
