import { spawn } from 'node:child_process';
import { Problem } from '../../domain/problem.ts';
import type { GitAnswer, GitOptions, UserGit } from '../../domain/user-git.ts';

/**
 * Never the user's hooks, never a rewritten index by the way (a plain `git status` may refresh it), and no colour or
 * translation in what is read back.
 */
const always = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'color.ui=false'];

/**
 * The user's own `git`, run in `folder`.
 * @param environment what Corroborate was started with; git variables in it that name another repository stay as they
 *   are, since then that repository is the one meant
 */
export function userGit(folder: string, environment: NodeJS.ProcessEnv): UserGit {
  return {
    async run(args, options = {}) {
      const answer = await start(folder, environment, args, options);
      if (answer.code === 0 || options.accept?.includes(answer.code)) return answer;
      const said = answer.stderr.trim().replace(/^(?:fatal|error): /gm, '');
      const verb = args.find(word => !word.startsWith('-')) ?? '';
      throw new Problem('GIT_FAILED', `git ${verb} failed (exit ${answer.code})${said ? `: ${said}` : ''}`);
    },
  };
}

function start(
  folder: string,
  base: NodeJS.ProcessEnv,
  args: readonly string[],
  options: GitOptions,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...always, ...args], {
      cwd: options.cwd ?? folder,
      env: { ...base, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...options.environment },
      stdio: [options.interactive ? 'inherit' : 'pipe', 'pipe', options.interactive ? 'inherit' : 'pipe'],
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
      resolve({ code: code ?? 128, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString('utf8') });
    });
    // A git that ends before it has read everything says why itself.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}
