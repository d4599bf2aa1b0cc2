import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Scientist } from './scientist.ts';

/** The files of the records branch, checked out beside the clone, for who edits them with plain git. */
export class RecordsWorktree {
  readonly folder: string;
  readonly valid: string;
  readonly #of: Scientist;

  constructor(of: Scientist) {
    this.#of = of;
    this.folder = join(of.folder, 'records-worktree');
    this.valid = of.git('rev-parse', 'records');
    of.git('worktree', 'add', '-q', '--detach', this.folder, this.valid);
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  read(path: string): string {
    return readFileSync(this.at(path), 'utf8');
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), content);
  }

  /** Replaces something that must be there. */
  edit(path: string, what: string | RegExp, by: string): void {
    const before = this.read(path);
    const after = before.replace(what, by);
    if (after === before) throw new Error(`${path} holds no ${what}`);
    this.write(path, after);
  }

  remove(path: string): void {
    if (!existsSync(this.at(path))) throw new Error(`there is no ${path}`);
    rmSync(this.at(path), { recursive: true });
  }

  git(...args: string[]): string {
    return this.#of.gitWith({ cwd: this.folder }, ...args).trim();
  }

  /** Commits what is there on top of the branch. */
  commit(message = 'by hand'): string {
    this.git('add', '-A', '-f');
    this.git('commit', '-q', '--allow-empty', '-m', message);
    const commit = this.git('rev-parse', 'HEAD');
    this.git('update-ref', 'refs/heads/records', commit);
    return commit;
  }

  /** Back to the valid branch. */
  reset(): void {
    this.git('update-ref', 'refs/heads/records', this.valid);
    this.git('reset', '-q', '--hard', this.valid);
    this.git('clean', '-q', '-f', '-d', '-x');
  }
}
