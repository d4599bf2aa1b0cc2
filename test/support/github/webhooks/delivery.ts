import type { App } from '../state/app.ts';

/** One event on its way to one App. */
export interface Delivery {
  readonly id: number;
  /** `X-GitHub-Delivery`: stays the same when it is sent again. */
  readonly guid: string;
  readonly app: App;
  readonly event: string;
  readonly action: string | null;
  readonly installation: number | null;
  readonly repository: number | null;
  /** As it goes over the wire. */
  readonly body: string;
  readonly payload: { readonly [name: string]: unknown };
  readonly createdAt: Date;
  /** One for each time it was sent: the status of the answer, 0 where there was none within 10 s. */
  readonly attempts: {
    readonly at: Date;
    readonly status: number;
    readonly redelivery: boolean;
    readonly milliseconds: number;
  }[];
}

/** How a delivery goes: `held` waits for `release`, a number is milliseconds late. */
export type Way = 'once' | 'twice' | 'never' | 'held' | number;
