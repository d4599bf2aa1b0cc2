import { type DecodedImage, unreadableImage } from '../decoded-image.ts';
import { damagedJpeg, truncatedJpeg } from './damaged-jpeg.ts';
import { entropyData } from './entropy-data.ts';
import { HuffmanTable } from './huffman-table.ts';
import { inverseDct } from './inverse-dct.ts';
import { type Frame, readFrame } from './jpeg-frame.ts';
import { type Scan, type ScanComponent, walkScan } from './jpeg-scan.ts';
import { type Colours, placeColours } from './place-colours.ts';
import { ProgressiveDecoder } from './progressive-decoder.ts';
import { type Plane, SequentialDecoder } from './sequential-decoder.ts';
import { Upsampling } from './upsample.ts';
import { zigzag } from './zigzag.ts';

/** Each scan goes over the whole image again; programs write some ten. */
const mostScans = 64;
/** Bits of a scan are counted in 32 bits. */
const mostBytes = 2 ** 27;

/**
 * Decodes a JPEG image (ITU-T T.81), baseline, extended or progressive, of 8 bits a colour, in pixels that are those of
 * the Independent JPEG Group's library to the bit for grey and for colours. Throws UNREADABLE where it is truncated,
 * damaged, too large, or of a kind that nobody writes (arithmetic coding, lossless, 12 bits).
 */
export function readJpeg(bytes: Uint8Array): DecodedImage {
  if (bytes.length > mostBytes) throw unreadableImage(`is a JPEG image of more than ${mostBytes} bytes`);
  return new JpegReader(bytes).read();
}

class JpegReader {
  readonly #bytes: Uint8Array;
  readonly #quantization: (Uint16Array | null)[] = [null, null, null, null];
  readonly #dc: (HuffmanTable | null)[] = [null, null, null, null];
  readonly #ac: (HuffmanTable | null)[] = [null, null, null, null];
  #frame: Frame | null = null;
  /** Of each component; null before its first scan. */
  readonly #planes: (Plane | null)[] = [];
  readonly #coefficients: Int16Array[] = [];
  #restart = 0;
  #hasJfif = false;
  /** How the Adobe marker says that the colours are written; null without it. */
  #adobe: number | null = null;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): DecodedImage {
    const bytes = this.#bytes;
    let scans = 0;
    let at = 2;
    for (;;) {
      while (at + 1 < bytes.length && !(bytes[at] === 0xff && isMarker(bytes[at + 1]!))) at++;
      if (at + 1 >= bytes.length) throw truncatedJpeg();
      const marker = bytes[at + 1]!;
      if (marker === 0xd9) break;
      if (at + 4 > bytes.length) throw truncatedJpeg();
      const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      if (length < 2 || at + 2 + length > bytes.length) throw truncatedJpeg();
      const data = bytes.subarray(at + 4, at + 2 + length);
      at += 2 + length;
      if (marker === 0xda) {
        if (++scans > mostScans) throw unreadableImage(`is a JPEG image of more than ${mostScans} scans`);
        at = this.#readScan(data, at);
      } else this.#readSegment(marker, data);
    }
    if (this.#frame === null || scans === 0) throw damagedJpeg('it holds no picture');
    return this.#picture(this.#frame);
  }

