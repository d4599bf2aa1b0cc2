import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { UserGit } from '../../../src/domain/user-git.ts';
import { userGit } from '../../../src/machine/git/user-git.ts';

/** A folder that goes away with the test file. */
const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'corroborate-test-')));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let count = 0;
export function newFolder(name = 'folder'): string {
  count += 1;
  const folder = join(scratch, `${count}-${name}`);
  mkdirSync(folder);
  return folder;
}

/** Nothing of the machine's own git settings. */
export const cleanEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  TMPDIR: scratch,
  HOME: newFolder('home'),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada Lovelace',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada Lovelace',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '2026-11-22T09:25:30Z',
  GIT_COMMITTER_DATE: '2026-11-22T09:25:30Z',
  // Submodules come from folders here.
  GIT_ALLOW_PROTOCOL: 'file',
};

export class TemporaryRepository {
  readonly folder: string;
  readonly git: UserGit;

  constructor(folder: string, environment: NodeJS.ProcessEnv = cleanEnvironment) {
    this.folder = folder;
    this.git = userGit(folder, environment);
  }

  static make(...options: string[]): TemporaryRepository {
    const repository = new TemporaryRepository(newFolder('repository'));
    repository.do('init', '-q', '-b', 'main', ...options);
    return repository;
  }

  /** Runs git and gives what it prints, one character a byte. */
  do(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder, env: cleanEnvironment, encoding: 'latin1', stdio: 'pipe' });
  }

  doWith(input: string | Buffer, ...args: string[]): string {
    return execFileSync('git', args, { cwd: this.folder, env: cleanEnvironment, input, encoding: 'latin1' });
  }

  /** @param path one character a byte */
  at(path: string): Buffer {
    return Buffer.concat([Buffer.from(`${this.folder}/`), Buffer.from(path, 'latin1')]);
  }

  write(path: string, content: string | Buffer, mode?: number): void {
    const slash = path.lastIndexOf('/');
    if (slash > 0) mkdirSync(this.at(path.slice(0, slash)), { recursive: true });
    writeFileSync(this.at(path), content);
    if (mode !== undefined) chmodSync(this.at(path), mode);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    symlinkSync(target, this.at(path));
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  commit(message = 'work'): string {
    this.do('add', '-A', '-f', '.');
    this.do('commit', '-q', '--allow-empty', '-m', message);
    return this.do('rev-parse', 'HEAD').trim();
  }
}
