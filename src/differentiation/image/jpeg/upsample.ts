import type { Component, Frame } from './jpeg-frame.ts';

/** Samples of a component, `stride` blocks of 8 in a row. */
interface Source {
  readonly component: Component;
  readonly samples: Uint8ClampedArray;
}

/**
 * Gives one row of a component's samples as many as the image has pixels. Where it has half of them in a direction, the
 * new ones lie between the old ones at a quarter and three quarters (the Independent JPEG Group's "fancy upsampling",
 * rounded as there); at any other ratio the nearest one is taken.
 */
export class Upsampling {
  readonly #source: Source;
  readonly #across: number;
  readonly #down: number;
  /** Whether columns are doubled between neighbours; narrower ones are repeated. */
  readonly #isSmooth: boolean;
  readonly #sums: Int32Array;
  readonly #row: Uint8ClampedArray;

  constructor(frame: Frame, source: Source) {
    const { component } = source;
    this.#source = source;
    this.#across = frame.mostHorizontal / component.horizontal;
    this.#down = frame.mostVertical / component.vertical;
    this.#isSmooth = this.#across === 2 && (this.#down === 1 || this.#down === 2) && component.width > 2;
    this.#sums = new Int32Array(component.width);
    this.#row = new Uint8ClampedArray(Math.ceil(component.width * this.#across) + 1);
  }

  /** Row `y` of the image, at least as wide as it is; good until the next call. */
  row(y: number): Uint8ClampedArray {
    const { component, samples } = this.#source;
    const line = component.stride * 8;
    const nearest = Math.min(Math.floor(y / this.#down), component.height - 1);
    const near = samples.subarray(nearest * line, nearest * line + component.width);
    if (this.#across === 1 && this.#down === 1) return near;
    const isBlended = this.#down === 2 && (this.#isSmooth || this.#across === 1);
    if (!isBlended && !this.#isSmooth) return this.#repeat(near);
    if (!isBlended) return this.#between(near, 1, 2, 2);
    const other = Math.min(Math.max(0, (y & 1) === 0 ? nearest - 1 : nearest + 1), component.height - 1);
    const far = samples.subarray(other * line, other * line + component.width);
    const sums = this.#sums;
    for (let x = 0; x < sums.length; x++) sums[x] = near[x]! * 3 + far[x]!;
    if (this.#isSmooth) return this.#between(sums, 8, 7, 4);
    const rounding = (y & 1) === 0 ? 1 : 2;
    for (let x = 0; x < sums.length; x++) this.#row[x] = (sums[x]! + rounding) >> 2;
    return this.#row;
  }

  #repeat(near: Uint8ClampedArray): Uint8ClampedArray {
    for (let x = 0; x < this.#row.length; x++) {
      this.#row[x] = near[Math.min(Math.floor(x / this.#across), near.length - 1)]!;
    }
    return this.#row;
  }

  /** Twice as many: a quarter of the neighbour and three quarters of one's own; those at the ends are their own. */
  #between(sums: Int32Array | Uint8ClampedArray, left: number, right: number, shift: number): Uint8ClampedArray {
    const row = this.#row;
    const last = sums.length - 1;
    let before = sums[0]!;
    for (let x = 0; x <= last; x++) {
      const own = sums[x]! * 3;
      row[x * 2] = (own + before + left) >> shift;
      row[x * 2 + 1] = (own + sums[x < last ? x + 1 : last]! + right) >> shift;
      before = sums[x]!;
    }
    return row;
  }
}
