import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { GitHub } from './github/github.ts';
import type { Permissions } from './github/permissions.ts';
import type { Person } from './github/person.ts';
import type { Repository } from './github/state/repository.ts';
import { repositoryView } from './github/views/repository-view.ts';
import { until } from './until.ts';

const top = join(import.meta.dirname, '../..');
const action = parse(readFileSync(join(top, 'action.yml'), 'utf8')) as {
  inputs: { [name: string]: { default?: string } };
  runs: { main: string; post: string };
};

export interface JobSettings {
  readonly actor: Person;
  readonly repository: Repository;
  /** Of the workflow's token; a pull request from a fork gives `{ contents: 'read' }`. */
  readonly permissions?: Permissions;
  /** Another one than the workflow's. */
  readonly token?: string;
  readonly event?: string;
  readonly branch?: string;
  /** Another repository whose branch is checked out, as for a fork's pull request. */
  readonly checkout?: Repository;
  readonly environment?: NodeJS.ProcessEnv;
}

/** What a step of a job came to. */
export interface StepEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Both streams, as they came. */
  readonly log: string;
  readonly stdout: string;
  readonly outputs: Readonly<{ [name: string]: string }>;
  readonly state: Readonly<{ [name: string]: string }>;
  readonly summary: string;
}

export interface GoingStep {
  readonly child: ChildProcess;
  readonly done: Promise<StepEnd>;
}

export type StepInputs = Readonly<{ [name: string]: string }>;

/** A job of a workflow: what GitHub's runner sets up for the steps of JavaScript actions, and how it runs them. */
export class Job implements AsyncDisposable {
  readonly folder: string;
  readonly workspace: string;
  readonly temporary: string;
  readonly token: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #going = new Set<ChildProcess>();
  #steps = 0;

  constructor(github: GitHub, settings: JobSettings) {
    const { actor, repository, permissions, event = 'push', branch = 'main', checkout = repository } = settings;
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'corroborate-job-')));
    this.workspace = join(this.folder, 'work', repository.name, repository.name);
    this.temporary = join(this.folder, 'temp');
    mkdirSync(this.temporary);
    this.token = settings.token ?? github.workflowToken(repository, permissions);
    const run = actor.startsWorkflow(repository, { event, branch: repository.defaultBranch });
    const eventPath = join(this.folder, 'event.json');
    writeFileSync(eventPath, JSON.stringify({ repository: repositoryView(github, repository) }));
    this.environment = {
      PATH: process.env.PATH,
      HOME: this.folder,
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_ACTOR: actor.login,
      GITHUB_ACTOR_ID: String(actor.id),
      GITHUB_API_URL: github.api,
      GITHUB_EVENT_NAME: event,
      GITHUB_EVENT_PATH: eventPath,
      GITHUB_GRAPHQL_URL: github.graphql,
      GITHUB_REPOSITORY: repository.fullName,
      GITHUB_RUN_ID: String(run.id),
      GITHUB_SERVER_URL: github.origin,
      GITHUB_WORKSPACE: this.workspace,
      RUNNER_OS: 'Linux',
      RUNNER_TEMP: this.temporary,
      ...settings.environment,
    };
    // As actions/checkout leaves it: one commit deep.
    const from = `file://${checkout.git.folder}`;
    this.git(this.folder, 'clone', '-q', '--depth=1', '-b', branch, from, this.workspace);
    this.git(this.workspace, 'remote', 'set-url', 'origin', `${github.origin}/${checkout.fullName}`);
  }

  git(cwd: string, ...args: string[]): string {
    const env = { PATH: process.env.PATH, HOME: this.folder, GIT_CONFIG_NOSYSTEM: '1' };
    return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: 'pipe' }).trim();
  }

  at(path: string): string {
    return join(this.workspace, path);
  }

  write(path: string, content: string | Buffer): void {
    writeFileSync(this.at(path), content);
  }

  /** Starts the step's main entry. */
  start(inputs: StepInputs = {}, environment: NodeJS.ProcessEnv = {}): GoingStep {
    return this.#start(action.runs.main, inputs, environment);
  }

  /** The step from its start to its end. */
  run(inputs: StepInputs = {}, environment: NodeJS.ProcessEnv = {}): Promise<StepEnd> {
    return this.start(inputs, environment).done;
  }

  /** The step's post entry, which the runner runs when the job is over. */
  post(step: Pick<StepEnd, 'state'>, inputs: StepInputs = {}, environment: NodeJS.ProcessEnv = {}): Promise<StepEnd> {
    const state = Object.fromEntries(Object.entries(step.state).map(([name, value]) => [`STATE_${name}`, value]));
    return this.#start(action.runs.post, inputs, { ...environment, ...state }).done;
  }

  #start(entry: string, inputs: StepInputs, environment: NodeJS.ProcessEnv): GoingStep {
    const given: NodeJS.ProcessEnv = {};
    for (const [name, { default: fallback = '' }] of Object.entries(action.inputs)) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
      const value = inputs[name] ?? (fallback === '${{ github.token }}' ? this.token : fallback);
      given[`INPUT_${name.toUpperCase()}`] = value;
    }
    for (const name of Object.keys(inputs)) if (!(name in action.inputs)) throw new Error(`no input ${name}`);
    const folder = join(this.folder, `step-${++this.#steps}`);
    mkdirSync(folder);
    const files = { GITHUB_OUTPUT: 'output', GITHUB_STATE: 'state', GITHUB_STEP_SUMMARY: 'summary', GITHUB_ENV: 'env' };
    for (const [variable, name] of Object.entries(files)) {
      writeFileSync(join(folder, name), '');
      given[variable] = join(folder, name);
    }
    const child = spawn(process.execPath, [join(top, entry)], {
      cwd: this.workspace,
      env: { ...this.environment, ...given, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#going.add(child);
    let [log, stdout] = ['', ''];
    child.stdout!.setEncoding('utf8').on('data', chunk => {
      log += chunk;
      stdout += chunk;
    });
    child.stderr!.setEncoding('utf8').on('data', chunk => {
      log += chunk;
    });
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    const done = new Promise<StepEnd>((fulfil, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#going.delete(child);
        const [outputs, state] = [keysAndValues(read('output')), keysAndValues(read('state'))];
        fulfil({ code, signal, log, stdout, outputs, state, summary: read('summary') });
      });
    });
    return { child, done };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#going) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** `name<<delimiter`, the value's lines, the delimiter: as the runner reads it. */
function keysAndValues(text: string): { [name: string]: string } {
  const found: { [name: string]: string } = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const head = lines.shift()!;
    if (head === '') continue;
    const [, name, delimiter] = /^([\w-]+)<<(.+)$/.exec(head) ?? [];
    if (name === undefined) throw new Error(`not of the runner's form: ${head}`);
    const end = lines.indexOf(delimiter!);
    found[name] = lines.splice(0, end).join('\n');
    lines.shift();
  }
  return found;
}

/** Resolves when the simulation has printed that it has begun, and its recorder has taken down that it runs. */
export async function begun(job: Job, { child }: GoingStep): Promise<void> {
  let log = '';
  child.stdout!.on('data', chunk => {
    log += chunk;
  });
  const runs = job.at('.git/corroborate/runs');
  await until(() => log.includes('begun') && readdirSync(runs).some(name => name.endsWith('.recovery')));
}

/** A file as the tip of a branch on the GitHub for tests has it. */
export function onGitHub(repository: Repository, path: string, branch = 'records'): string {
  return execFileSync('git', ['--git-dir', repository.git.folder, 'show', `${branch}:${path}`], { encoding: 'utf8' });
}
