import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { GitAnswer, GitOptions, UserGit } from '../../domain/user-git.ts';

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
 */
export function userGit(folder: string, environment: NodeJS.ProcessEnv): UserGit {
  const inherited = { ...environment };
  for (const name of places) if (inherited[name]) inherited[name] = resolve(folder, inherited[name]);
  const bare = ofNoRepository(environment);
  return {
    environment,

    async run(args, options = {}) {
      const base = options.environment?.GIT_DIR === undefined ? inherited : bare;
      const answer = await start(folder, base, args, options);
      if (answer.code === 0 || options.accept?.includes(answer.code)) return answer;
      const said = answer.stderr.trim().replace(/^(?:fatal|error): /gm, '');
      const verb = args.find((word, at) => !word.startsWith('-') && args[at - 1] !== '-c') ?? '';
      throw new Problem('GIT_FAILED', `git ${verb} failed (exit ${answer.code})${said ? `: ${said}` : ''}`);
    },
  };
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
): Promise<GitAnswer> {
  return new Promise((answered, reject) => {
    const child = spawn('git', [...always, ...args], {
      cwd: options.cwd ?? folder,
      env: { ...base, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...options.environment },
      // A pipe that nobody needs costs half a millisecond of the user's time.
      stdio: [
        options.interactive ? 'inherit' : options.input === undefined ? 'ignore' : 'pipe',
        'pipe',
        options.interactive ? 'inherit' : 'pipe',
      ],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout!.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', cause => {
      const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      reject(
        new Problem(
          missing ? 'UNSUPPORTED' : 'GIT_FAILED',
          missing
            ? `git could not be started in ${options.cwd ?? folder}: is git installed and on the PATH, and is the folder there?`
            : `git could not be started: ${cause.message}`,
          { cause },
        ),
      );
    });
    child.on('close', code => {
      answered({ code: code ?? 128, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') });
    });
    // A git that ends before it has read everything says why itself.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input);
  });
}
