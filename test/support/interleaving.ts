import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { diffPath, recordFolder } from '../../src/domain/branch-layout.ts';
import { type AppProcess, type RunningApp, registerApp, startApp } from './app-process.ts';
import { cloneOf, diffOnBranch, isSwept, newestCheck, pageOf } from './app-story.ts';
import { builtCommand } from './built-command.ts';
import { writeCommit } from './github/git/commit.ts';
import type { GitHub } from './github/github.ts';
import type { Person } from './github/person.ts';
import { startGitHub } from './github/start-github.ts';
import type { App } from './github/state/app.ts';
import type { PullRequest } from './github/state/pull-request.ts';
import type { Repository } from './github/state/repository.ts';
import type { Way } from './github/webhooks/delivery.ts';
import { handMade } from './hand-made.ts';
import { online, type SharedProject, sharedProject } from './shared-project.ts';
import { simulate } from './simulation.ts';

/*
 * Many requests on one branch, with everything that people do and everything that goes wrong, in an order that a seed
 * decides; what must be so afterwards, whatever the order was.
 */

/** Numbers from 0 to 1 that a seed decides. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

interface Prepared {
  readonly id: string;
  readonly branch: string;
  /** Whether its rules hold as long as its pair is not settled. */
  readonly good: boolean;
}

interface Attempt {
  readonly pull: PullRequest;
  readonly commit: string;
  readonly wants: 'agreed' | 'denied';
  /** Whether it stands on the pull request, and so cannot be lost with a delivery. */
  readonly stands: boolean;
}

interface Played {
  readonly seed: number;
  readonly repository: Repository;
  readonly pulls: ReadonlyMap<Prepared, PullRequest>;
  readonly attempts: readonly Attempt[];
  readonly deeds: readonly string[];
  /** Nothing is swept there any more. */
  leave(): void;
}

/** Pull requests that somebody closed and nobody opened again: what comes of them may be settled and not merged. */
const closedByHand = new WeakSet<PullRequest>();

/** A GitHub, an App in two processes, and one project from which every seed gets a repository of its own. */
export class Interleavings implements AsyncDisposable {
  readonly #github: GitHub;
  readonly #project: SharedProject;
  readonly #app: App;
  readonly #running: RunningApp;
  readonly #requests: readonly Prepared[];
  /** Files of records of Ada's that come to the branch by a push of hers. */
  readonly #pushes: readonly Readonly<Record<string, string>>[];
  readonly #alan: Person;
  readonly #ways = new Map<number, () => Way>();
  readonly #restarts = new Map<AppProcess, Promise<void>>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'corroborate-interleavings-'));

  constructor(
    github: GitHub,
    project: SharedProject,
    app: App,
    running: RunningApp,
    requests: readonly Prepared[],
    pushes: readonly Readonly<Record<string, string>>[],
  ) {
    this.#github = github;
    this.#project = project;
    this.#app = app;
    this.#running = running;
    this.#requests = requests;
    this.#pushes = pushes;
    this.#alan = github.user('alan', 1912);
  }

