import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { registerApp, startApp } from '../../support/app-process.ts';
import { bringRecord } from '../../support/bring-record.ts';
import type { GitHub } from '../../support/github/github.ts';
import type { Person } from '../../support/github/person.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { type Scientist, scientist } from '../../support/scientist.ts';
import { simulate } from '../../support/simulation.ts';

/** Not `git`: that would keep the GitHub for tests, which lives in this process, from answering. */
async function online(someone: Scientist, ...args: string[]): Promise<void> {
  const env = { ...someone.environment, GIT_ALLOW_PROTOCOL: 'file:http', GIT_TERMINAL_PROMPT: '0' };
  await promisify(execFile)('git', args, { cwd: someone.clone, env });
}

/** Somebody with a clone and an account. */
async function at(github: GitHub, name: 'ada' | 'grace', id: number) {
  const person = github.user(name, id);
  const someone = await scientist(name);
  someone.git('config', 'corroborate.login', name);
  someone.git('config', 'corroborate.id', String(id));
  return { person, someone };
}

const pushes = (someone: Scientist, person: Person, repository: Repository, ref: string) =>
  online(someone, 'push', '-q', person.remote(repository), ref);

test('a request is opened, judged, agreed to and merged', async () => {
  await using github = await startGitHub();
  const ada = await at(github, 'ada', 1815);
  const grace = await at(github, 'grace', 1906);
  await using adas = ada.someone;
  await using graces = grace.someone;
  const repository = await ada.person.createRepository('acme/demo');
  await pushes(adas, ada.person, repository, 'main');
  const toward = await adas.records(...simulate);
  await pushes(adas, ada.person, repository, 'records');

  const fork = await grace.person.forks(repository);
  await online(graces, 'fetch', '-q', grace.person.remote(fork), 'main', '+records:records');
  graces.git('reset', '-q', '--hard', 'FETCH_HEAD');
  const from = await graces.records(...simulate);
  const request = await graces.requests(from.id, toward.id);
  bringRecord(graces, request);
  await pushes(graces, grace.person, fork, request.branch);

  const app = registerApp(github);
  github.installs(app, repository);
  await using running = await startApp(github, app);
  const pull = await grace.person.opensPull(repository, { from: fork, head: request.branch, base: 'records' });
  await running.settles();
  const checks = [...repository.checkRuns.values()].map(({ name, conclusion }) => ({ name, conclusion }));
  expect(checks).toEqual([
    { name: 'Table 1', conclusion: 'success' },
    { name: 'Owner agreement', conclusion: 'action_required' },
  ]);
  ada.person.comments(pull, `/agree ${pull.headSha}`);
  await running.settles();
  expect(pull.merged).not.toBeNull();
});
