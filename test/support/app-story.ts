import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { diffPath } from '../../src/domain/branch-layout.ts';
import type { DiffRequest } from '../../src/domain/generated/shapes.ts';
import { commentMark } from '../../src/domain/pull-request/pull-request-view.ts';
import { type AppCircumstances, manifest, type RunningApp, registerApp, startApp } from './app-process.ts';
import { builtCommand } from './built-command.ts';
import type { GitHub } from './github/github.ts';
import type { Permissions } from './github/permissions.ts';
import type { Person } from './github/person.ts';
import { startGitHub } from './github/start-github.ts';
import type { App } from './github/state/app.ts';
import type { CheckRun } from './github/state/check-run.ts';
import type { PullRequest } from './github/state/pull-request.ts';
import type { Repository } from './github/state/repository.ts';
import type { HandMadeFiles } from './hand-made.ts';
import { handMade } from './hand-made.ts';
import { online, type SharedProject, sharedProject } from './shared-project.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** What a pull request looks like to whoever opens its page. */
export interface Page {
  readonly state: 'open' | 'closed' | 'merged';
  readonly labels: readonly string[];
  /** Conclusions, of the newest check run of each name on the head commit. */
  readonly table: string | null;
  readonly owner: string | null;
  /** How many comments of the App's are the one with the report. */
  readonly comments: number;
}

/** Everything there is to see of one pull request. */
export function pageOf(pull: PullRequest, app: App): Page {
  return {
    state: pull.merged !== null ? 'merged' : pull.state,
    labels: [...pull.labels].sort(),
    table: newestCheck(pull, 'Table 1')?.conclusion ?? null,
    owner: newestCheck(pull, 'Owner agreement')?.conclusion ?? null,
    comments: commentsOf(pull, app).filter(body => body.includes(commentMark)).length,
  };
}

/** As GitHub shows it: the newest of a name on the head commit. */
export function newestCheck(pull: PullRequest, name: string): CheckRun | undefined {
  const runs = [...pull.repository.checkRuns.values()];
  return runs.findLast(one => one.name === name && one.suite.headSha === pull.headSha);
}

/** The bodies of all that the App wrote on a pull request. */
export function commentsOf(pull: PullRequest, app: App): string[] {
  return [...pull.repository.comments.values()]
    .filter(({ issue, author }) => issue === pull && author === app.bot)
    .map(({ body }) => body);
}

/** The one comment. */
export function reportOf(pull: PullRequest, app: App): string {
  return commentsOf(pull, app).find(body => body.includes(commentMark)) ?? '';
}

/** What was said to people who tried something, oldest first, without marks and without the names before it. */
export function repliesOf(pull: PullRequest, app: App): string[] {
  return commentsOf(pull, app)
    .filter(body => !body.includes(commentMark))
    .map(body => body.replace(/<!--.*?-->\n?/gs, '').trim());
}

/** The summary of a check, as people read it. */
export const summaryOf = (pull: PullRequest, name: string): string =>
  newestCheck(pull, name)?.output.summary ?? 'there is no such check';

