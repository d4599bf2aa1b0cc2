import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bringRecord } from './bring-record.ts';
import type { GitHub } from './github/github.ts';
import type { Person } from './github/person.ts';
import type { PullRequest } from './github/state/pull-request.ts';
import type { Repository } from './github/state/repository.ts';
import { type Scientist, type ShownRecord, type ShownRequest, scientist } from './scientist.ts';
import { simulate } from './simulation.ts';

/** Somebody with an account on the GitHub for tests and a clone. */
export interface Colleague {
  readonly person: Person;
  readonly at: Scientist;
}

/**
 * git that talks to the GitHub for tests. Not `Scientist.git`, which waits without letting anything else happen: that
 * GitHub lives in the test's own process.
 */
export async function online({ at }: Colleague, ...args: string[]): Promise<string> {
  const env = { ...at.environment, GIT_ALLOW_PROTOCOL: 'file:http', GIT_TERMINAL_PROMPT: '0' };
  return (await promisify(execFile)('git', args, { cwd: at.clone, env, encoding: 'utf8' })).stdout;
}

/**
 * Ada's project on GitHub, with her record on its branch `records`, and Grace's fork of it, in which she has repeated
 * nothing yet.
 */
export class SharedProject implements AsyncDisposable {
  readonly ada: Colleague;
  readonly grace: Colleague;
  readonly repository: Repository;
  readonly fork: Repository;
  /** Ada's. */
  readonly toward: ShownRecord;

  constructor(of: Pick<SharedProject, 'ada' | 'grace' | 'repository' | 'fork' | 'toward'>) {
    this.ada = of.ada;
    this.grace = of.grace;
    this.repository = of.repository;
    this.fork = of.fork;
    this.toward = of.toward;
  }

  /** Grace runs it once more and has the request, with her record in it, as a branch of her fork. */
  async pushesRequest(toward: string = this.toward.id, ...words: string[]): Promise<ShownRequest> {
    const { at, person } = this.grace;
    const from = await at.records(...simulate);
    const request = await at.requests(from.id, toward, ...words);
    const commit = bringRecord(at, request);
    await online(this.grace, 'push', '-q', person.remote(this.fork), request.branch);
    return { ...request, commit };
  }

  /** Likewise, as a pull request. */
  async opensRequest(toward?: string, ...words: string[]): Promise<{ request: ShownRequest; pull: PullRequest }> {
    const request = await this.pushesRequest(toward, ...words);
    return { request, pull: await this.opensPull(request.branch) };
  }

  opensPull(branch: string): Promise<PullRequest> {
    return this.grace.person.opensPull(this.repository, { from: this.fork, head: branch, base: 'records' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ada.at[Symbol.asyncDispose]();
    await this.grace.at[Symbol.asyncDispose]();
  }
}

/** @param files the simulation's own and whatever else stands on its default branch */
export async function sharedProject(github: GitHub, files?: Readonly<Record<string, string>>): Promise<SharedProject> {
  const [ada, grace] = [await colleague(github, 'ada', 1815, files), await colleague(github, 'grace', 1906)];
  const repository = await ada.person.createRepository('acme/demo');
  await online(ada, 'push', '-q', ada.person.remote(repository), 'main');
  const toward = await ada.at.records(...simulate);
  await online(ada, 'push', '-q', ada.person.remote(repository), 'records');
  const fork = await grace.person.forks(repository);
  await online(grace, 'fetch', '-q', grace.person.remote(fork), 'main', '+records:records');
  grace.at.git('reset', '-q', '--hard', 'FETCH_HEAD');
  return new SharedProject({ ada, grace, repository, fork, toward });
}

async function colleague(
  github: GitHub,
  name: 'ada' | 'grace',
  id: number,
  files?: Readonly<Record<string, string>>,
): Promise<Colleague> {
  const at = await scientist(name, files === undefined ? {} : { files });
  at.git('config', 'corroborate.login', name);
  at.git('config', 'corroborate.id', String(id));
  return { person: github.user(name, id), at };
}
