import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DiffRequest, RecordAtom } from '../../src/domain/generated/shapes.ts';
import { builtCommand } from './built-command.ts';
import { simulation } from './simulation.ts';

/** What a command answered. */
export interface Said {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `run --json` and `show --json`. */
export type ShownRecord = RecordAtom & { readonly path: string };
export type ShownRequest = DiffRequest & { readonly branch: string; readonly commit: string };

export interface Circumstances {
  readonly cwd?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** What is on its standard input; nothing unless told. */
  readonly stdin?: string | Buffer;
  /** Goes in front of node, e.g. `['setpriv', '--reuid', '65534']`. */
  readonly under?: readonly string[];
  /** In a process group of its own, as an interactive shell starts it: signals to `-pid` are those of the terminal. */
  readonly group?: boolean;
}

/** A command that is going on. */
export interface Going {
  readonly child: ChildProcess;
  readonly done: Promise<Said>;
}

/** Nothing of the machine's own git settings; who somebody is stands in the clone's own configuration. */
function environmentOf(home: string): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return {
    PATH,
    ...(TMPDIR === undefined ? {} : { TMPDIR }),
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'file',
    LC_ALL: 'C.UTF-8',
  };
}

/** Somebody at work in a clone: a real repository in a folder of its own, and the built command. */
export class Scientist implements AsyncDisposable {
  readonly name: string;
  /** Holds the clone and whatever else the story needs; goes away with the story. */
  readonly folder: string;
  readonly clone: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly #going = new Set<ChildProcess>();

  constructor(name: string, folder: string, clone: string) {
    this.name = name;
    this.folder = folder;
    this.clone = clone;
    this.environment = environmentOf(folder);
  }

  git(...args: string[]): string {
    return this.gitWith({}, ...args).trim();
  }

  /** @param input for its standard input */
  gitWith(
    { input, cwd = this.clone, environment = {} }: { input?: string; cwd?: string; environment?: NodeJS.ProcessEnv },
    ...args: string[]
  ): string {
    return execFileSync('git', args, {
      cwd,
      env: { ...this.environment, ...environment },
      encoding: 'utf8',
      stdio: 'pipe',
      ...(input === undefined ? {} : { input }),
    });
  }

  /** What any program prints, line by line. */
  lines(program: string, ...args: string[]): string[] {
    const options = { cwd: this.clone, env: this.environment, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync(program, args, options).split('\n').filter(Boolean);
  }

  /** A file of the clone, by its path there. */
  at(path: string): string {
    return join(this.clone, path);
  }

  write(path: string, content: string, mode?: number): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
    if (mode !== undefined) chmodSync(this.at(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  commit(message = 'work'): string {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** A file as the tip of `records` (or another commit) has it. */
  onBranch(path: string, commit = 'records'): string {
    return this.gitWith({}, 'show', `${commit}:${path}`);
  }

  start(args: readonly string[], { cwd, environment, stdin, under = [], group = false }: Circumstances = {}): Going {
    const [program, ...rest] = [...under, process.execPath, builtCommand, ...args];
    const child = spawn(program!, rest, {
      cwd: cwd ?? this.clone,
      env: { ...this.environment, ...environment },
      detached: group,
      stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
    this.#going.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout!.setEncoding('utf8').on('data', chunk => {
      stdout += chunk;
    });
    child.stderr!.setEncoding('utf8').on('data', chunk => {
      stderr += chunk;
    });
    const done = new Promise<Said>((fulfil, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        this.#going.delete(child);
        fulfil({ code, signal, stdout, stderr });
      });
    });
    return { child, done };
  }

  /** Calls the command, whatever comes of it. */
  tries(...args: string[]): Promise<Said> {
    return this.start(args).done;
  }

  /** Calls the command, which must do what it is told. */
  async does(...args: string[]): Promise<Said> {
    return done(args, await this.tries(...args));
  }

  /** Likewise, and gives its JSON. */
  async asks<T>(command: string, ...args: string[]): Promise<T> {
    return JSON.parse((await this.does(command, '--json', ...args)).stdout) as T;
  }

  /** Records a run that must go well. */
  async records(...command: string[]): Promise<ShownRecord> {
    return JSON.parse((await this.does('run', '--json', ...command)).stdout) as ShownRecord;
  }

  shows(id = 'latest'): Promise<ShownRecord> {
    return this.asks<ShownRecord>('show', id);
  }

  lists(...query: string[]): Promise<ShownRecord[]> {
    return this.asks<ShownRecord[]>('list', ...query);
  }

  requests(from: string, toward: string, ...words: string[]): Promise<ShownRequest> {
    return this.asks<ShownRequest>('request', from, toward, ...words);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#going) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function done(args: readonly string[], said: Said): Said {
  if (said.code === 0) return said;
  throw new Error(`corroborate ${args.join(' ')}: exit ${said.code ?? said.signal}\n${said.stdout}${said.stderr}`);
}

export interface Beginning {
  /** A repository to clone; without one the story begins with a new repository that holds the simulation. */
  readonly clones?: string;
  /** `git clone` or `git init` options. */
  readonly options?: readonly string[];
  /** How the clone's folder is called. */
  readonly called?: string;
  /** The simulation's files; none for a repository without a commit. */
  readonly files?: Readonly<{ [path: string]: string }> | null;
}

const people: Readonly<{ [name: string]: string }> = {
  ada: 'Ada Lovelace',
  grace: 'Grace Hopper',
  alan: 'Alan Turing',
};

/** A scientist with a clone of her own. */
export async function scientist(
  name: 'ada' | 'grace' | 'alan',
  { clones, options = [], called = 'clone', files = simulation }: Beginning = {},
): Promise<Scientist> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `corroborate-${name}-`)));
  const someone = new Scientist(name, folder, join(folder, called));
  const make =
    clones === undefined
      ? ['init', '-q', '-b', 'main', ...options, called]
      : ['clone', '-q', ...options, clones, called];
  someone.gitWith({ cwd: folder }, ...make);
  someone.git('config', 'user.name', people[name]!);
  someone.git('config', 'user.email', `${name}@example.org`);
  if (clones === undefined && files !== null) {
    for (const [path, content] of Object.entries(files)) someone.write(path, content);
    someone.commit('the simulation');
  }
  return someone;
}

/** A bare repository that two people share, with the simulation on it. */
export async function sharedRepository(of: Scientist): Promise<string> {
  const shared = join(of.folder, 'shared.git');
  of.gitWith({ cwd: of.folder }, 'clone', '-q', '--bare', of.clone, shared);
  of.git('remote', 'add', 'origin', shared);
  of.git('fetch', '-q', 'origin');
  return shared;
}