/** Rules that do not hold, as `rule: what it is`. */
export function faultsOf(pull: PullRequest): string[] {
  return summaryOf(pull, 'Table 1')
    .split('\n')
    .map(line => line.split(/(?<!\\)\|/).map(cell => cell.trim().replace(/[`*]/g, '')))
    .filter(cells => cells.length >= 4 && /(?:attested|broken|unknown)$/.test(cells[2] ?? ''))
    .map(cells => `${cells[1]}: ${/(attested|broken|unknown)$/.exec(cells[2]!)![1]}`);
}

/** A clone of what a repository has now; away with the story. */
export async function cloneOf(repository: Repository, owner: Person, folder: string): Promise<string> {
  const clone = mkdtempSync(join(folder, 'clone-'));
  const env = gitEnvironment(folder);
  await run('git', ['clone', '-q', owner.remote(repository), clone], { env });
  await run('git', ['branch', '-q', '-f', 'records', 'origin/records'], { cwd: clone, env }).catch(() => {});
  return clone;
}

const gitEnvironment = (home: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ALLOW_PROTOCOL: 'file:http',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C.UTF-8',
});

interface ByHand {
  /** Grace, unless told. */
  readonly opener?: Person;
  /** Of the commit; the request's own parent, unless told. */
  readonly parents?: readonly string[];
  /** For `corroborate request`. */
  readonly words?: readonly string[];
}

/** The App at work on a project that two people share. */
export class AppStory implements AsyncDisposable {
  readonly github: GitHub;
  readonly project: SharedProject;
  readonly app: App;
  readonly running: RunningApp;
  readonly folder = mkdtempSync(join(tmpdir(), 'corroborate-story-'));

  constructor(of: Pick<AppStory, 'github' | 'project' | 'app' | 'running'>) {
    this.github = of.github;
    this.project = of.project;
    this.app = of.app;
    this.running = of.running;
  }

  get repository(): Repository {
    return this.project.repository;
  }

  get ada(): Person {
    return this.project.ada.person;
  }

  get grace(): Person {
    return this.project.grace.person;
  }

  settles(): Promise<void> {
    return this.running.settles();
  }

  /** Grace repeats Ada's run and asks for her agreement; judged by the time that this returns. */
  async opens(...words: string[]): Promise<PullRequest> {
    const { pull } = await this.project.opensRequest(undefined, ...words);
    await this.settles();
    return pull;
  }

  /** Likewise, but with the request's commit changed by hand before it is pushed. */
  async opensByHand(
    change: (files: HandMadeFiles, id: string) => void,
    { opener = this.grace, parents, words = [] }: ByHand = {},
  ): Promise<PullRequest> {
    const { grace, fork } = this.project;
    const request = await this.project.pushesRequest(undefined, ...words);
    handMade(grace.at, request.branch, files => change(files, request.id), parents);
    await online(grace, 'push', '-q', '-f', grace.person.remote(fork), request.branch);
    const pull = await opener.opensPull(this.repository, { from: fork, head: request.branch, base: 'records' });
    await this.settles();
    return pull;
  }

  page(pull: PullRequest): Page {
    return pageOf(pull, this.app);
  }

  replies(pull: PullRequest): string[] {
    return repliesOf(pull, this.app);
  }

  report(pull: PullRequest): string {
    return reportOf(pull, this.app);
  }

  /** Everything that `corroborate verify` says of the branch as a fresh clone has it. */
  async verified(): Promise<{ readonly verdict: string; readonly problems: readonly object[] }> {
    const clone = await cloneOf(this.repository, this.ada, this.folder);
    try {
      const { stdout } = await run(process.execPath, [builtCommand, 'verify', '--json'], {
        cwd: clone,
        env: gitEnvironment(this.folder),
        maxBuffer: 2 ** 26,
      }).catch((error: { stdout: string; stderr: string }) => {
        if (error.stdout !== '') return error;
        throw error;
      });
      const { verdict, problems } = JSON.parse(stdout) as { verdict: string; problems: object[] };
      return { verdict, problems };
    } finally {
      rmSync(clone, { recursive: true, force: true });
    }
  }

  /** git on the repository itself, as GitHub keeps it. */
  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', args, { cwd: this.repository.git.folder, env: gitEnvironment(this.folder) });
    return stdout.trim();
  }

  /** A diff request as the branch has it now; null where it has none. */
  async onBranch(pull: PullRequest): Promise<DiffRequest | null> {
    return diffOnBranch(this.repository, requestIdOf(pull));
  }

  /** The commits on the branch that answer a pull request's diff request. */
  async answersTo(pull: PullRequest): Promise<{ readonly commit: string; readonly parents: readonly string[] }[]> {
    const grep = `--grep=^Diff request ${requestIdOf(pull)} by`;
    const text = await this.git('log', '--format=%H %P', grep, 'refs/heads/records');
    return text.split('\n').flatMap(line => {
      const [commit, ...parents] = line.split(' ').filter(Boolean);
      return commit === undefined ? [] : [{ commit, parents }];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    await this.project[Symbol.asyncDispose]();
    await this.github[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Of the branch that the pull request comes from: `diffs/<id>`, whatever comes after. */
export function requestIdOf({ headBranch }: PullRequest): string {
  return /\d{8}T\d{6}Z-[0-9a-f]{10}/.exec(headBranch)?.[0] ?? 'none';
}

export async function diffOnBranch(repository: Repository, id: string): Promise<DiffRequest | null> {
  const bytes = await fileOnBranch(repository, diffPath(id));
  return bytes === null ? null : (parse(bytes.toString('utf8')) as DiffRequest);
}

/** A file of the records branch, as it stands on GitHub. */
export async function fileOnBranch(repository: Repository, path: string): Promise<Buffer | null> {
  const tip = repository.branch('records');
  const commit = tip === undefined ? undefined : await repository.git.commit(tip);
  const entry = commit === undefined ? undefined : await repository.git.entry(commit.tree, path);
  const object = entry === undefined ? undefined : await repository.git.objects.read(entry.id);
  return object?.content ?? null;
}

export interface StoryCircumstances extends AppCircumstances {
  /** The simulation's own files and whatever else stands on the default branch. */
  readonly files?: Readonly<Record<string, string>>;
  /** All of app.yml's, unless told. */
  readonly permissions?: Permissions;
  /** Something to change of the repository before the App is there. */
  prepare?(project: SharedProject, app: App): Promise<void> | void;
}

/** Begins a story: a GitHub, Ada's project with a record of hers, Grace's fork, and the App installed and started. */
export async function startStory(circumstances: StoryCircumstances = {}): Promise<AppStory> {
  const github = await startGitHub();
  const project = await sharedProject(github, circumstances.files);
  const { permissions = manifest.default_permissions } = circumstances;
  const app = registerApp(github, { permissions });
  github.installs(app, project.repository);
  await circumstances.prepare?.(project, app);
  const running = await startApp(github, app, circumstances);
  const story = new AppStory({ github, project, app, running });
  await isSwept(running);
  await running.settles();
  return story;
}

/** When every process, or the first few, have looked at all that was open when they came. */
export async function isSwept({ processes }: RunningApp, count = processes.length): Promise<void> {
  const done = () => processes.slice(0, count).every(({ log }) => log.some(({ msg }) => msg.startsWith('swept')));
  await until(done);
}
