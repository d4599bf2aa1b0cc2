import { Refusal } from '../http/refusal.ts';
import type { Account } from '../state/account.ts';
import type { Actor } from '../state/actor.ts';
import type { App } from '../state/app.ts';

/** Who does something, and through which App. */
export interface Doer {
  readonly account: Account;
  readonly app: App | null;
}

export function doer(actor: Actor): Doer {
  if (actor.account === null) throw new Refusal(401, 'Requires authentication');
  return { account: actor.account, app: actor.app };
}
