import { type Table1Drawing, table1Drawing } from '../comparison-report/table-1-drawing.ts';
import type { Cell } from '../table-1.ts';

/** The paper's Table 1 as HTML that GitHub shows within Markdown, the cell marked; or a word that nobody knows it. */
export function table1Figure(cell: Cell | null): string {
  // The type says that folders have no drawing; a cell has one.
  const { columns, rows } = table1Drawing(cell ?? { source: 'same', inputs: 'same', outputs: 'same' }) as Table1Drawing;
  const head = (word: string, span = 1) => `<th${span > 1 ? ` colspan="${span}"` : ''}>${word}</th>`;
  const lines = [
    `<tr>${head('source code')}${head('same', 2)}${head('different', 2)}</tr>`,
    `<tr>${head('input files')}${columns.map(({ inputs }) => head(inputs)).join('')}</tr>`,
    ...rows.map(({ outputs, cells }) => {
      const shown = cells.map(({ text, marked }) =>
        marked && cell !== null ? `<td align="center">👉 <b>${text}</b></td>` : `<td align="center">${text}</td>`,
      );
      return `<tr>${head(`${outputs} outputs`)}${shown.join('')}</tr>`;
    }),
  ];
  // Without an empty line, which would end the HTML.
  const figure = `<table>\n${lines.join('\n')}\n</table>`;
  return cell === null ? `${figure}\n\nNo cell is marked: the request or one of its two runs cannot be read.` : figure;
}
