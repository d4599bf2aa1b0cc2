import type { Account } from '../domain/pull-request/pull-request.ts';
import { isBotLogin } from '../domain/user.ts';
import type { Received } from './received.ts';

/** Stands for accounts that are gone: no account has the number 0, so nobody equals it. */
const nobody: Account = { login: 'ghost', id: 0, isBot: false };
/** As `schemas/common.schema.json` has it. */
const login = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$/;

/**
 * The author of something. GitHub shows what deleted accounts left behind as nobody's (null) or under its own account
 * `ghost`. Whatever is no person (bots, organizations, mannequins of an import) counts as a bot and answers for nobody.
 * The logins of bots are trusted with more than that, so what bears one and is none (a mannequin can) is nobody.
 */
export function readAccount(account: Received): Account {
  if (account.isNull) return nobody;
  const name = account.field('login').text();
  if (name.toLowerCase() === nobody.login || !login.test(name)) return nobody;
  const type = account.field('type').text();
  if (isBotLogin(name) && type !== 'Bot') return nobody;
  return { login: name, id: account.field('id').id(), isBot: type !== 'User' };
}
