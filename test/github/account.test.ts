import { expect, test } from 'vitest';
import { currentAccount } from '../../src/github/account.ts';
import { startWithPull } from './pull-on-github.ts';

test('an account is known by its number, whatever it is called by now', async () => {
  const { github, ada, grace, api, app } = await startWithPull();
  await using _ = github;
  const asRecorded = { login: 'ada', id: 1815 };
  expect(await currentAccount(api, asRecorded)).toEqual(asRecorded);
  github.renames(ada, 'lovelace');
  github.user('ada', 4711);
  expect(await currentAccount(api, asRecorded)).toEqual({ login: 'lovelace', id: 1815 });
  github.closesAccount(grace);
  expect(await currentAccount(api, { login: 'grace', id: 1906 })).toBeNull();
  expect(await currentAccount(api, { login: 'corroborate', id: app.bot.id })).toBeNull();
  expect(await currentAccount(api, { login: 'acme', id: github.organization('acme').id })).toBeNull();
});
