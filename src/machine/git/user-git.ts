import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Problem } from '../../domain/problem.ts';
import type { GitAnswer, GitCall, GitOptions, TogetherOptions, UserGit } from '../../domain/user-git.ts';

/**
 * Never the user's hooks, never a rewritten index by the way (a plain `git status` may refresh it), and no colour or
 * translation in what is read back.
 */
const always = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'color.ui=false'];

/** Variables that name places of one repository; git reads them relative to the folder that it was started in. */
const places = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_COMMON_DIR',
  'GIT_SHALLOW_FILE',
] as const;
/** What else in the environment is true of one repository only (`git rev-parse --local-env-vars`). */
const others = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_CONFIG',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_GRAFT_FILE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_REPLACE_REF_BASE',
  'GIT_PREFIX',
  'GIT_INTERNAL_SUPER_PREFIX',
] as const;

/**
 * The user's own `git`, run in `folder`.
 * @param environment what Corroborate was started with; git variables in it that name another repository hold, since
 *   then that repository is the one meant, wherever a call runs. A call whose own environment sets `GIT_DIR` means a
 *   repository of its own, and gets none of them.
 * @param apart as `UserGit` tells
 */
export function userGit(folder: string, environment: NodeJS.ProcessEnv, apart = false): UserGit {
  const inherited = { ...environment };
  for (const name of places) if (inherited[name]) inherited[name] = resolve(folder, inherited[name]);
  const bare = ofNoRepository(environment);
  const ownOr = (options: GitOptions) => (options.environment?.GIT_DIR === undefined ? inherited : bare);
  return {
    environment,
    apart,

    async run(args, options = {}) {
      const answer = await start(folder, ownOr(options), args, options, apart && options.interactive !== true);
      return accepted(args, answer, options.accept);
    },

    async runTogether(calls, options = {}) {
      const answers = await startTogether(folder, ownOr(options), calls, options, apart);
      return answers.map((answer, at) => accepted(calls[at]!.args, answer, calls[at]!.accept));
    },
  };
}

/** @throws Problem GIT_FAILED with git's own words */
function accepted(args: readonly string[], answer: GitAnswer, accept: readonly number[] = []): GitAnswer {
  if (answer.code === 0 || accept.includes(answer.code)) return answer;
  const said = answer.stderr.trim().replace(/^(?:fatal|error): /gm, '');
  const verb = args.find((word, at) => !word.startsWith('-') && args[at - 1] !== '-c') ?? '';
  throw new Problem('GIT_FAILED', `git ${verb} failed (exit ${answer.code})${said ? `: ${said}` : ''}`);
}

/** An environment less what it says of one repository: for work in another. */
export function ofNoRepository(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const bare = { ...environment };
  for (const name of [...places, ...others]) delete bare[name];
  return bare;
}

function start(
  folder: string,
  base: NodeJS.ProcessEnv,
  args: readonly string[],
  options: GitOptions,
  detached: boolean,
): Promise<GitAnswer> {
  return new Promise((answered, reject) => {
    const child = spawn('git', [...always, ...args], {
      ...surroundings(folder, base, options),
      detached,
      // A pipe that nobody needs costs half a millisecond of the user's time.
      stdio: [
        options.interactive ? 'inherit' : options.input === undefined ? 'ignore' : 'pipe',
        'pipe',
        options.interactive ? 'inherit' : 'pipe',
      ],
    });
    const stdout = chunksOf(child.stdout!);
    const stderr = child.stderr ? chunksOf(child.stderr) : [];
    child.on('error', cause => reject(notStarted(cause, options.cwd ?? folder)));
    child.on('close', code => {
      answered({ code: code ?? 128, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString('utf8') });
    });
    // A git that ends before it has read everything says why itself.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });
}

/** By the shell, which is small: the first call's output comes on descriptor 1, those of the others from 3 on. */
function startTogether(
  folder: string,
  base: NodeJS.ProcessEnv,
  calls: readonly GitCall[],
  options: TogetherOptions,
  detached: boolean,
): Promise<GitAnswer[]> {
  const { beside = null } = options;
  const script = [
    'codes=',
    ...(beside === null ? [] : [`${beside.map(quoted).join(' ')} >/dev/null 2>&1 &`]),
    ...calls.map(({ args }, at) => {
      const words = ['git', ...always, ...args].map(quoted).join(' ');
      return `${words}${at === 0 ? '' : ` >&${at + 2}`} & call${at}=$!`;
    }),
    ...calls.map((_, at) => `wait "$call${at}"; codes="$codes $?"`),
    // Behind all that they said.
    `wait; printf '\\000%s' $codes >&2`,
  ].join('\n');
  return new Promise((answered, reject) => {
    const child = spawn('sh', ['-c', script], {
      ...surroundings(folder, base, options),
      detached,
      stdio: ['ignore', 'pipe', 'pipe', ...calls.slice(1).map(() => 'pipe' as const)],
    });
    const outputs = calls.map((_, at) => chunksOf(child.stdio[at === 0 ? 1 : at + 2] as Readable));
    const said = chunksOf(child.stderr!);
    let isStarted = true;
    // No shell, or no folder: git says by itself what is wrong, if anything is.
    child.on('error', () => {
      isStarted = false;
      Promise.all(calls.map(({ args }) => start(folder, base, args, options, detached))).then(answered, reject);
    });
    child.on('close', () => {
      if (!isStarted) return;
      const [words = '', ...codes] = Buffer.concat(said).toString('utf8').split('\0');
      // Of two that have the same to say, such as what is wrong with a configuration, it is told once.
      const stderr = [...new Set(words.split('\n'))].join('\n');
      // The shell's word for a program that there is not.
      if (codes.includes('127')) return reject(notStarted({ code: 'ENOENT' }, options.cwd ?? folder));
      // Without a code the shell itself was ended.
      answered(
        outputs.map((chunks, at) => ({
          code: Number(codes[at] ?? 128),
          stdout: Buffer.concat(chunks),
          stderr,
        })),
      );
    });
  });
}

function surroundings(folder: string, base: NodeJS.ProcessEnv, { cwd = folder, environment }: TogetherOptions) {
  return { cwd, env: { ...base, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...environment } };
}

function chunksOf(stream: Readable): Buffer[] {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
}

/** A word as the shell takes it literally. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function notStarted(cause: { readonly code?: string; readonly message?: string }, folder: string): Problem {
  const missing = cause.code === 'ENOENT';
  return new Problem(
    missing ? 'UNSUPPORTED' : 'GIT_FAILED',
    missing
      ? `git could not be started in ${folder}: is git installed and on the PATH, and is the folder there?`
      : `git could not be started: ${cause.message}`,
    { cause },
  );
}
