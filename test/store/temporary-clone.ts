import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userGit } from '../../src/machine/git/user-git.ts';
import { type GitStoreOptions, gitStore } from '../../src/store/git-store/git-store.ts';
import type { RecordStore } from '../../src/store/record-store.ts';

/** A real repository in a folder of its own, with nothing of the machine's own git settings. */
export interface TemporaryClone extends AsyncDisposable {
  readonly folder: string;
  readonly top: string;
  readonly gitDir: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly warnings: string[];
  git(...args: string[]): string;
  store(options?: Partial<GitStoreOptions>): RecordStore;
}

export const clock = {
  now: () => new Date(),
  sleep: (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds)),
  random: Math.random,
};

export function cleanEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
    LC_ALL: 'C',
  };
}

/** @param make the git arguments that make it, in the temporary folder: it must end up in `clone` there */
export async function temporaryClone(make: string[] = ['init', '-q', '-b', 'main', 'clone']): Promise<TemporaryClone> {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-store-'));
  const environment = cleanEnvironment(folder);
  execFileSync('git', make, { cwd: folder, env: environment, stdio: 'pipe' });
  const top = join(folder, 'clone');
  const git = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: top, env: environment, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  const gitDir = git('rev-parse', '--path-format=absolute', '--git-common-dir');
  const objectFormat = git('rev-parse', '--show-object-format') as 'sha1' | 'sha256';
  const warnings: string[] = [];
  const stores: RecordStore[] = [];
  return {
    folder,
    top,
    gitDir,
    environment,
    warnings,
    git,
    store(options = {}) {
      const store = gitStore({
        git: userGit(top, environment),
        gitDir,
        branch: 'records',
        objectFormat,
        environment,
        clock,
        warn: sentence => warnings.push(sentence),
        ...options,
      });
      stores.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map(store => store.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `git fsck --strict` finds, dangling objects aside: a killed writer may leave those. */
export function faults(clone: TemporaryClone): string[] {
  const { stdout, stderr } = spawnSync('git', ['fsck', '--strict', '--full'], {
    cwd: clone.top,
    env: clone.environment,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`
    .split('\n')
    .filter(line => line !== '' && !/^(?:dangling |notice: |Checking )/.test(line));
}
