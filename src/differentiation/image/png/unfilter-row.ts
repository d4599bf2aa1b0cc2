import { unreadableImage } from '../decoded-image.ts';

/**
 * Undoes a PNG filter on one row, in place (specification, section 9). `row` starts behind the filter's byte, `above`
 * is the row before, unfiltered (zeros for the first); `step` is the bytes of a whole pixel, at least 1.
 */
export function unfilterRow(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  const length = row.length;
  switch (filter) {
    case 0:
      return;
    case 1:
      for (let at = step; at < length; at++) row[at] = row[at]! + row[at - step]!;
      return;
    case 2:
      for (let at = 0; at < length; at++) row[at] = row[at]! + above[at]!;
      return;
    case 3:
      for (let at = 0; at < step; at++) row[at] = row[at]! + (above[at]! >> 1);
      for (let at = step; at < length; at++) row[at] = row[at]! + ((row[at - step]! + above[at]!) >> 1);
      return;
    case 4:
      for (let at = 0; at < step; at++) row[at] = row[at]! + above[at]!;
      for (let at = step; at < length; at++) {
        row[at] = row[at]! + paeth(row[at - step]!, above[at]!, above[at - step]!);
      }
      return;
    default:
      throw unreadableImage(`is a damaged PNG image: a row has filter ${filter}, which there is not`);
  }
}

function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - corner - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