  /**
   * Several seeds at the same time, each in a repository of its own.
   * @returns what is not as it must be, by seed; nothing where all is well
   */
  async run(seeds: readonly number[]): Promise<Record<number, string[]>> {
    const { trouble, webhooks } = this.#github;
    webhooks.way = ({ repository }) => (repository === null ? 'once' : (this.#ways.get(repository)?.() ?? 'once'));
    const played = await Promise.all(seeds.map(seed => this.#play(seed)));
    trouble.ends();
    webhooks.way = () => 'once';
    await webhooks.release(held => held.toReversed());
    await webhooks.settled();
    await Promise.all(this.#restarts.values());
    this.#restarts.clear();
    // Some are made again in time; for all others there is the start of the App.
    await Promise.race([this.#running.settles(), pause(4000)]);
    await this.#restart();
    const found: Record<number, string[]> = {};
    for (const { seed, repository, pulls, attempts, deeds } of played) {
      const faults = await this.#faults(repository, pulls, attempts);
      if (faults.length === 0) continue;
      found[seed] = [...faults, `deeds: ${deeds.join(', ')}`];
      // At once: a long run tells its reasons at its end only.
      console.error(`seed ${seed}: ${JSON.stringify(found[seed], null, 2)}`);
    }
    for (const { leave } of played) leave();
    return found;
  }

  async #play(seed: number): Promise<Played> {
    const random = chance(seed);
    const below = (most: number) => Math.floor(random() * most);
    const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
    const github = this.#github;
    const { trouble } = github;
    const [ada, grace] = [this.#project.ada.person, this.#project.grace.person];
    const repository = await ada.createRepository(`acme/demo-${seed}`);
    await repository.git.fetch(this.#project.repository.git, ['+refs/heads/*:refs/heads/*']);
    const fork = await grace.forks(repository);
    await fork.git.fetch(this.#project.fork.git, ['+refs/heads/diffs/*:refs/heads/diffs/*']);
    ada.invites(grace, repository);
    const installation = github.installs(this.#app, repository);

    const pulls = new Map<Prepared, PullRequest>();
    const attempts: Attempt[] = [];
    const deeds: string[] = [];
    let pushed = 0;
    let count = 0;
    const pushesRecord = async () => {
      const files = this.#pushes[pushed++];
      if (files !== undefined) await ada.commits(repository, 'records', files, 'a record');
    };
    this.#ways.set(repository.id, () => {
      const dice = random();
      if (dice < 0.6) return 'once';
      if (dice < 0.7) return 'twice';
      if (dice < 0.8) return below(300);
      return dice < 0.9 ? 'held' : 'never';
    });
    const troubles = () => {
      const isHere = (_: string, path: string) => path.includes(`/demo-${seed}/`);
      const dice = random();
      if (dice < 0.2) trouble.fails(isHere, { status: one([500, 502, 503]), applied: random() < 0.5 });
      else if (dice < 0.3) trouble.movesBranch(repository, 'records', pushesRecord);
    };
    const crashes = () => {
      if (random() >= 0.06) return;
      const victim = one(this.#running.processes);
      deeds.push('crash');
      const before = this.#restarts.get(victim) ?? Promise.resolve();
      this.#restarts.set(
        victim,
        before.then(() => victim.end('SIGKILL')).then(() => victim.start()),
      );
    };
    const answers = (pull: PullRequest, by: Person, right: boolean) => {
      const wants = random() < 0.7 ? 'agreed' : 'denied';
      const commit = pull.headSha;
      const by_ = ['comment', 'review', 'button'] as const;
      const how = one(by_);
      const check = newestCheck(pull, 'Owner agreement');
      const word = wants === 'agreed' ? 'agree' : 'deny';
      const canPress = check?.actions.some(({ identifier }) => identifier === word) === true;
      if (how === 'button' && (!canPress || by === this.#alan)) return;
      if (how === 'review' && (pull.author === by.account || pull.state === 'closed')) return;
      if (right) attempts.push({ pull, commit, wants, stands: how !== 'button' });
      if (how === 'comment') by.comments(pull, `/${word} ${commit.slice(0, 7 + below(34))} so I say`);
      else if (how === 'review') by.reviews(pull, wants === 'agreed' ? 'approve' : 'request changes', { body: 'seen' });
      else by.presses(check!, word);
    };
    const opened = () => [...pulls.values()];
    const all: readonly (readonly [name: string, weight: number, deed: () => Promise<unknown> | unknown])[] = [
      [
        'open',
        6,
        async () => {
          const request = this.#requests.find(each => !pulls.has(each));
          if (request === undefined) return;
          const asked = { from: fork, head: request.branch, base: 'records' };
          pulls.set(request, await grace.opensPull(repository, asked));
        },
      ],
      [
        'push',
        2,
        async () => {
          const pull = one(opened().filter(({ state }) => state === 'open'));
          if (pull === undefined) return;
          const commit = (await fork.git.commit(pull.headSha))!;
          const message = `once more, ${++count}`;
          const next = await writeCommit(fork.git.objects, { ...commit, message });
          await grace.branches(fork, pull.headBranch, next);
        },
      ],
      ['right answer', 5, () => opened().length > 0 && answers(one(opened()), ada, true)],
      ['wrong answer', 3, () => opened().length > 0 && answers(one(opened()), one([grace, this.#alan]), false)],
      [
        'answer to an older commit',
        1,
        () => {
          const pull = one(opened());
          if (pull !== undefined) ada.comments(pull, `/agree ${'0123456789abcdef'.repeat(2)}`);
        },
      ],
      [
        'edit',
        1,
        () => {
          const pull = one(opened());
          if (pull === undefined) return;
          const comment = ada.comments(pull, 'I shall look at it.');
          grace.edits(comment, `/agree ${pull.headSha}`);
        },
      ],
      [
        'merge by hand',
        1,
        async () => {
          const [request, pull] = one([...pulls]) ?? [];
          if (request?.good && pull!.state === 'open') {
            await ada.merges(pull!, one(['merge', 'squash', 'rebase'])).catch(() => {});
          }
        },
      ],
      [
        'close',
        1,
        async () => {
          const pull = one(opened());
          if (pull === undefined || pull.merged !== null) return;
          if (pull.state === 'open') {
            closedByHand.add(pull);
            await grace.closes(pull).catch(() => {});
          } else {
            // Refused where it was denied, or has been merged since: then it stays what it was.
            const reopened = grace.reopens(pull).then(
              () => true,
              () => false,
            );
            if (await reopened) closedByHand.delete(pull);
          }
        },
      ],
      ['push of a record', 2, pushesRecord],
      ['recheck', 1, () => opened().length > 0 && grace.comments(one(opened()), '/recheck')],
    ];
    const weights = all.flatMap((deed, index) => Array<number>(deed[1]).fill(index));
    for (let step = 0; step < 14; step++) {
      const [name, , deed] = all[step < 2 ? 0 : one(weights)]!;
      deeds.push(name);
      troubles();
      await deed();
      crashes();
      if (random() < 0.7) await pause(below(250));
    }
    const leave = () => {
      installation.repositories?.delete(repository.id);
      for (const gone of [repository, fork]) {
        github.repositories.splice(github.repositories.indexOf(gone), 1);
        gone.git.objects.close();
      }
    };
    return { seed, repository, pulls, attempts, deeds, leave };
  }

  async #restart(): Promise<void> {
    for (const one of this.#running.processes) {
      await one.end('SIGKILL');
      one.output = '';
    }
    // One of them is enough for the sweep; the other comes when all is done.
    await this.#running.process.start();
    await isSwept(this.#running, 1);
    await this.#running.settles();
    await Promise.all(this.#running.processes.slice(1).map(one => one.start()));
    await isSwept(this.#running);
    await this.#running.settles();
  }

  /** Everything that must be so, however it came about. */
  async #faults(
    repository: Repository,
    pulls: ReadonlyMap<Prepared, PullRequest>,
    attempts: readonly Attempt[],
  ): Promise<string[]> {
    const faults: string[] = [];
    const log = (await this.#git(repository, 'log', '--format=%s%n%b', 'refs/heads/records')).split('\n');
    for (const [{ id, good }, pull] of pulls) {
      const must = (isSo: boolean, what: string) => {
        if (!isSo) faults.push(`#${pull.number}: ${what}`);
      };
      const page = pageOf(pull, this.#app);
      const stands = await diffOnBranch(repository, id);
      const answer = stands?.answer ?? null;
      const commits = log.filter(line => line.startsWith(`Diff request ${id} by `)).length;
      const seen = JSON.stringify({ ...page, stands: stands?.status, of: answer?.commit === pull.headSha });
      must(commits === (answer === null ? 0 : 1), `${commits} commits answer it (${stands?.status})`);
      must(page.comments === 1, `${page.comments} comments: ${seen}`);
      must(page.labels.length === 2, `labels: ${seen}`);
      if (answer !== null) {
        const isRight = attempts.some(
          one => one.pull === pull && one.commit === answer.commit && one.wants === stands!.status,
        );
        must(
          isRight && answer.by !== null && 'id' in answer.by && answer.by.id === 1815,
          `nobody answered so: ${seen}`,
        );
        must(good, 'it holds no rules, and was answered');
      }
      if (answer !== null && answer.commit === pull.headSha) {
        const status = stands!.status;
        must(page.labels.includes(`diff: ${status}`), `labels: ${seen}`);
        must(page.owner === (status === 'agreed' ? 'success' : 'failure'), `owner: ${seen}`);
        must(page.table === 'success', `table: ${seen}`);
        must(pull.state === 'closed', `still open: ${seen}`);
        // GitHub marks none as merged that somebody closed at the moment in which it was answered.
        if (status === 'agreed' && !closedByHand.has(pull)) must(pull.merged !== null, `not merged: ${seen}`);
        continue;
      }
      must(page.labels.includes('diff: proposed'), `labels: ${seen}`);
      const isOpen = pull.state === 'open' || (pull.merged !== null && stands?.status === 'proposed');
      const waits = isOpen && page.table === 'success';
      must(page.owner === (waits ? 'action_required' : 'failure'), `owner: ${seen}`);
      const given = attempts.find(one => one.pull === pull && one.commit === pull.headSha && one.stands);
      must(!waits || given === undefined, `an answer was overlooked: ${seen}`);
    }
    const verified = await this.#verify(repository);
    if (verified !== null) faults.push(verified);
    if (this.#github.crashes.length > 0)
      faults.push(`this GitHub failed: ${this.#github.crashes.splice(0).join('; ')}`);
    return faults;
  }

  async #git(repository: Repository, ...args: string[]): Promise<string> {
    return (await promisify(execFile)('git', args, { cwd: repository.git.folder, encoding: 'utf8' })).stdout;
  }

  async #verify(repository: Repository): Promise<string | null> {
    const clone = await cloneOf(repository, this.#project.ada.person, this.#folder);
    try {
      const env = { PATH: process.env.PATH, HOME: this.#folder };
      await promisify(execFile)(process.execPath, [builtCommand, 'verify'], { cwd: clone, env });
      return null;
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      return `verify: ${stdout ?? ''}${stderr ?? String(error)}`;
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await this.#project[Symbol.asyncDispose]();
    await this.#github[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Four requests that are good, one of a pair that another has as well, and one that claims what is not so. */
export async function prepareInterleavings(): Promise<Interleavings> {
  const github = await startGitHub();
  github.limits.hourly.installation = Number.POSITIVE_INFINITY;
  const project = await sharedProject(github);
  const { ada, grace, fork, repository } = project;
  const requests: Prepared[] = [];
  const add = (branch: string, good: boolean) => requests.push({ branch, good, id: branch.replace('diffs/', '') });
  for (let count = 0; count < 3; count++) add((await project.pushesRequest()).branch, true);
  // The same claim again, under another id.
  const first = requests[0]!;
  const id = `${first.id.slice(0, -10)}${first.id.slice(-10).split('').toReversed().join('')}`;
  grace.at.git('branch', '-q', `diffs/${id}`, first.branch);
  handMade(grace.at, `diffs/${id}`, files => {
    const text = files.read(diffPath(first.id));
    files.remove(diffPath(first.id));
    files.write(diffPath(id), `${text.replace(first.id, id)}\n`);
  });
  add(`diffs/${id}`, true);
  const forged = await project.pushesRequest();
  handMade(grace.at, forged.branch, files =>
    files.edit(diffPath(forged.id), /^proposition: repeated$/m, 'proposition: reproduced'),
  );
  add(forged.branch, false);
  await online(grace, 'push', '-q', '-f', grace.person.remote(fork), `diffs/${id}`, forged.branch);

  const pushes: Record<string, string>[] = [];
  for (let count = 0; count < 6; count++) {
    const record = await ada.at.records(...simulate);
    const folder = recordFolder(record.id);
    const paths = ada.at.lines('git', 'ls-tree', '-r', '--name-only', 'records', `${folder}/`);
    pushes.push(Object.fromEntries(paths.map(path => [path, ada.at.onBranch(path)])));
  }
  const app = registerApp(github);
  github.installs(app, repository).repositories?.delete(repository.id);
  const running = await startApp(github, app, { replicas: 2 });
  await isSwept(running);
  return new Interleavings(github, project, app, running, requests, pushes);
}
