import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Problem } from '../../domain/problem.ts';
import { quotedWord } from '../../domain/quoted-word.ts';
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

/**
 * By the shell, which is small: the first call's output comes on descriptor 1, those of the others from 3 on, and behind them on
 * one of its own how each ended. Whatever git starts (a filter) may write to standard error, and later than git.
 */
function startTogether(
  folder: string,
  base: NodeJS.ProcessEnv,
  calls: readonly GitCall[],
  options: TogetherOptions,
  detached: boolean,
): Promise<readonly GitAnswer[]> {
  const { beside = null } = options;
  const last = calls.length + 2;
  const inBackground = (words: readonly string[], output: string) =>
    // A function of that name, which bash takes from the environment, is not meant.
    `command ${words.map(quotedWord).join(' ')} ${output} ${last}>&- &`;
  const script = [
    // As bash may be told by SHELLOPTS.
    'set +ex; codes=',
    ...(beside === null ? [] : [inBackground(beside, '>/dev/null 2>&1')]),
    ...calls.map(
      ({ args }, at) => `${inBackground(['git', ...always, ...args], at === 0 ? '' : `>&${at + 2}`)} call${at}=$!`,
    ),
    ...calls.map((_, at) => `wait "$call${at}"; codes="$codes $?"`),
    `wait; echo $codes >&${last}`,
  ].join('\n');
  return new Promise((answered, reject) => {
    const child = spawn('/bin/sh', ['-c', script], {
      ...surroundings(folder, base, options),
      detached,
      stdio: ['ignore', 'pipe', 'pipe', ...calls.map(() => 'pipe' as const)],
    });
    const outputs = calls.map((_, at) => chunksOf(child.stdio[at === 0 ? 1 : at + 2] as Readable));
    const said = chunksOf(child.stderr!);
    const ends = chunksOf(child.stdio[last] as Readable);
    // It has no folder, or git could not be started: each by itself says what is wrong.
    let isBroken = false;
    const byThemselves = () => {
      isBroken = true;
      Promise.all(calls.map(({ args }) => start(folder, base, args, options, detached))).then(answered, reject);
    };
    child.on('error', byThemselves);
    child.on('close', () => {
      if (isBroken) return;
      const codes = Buffer.concat(ends)
        .toString('latin1')
        .trim()
        .split(' ')
        .map(code => (code === '' ? Number.NaN : Number(code)));
      if (codes.some(code => code === 126 || code === 127)) return byThemselves();
      // Of two that have the same to say, such as what is wrong with a configuration, it is told once.
      const stderr = [...new Set(Buffer.concat(said).toString('utf8').split('\n'))].join('\n');
      answered(outputs.map((chunks, at) => ({ code: codeOf(codes[at]), stdout: Buffer.concat(chunks), stderr })));
    });
  });
}

/** 128, as `start` has it, where git was ended by a signal (130 and more to a shell), or the shell before it could tell. */
function codeOf(code: number | undefined): number {
  return code === undefined || Number.isNaN(code) || code > 129 ? 128 : code;
}

function surroundings(folder: string, base: NodeJS.ProcessEnv, { cwd = folder, environment }: TogetherOptions) {
  return { cwd, env: { ...base, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...environment } };
}

function chunksOf(stream: Readable): Buffer[] {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return chunks;
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
