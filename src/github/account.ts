import type { GitHubUser } from '../domain/generated/shapes.ts';
import { type Api, ask } from './api.ts';
import { readAccount } from './read-account.ts';

/**
 * The person with a user's numeric id, under the login of today: it may have changed, and its old one may be another's.
 * @returns null where there is no such account any more, or where it is no person's
 */
export async function currentAccount(api: Api, user: GitHubUser): Promise<GitHubUser | null> {
  const { status, data } = await ask(api, 'GET /user/{account_id}', { account_id: user.id }, [404]);
  if (status === 404) return null;
  const { login, id, isBot } = readAccount(data);
  return id === user.id && !isBot ? { login, id } : null;
}
