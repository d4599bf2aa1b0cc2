import { damagedJpeg } from './damaged-jpeg.ts';
import type { EntropyData } from './entropy-data.ts';
import type { HuffmanTable } from './huffman-table.ts';
import type { Component, Frame } from './jpeg-frame.ts';

/** A component in a scan, with its tables. */
export interface ScanComponent {
  readonly component: Component;
  /** Which of the frame's it is. */
  readonly index: number;
  readonly dc: HuffmanTable | null;
  readonly ac: HuffmanTable | null;
}

export interface Scan {
  readonly components: readonly ScanComponent[];
  /** The coefficients, in the order of the data, that it is about. */
  readonly first: number;
  readonly last: number;
  /** Bits of them that earlier scans and that later scans tell. */
  readonly high: number;
  readonly low: number;
  /** Units between two restart markers; 0 for none. */
  readonly restart: number;
}

/** Decodes one block after the other: told where its bits are, and when what it remembers ends. */
export interface BlockDecoder {
  /** The bit that comes next. */
  at: number;
  restart(): void;
  /** `block` counts in the component's own lines of blocks. */
  block(component: ScanComponent, block: number): void;
}

/** Walks the blocks of a scan in the order of its data (T.81, A.2). Throws UNREADABLE where the data ends early. */
export function walkScan(frame: Frame, scan: Scan, data: EntropyData, decoder: BlockDecoder): void {
  const [only] = scan.components;
  const alone = scan.components.length === 1 && only !== undefined;
  const columns = alone ? only.component.columns : frame.unitColumns;
  const rows = alone ? only.component.rows : frame.unitRows;
  let part = 0;
  let end = data.parts[1]! * 8;
  let left = scan.restart === 0 ? Number.POSITIVE_INFINITY : scan.restart;
  decoder.at = 0;
  decoder.restart();
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (left === 0) {
        requireUsed(decoder.at, end);
        part++;
        if (part + 1 >= data.parts.length) throw damagedJpeg('a part of its data is missing');
        decoder.at = data.parts[part]! * 8;
        end = data.parts[part + 1]! * 8;
        decoder.restart();
        left = scan.restart;
      }
      left--;
      if (alone) decoder.block(only, row * only.component.stride + column);
      else {
        for (const each of scan.components) {
          const { horizontal, vertical, stride } = each.component;
          const first = row * vertical * stride + column * horizontal;
          for (let down = 0; down < vertical; down++) {
            for (let right = 0; right < horizontal; right++) decoder.block(each, first + down * stride + right);
          }
        }
      }
      if (decoder.at > end) throw damagedJpeg('a part of its data ends early');
    }
  }
  requireUsed(decoder.at, end);
  if (part + 2 !== data.parts.length) throw damagedJpeg('its data has more parts than it should');
}

/**
 * A wrong bit rarely stops the decoder, but then the data do not end where the picture does. Some encoders fill up a last
 * byte that is whole already.
 */
function requireUsed(at: number, end: number): void {
  if (end - at > 8) throw damagedJpeg('a part of its data goes on after its end');
}
