import { spawn } from 'node:child_process';

export interface GitCall {
  readonly input?: string | Buffer;
  readonly environment?: NodeJS.ProcessEnv;
  /** Exit codes that are answers and not failures; 0 alone unless told. */
  readonly may?: readonly number[];
}

/** Nothing of the machine's own git settings. */
export const bareEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  LC_ALL: 'C.UTF-8',
};

/** Runs git in a bare repository; answers what it printed and how it exited, throws on any other exit. */
export function git(
  folder: string,
  args: readonly string[],
  { input, environment = {}, may = [0] }: GitCall = {},
): Promise<{ readonly code: number; readonly stdout: Buffer }> {
  return new Promise((fulfil, reject) => {
    const child = spawn('git', ['--git-dir', folder, ...args], { env: { ...bareEnvironment, ...environment } });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', chunk => out.push(chunk));
    child.stderr.on('data', chunk => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', code => {
      if (code !== null && may.includes(code)) fulfil({ code, stdout: Buffer.concat(out) });
      else reject(new Error(`git ${args.join(' ')} in ${folder}: exit ${code}\n${Buffer.concat(err)}`));
    });
  });
}

export async function gitText(folder: string, args: readonly string[], call?: GitCall): Promise<string> {
  return (await git(folder, args, call)).stdout.toString('utf8').trimEnd();
}

/** The parts of a `-z` listing. */
export async function gitParts(folder: string, args: readonly string[], call?: GitCall): Promise<string[]> {
  const text = (await git(folder, args, call)).stdout.toString('utf8');
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}
