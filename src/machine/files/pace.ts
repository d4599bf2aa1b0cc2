import { setImmediate as turn } from 'node:timers/promises';

/** How far something that takes long has come. */
export interface Progress {
  readonly doing: 'looking for files' | 'reading files';
  readonly files: number;
  readonly bytes: number;
  /** What there is in all; null where that is not known yet. */
  readonly ofBytes: number | null;
}

export type ShowProgress = (progress: Progress) => void;

/** Keeps long work from blocking the process (signals, heartbeat), and shows how far it is once it takes over a second. */
export class Pace {
  readonly #show: ShowProgress | undefined;
  readonly #begun = performance.now();
  #turned = performance.now();
  #shown = 0;
  doing: Progress['doing'] = 'looking for files';
  files = 0;
  bytes = 0;
  ofBytes: number | null = null;

  constructor(show?: ShowProgress) {
    this.#show = show;
  }

  /** Whether `rest` is due: every 50 ms. */
  get due(): boolean {
    return performance.now() - this.#turned > 50;
  }

  async rest(): Promise<void> {
    await turn();
    const now = performance.now();
    this.#turned = now;
    if (this.#show && now - this.#begun > 1000 && now - this.#shown > 200) {
      this.#shown = now;
      this.#show({ doing: this.doing, files: this.files, bytes: this.bytes, ofBytes: this.ofBytes });
    }
  }
}