  #readSegment(marker: number, data: Uint8Array): void {
    if (marker === 0xdb) this.#readQuantization(data);
    else if (marker === 0xc4) this.#readHuffman(data);
    else if (marker === 0xdd) this.#restart = ((data[0] ?? 0) << 8) | (data[1] ?? 0);
    else if (marker === 0xe0) this.#hasJfif ||= beginsWith(data, 'JFIF\0');
    else if (marker === 0xee) {
      if (beginsWith(data, 'Adobe') && data.length >= 12) this.#adobe = data[11]!;
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) {
      if (this.#frame !== null) throw unreadableImage('is a JPEG image of more than one frame');
      this.#frame = readFrame(marker, data);
      for (const { blocks } of this.#frame.components) {
        this.#planes.push(null);
        if (this.#frame.progressive) this.#coefficients.push(new Int16Array(blocks * 64));
      }
    }
  }

  #readQuantization(data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      const [precision, which] = [data[at]! >> 4, data[at]! & 15];
      const size = precision === 0 ? 1 : 2;
      at++;
      if (precision > 1 || which > 3 || at + 64 * size > data.length) throw damagedJpeg('a quantization table is none');
      const table = new Uint16Array(64);
      for (let each = 0; each < 64; each++, at += size) {
        table[each] = size === 1 ? data[at]! : (data[at]! << 8) | data[at + 1]!;
      }
      this.#quantization[which] = table;
    }
  }

  #readHuffman(data: Uint8Array): void {
    for (let at = 0; at < data.length; ) {
      const [isAc, which] = [data[at]! >> 4, data[at]! & 15];
      const counts = data.subarray(at + 1, at + 17);
      const symbols = counts.reduce((sum, count) => sum + count, 0);
      at += 17;
      if (isAc > 1 || which > 3 || symbols > 256 || at + symbols > data.length) {
        throw damagedJpeg('a Huffman table is none');
      }
      const table = new HuffmanTable(counts, data.subarray(at, at + symbols));
      (isAc === 1 ? this.#ac : this.#dc)[which] = table;
      at += symbols;
    }
  }

  /** Decodes the scan whose data begin at `start`; where they end. */
  #readScan(header: Uint8Array, start: number): number {
    const frame = this.#frame;
    if (frame === null) throw damagedJpeg('its data come before what they are');
    const scan = this.#scanOf(frame, header);
    const data = entropyData(this.#bytes, start);
    if (data.end === this.#bytes.length) throw truncatedJpeg();
    const planes = this.#planes.map(plane => plane ?? noPlane);
    const decoder = frame.progressive
      ? new ProgressiveDecoder(data, scan, this.#coefficients)
      : new SequentialDecoder(data, planes);
    walkScan(frame, scan, data, decoder);
    return data.end;
  }

  #scanOf(frame: Frame, header: Uint8Array): Scan {
    const count = header[0] ?? 0;
    if (count < 1 || count > 4 || header.length < 4 + 2 * count) throw damagedJpeg('a scan header is none');
    const [first, last, bits] = header.subarray(1 + 2 * count) as unknown as [number, number, number];
    const [high, low] = [bits >> 4, bits & 15];
    const isWhole = first === 0 && last === 63 && bits === 0;
    const isPart = last <= 63 && (first === 0 ? last === 0 : first <= last && count === 1);
    const isStep = low <= 13 && (high === 0 || high === low + 1);
    if (frame.progressive ? !(isPart && isStep) : !isWhole) throw damagedJpeg('a scan header is none');

    const components: ScanComponent[] = [];
    for (let each = 0; each < count; each++) {
      const [id, tables] = [header[1 + 2 * each]!, header[2 + 2 * each]!];
      const index = frame.components.findIndex(component => component.id === id);
      const component = frame.components[index];
      if (component === undefined || components.some(other => other.index === index)) {
        throw damagedJpeg('a scan is of a colour that there is not');
      }
      const dc = this.#dc[tables >> 4] ?? null;
      const ac = this.#ac[tables & 15] ?? null;
      const needsDc = first === 0 && high === 0;
      if ((needsDc && dc === null) || (last > 0 && ac === null)) throw damagedJpeg('a Huffman table is missing');
      components.push({ component, index, dc, ac });
      this.#planes[index] ??= this.#planeOf(frame, index);
    }
    const blocks = components.reduce((sum, { component }) => sum + component.horizontal * component.vertical, 0);
    // T.81, B.2.3.
    if (count > 1 && blocks > 10) throw damagedJpeg('a scan is of more blocks at once than there can be');
    return { components, first, last, high, low, restart: this.#restart };
  }

  /** A component's tables are those that it has when its first scan begins. */
  #planeOf(frame: Frame, index: number): Plane {
    const { blocks, quantization } = frame.components[index]!;
    const table = this.#quantization[quantization];
    if (!table) throw damagedJpeg('a quantization table is missing');
    return { samples: new Uint8ClampedArray(blocks * 64), quantization: table };
  }

  #picture(frame: Frame): DecodedImage {
    const { width, height } = frame;
    const sources = frame.components.map((component, index) => {
      const plane = this.#planes[index];
      if (!plane) throw damagedJpeg('one of its colours has no data');
      const coefficients = this.#coefficients[index];
      if (coefficients) transform(coefficients, plane, component.stride);
      return new Upsampling(frame, { component, samples: plane.samples });
    });
    const rgba = new Uint8ClampedArray(width * height * 4);
    const colours = this.#colours(frame);
    for (let y = 0; y < height; y++) {
      const rows = sources.map(source => source.row(y));
      placeColours(rows, colours, this.#adobe !== null, rgba, y * width * 4, width);
    }
    return {
      kind: 'a JPEG image',
      width,
      height,
      rgba: new Uint8Array(rgba.buffer),
      deep: null,
      colourSpace: '',
    };
  }

  /** As the Independent JPEG Group's library tells it: by the Adobe marker, by JFIF's, by the components' names. */
  #colours({ components }: Frame): Colours {
    if (components.length === 1) return 'grey';
    if (components.length === 4) return this.#adobe === 2 ? 'ycck' : 'cmyk';
    if (this.#hasJfif) return 'ycc';
    if (this.#adobe !== null) return this.#adobe === 0 ? 'rgb' : 'ycc';
    return String.fromCharCode(...components.map(({ id }) => id)) === 'RGB' ? 'rgb' : 'ycc';
  }
}

const noPlane: Plane = { samples: new Uint8ClampedArray(0), quantization: new Uint16Array(64) };

/** The samples of a progressive image, whose coefficients are complete after the last scan. */
function transform(coefficients: Int16Array, { samples, quantization }: Plane, stride: number): void {
  const factors = new Int32Array(64);
  for (const [at, place] of zigzag.entries()) factors[place] = quantization[at]!;
  const block = new Int32Array(64);
  for (let at = 0, column = 0, to = 0; at < coefficients.length; at += 64) {
    for (let each = 0; each < 64; each++) block[each] = Math.imul(coefficients[at + each]!, factors[each]!);
    inverseDct(block, samples, to, stride * 8);
    to += 8;
    if (++column === stride) {
      column = 0;
      to += stride * 56;
    }
  }
}

function beginsWith(data: Uint8Array, word: string): boolean {
  for (let at = 0; at < word.length; at++) if (data[at] !== word.charCodeAt(at)) return false;
  return true;
}

function isMarker(byte: number): boolean {
  return byte !== 0 && byte !== 0xff && byte !== 0x01 && !(byte >= 0xd0 && byte <= 0xd8);
}
