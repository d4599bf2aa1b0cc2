import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Scientist } from './scientist.ts';

/** The files of a commit to be, changed with plain git: anything that a repository can hold, sensible or not. */
export class HandMadeFiles {
  readonly #someone: Scientist;
  readonly #index: string;

  constructor(someone: Scientist, commit: string) {
    this.#someone = someone;
    this.#index = join(someone.folder, 'index-by-hand');
    rmSync(this.#index, { force: true });
    this.git('read-tree', commit);
  }

  git(...args: string[]): string {
    return this.#someone.gitWith({ environment: { GIT_INDEX_FILE: this.#index } }, ...args).trim();
  }

  get paths(): string[] {
    return this.git('ls-files', '-z').split('\0').filter(Boolean);
  }

  /** The only path that ends, or matches, so. */
  path(which: string | RegExp): string {
    const found = this.paths.filter(path => (typeof which === 'string' ? path.endsWith(which) : which.test(path)));
    if (found.length !== 1) throw new Error(`${found.length} paths are like ${which}: ${this.paths.join(' ')}`);
    return found[0]!;
  }

  read(path: string): string {
    return this.git('cat-file', 'blob', `:${path}`);
  }

  /** @param mode 100755 for an executable, 120000 for a symlink, 160000 for a submodule, whose commit is the content */
  write(path: string, content: string | Uint8Array, mode = '100644'): void {
    const id = mode === '160000' ? String(content) : this.#blob(content);
    this.git('update-index', '--add', '--cacheinfo', `${mode},${id},${path}`);
  }

  /** Replaces something that must be there. */
  edit(path: string, what: string | RegExp, by: string): void {
    const before = `${this.read(path)}\n`;
    const after = before.replace(what, () => by);
    if (after === before) throw new Error(`${path} holds no ${what}`);
    this.write(path, after);
  }

  remove(path: string): void {
    this.git('update-index', '--force-remove', path);
  }

  tree(): string {
    return this.git('write-tree');
  }

  #blob(content: string | Uint8Array): string {
    const options = { cwd: this.#someone.clone, env: this.#someone.environment, input: content, maxBuffer: 2 ** 20 };
    return execFileSync('git', ['hash-object', '-w', '--stdin'], options).toString().trim();
  }
}

/**
 * Puts another commit in the place of a branch's: its files as changed by hand, on the same parents unless told.
 * @returns the new commit, which the branch has then
 */
export function handMade(
  someone: Scientist,
  branch: string,
  change: (files: HandMadeFiles) => void,
  parents: readonly string[] = [someone.git('rev-parse', `${branch}^`)],
): string {
  const files = new HandMadeFiles(someone, branch);
  change(files);
  const given = parents.flatMap(parent => ['-p', parent]);
  const commit = someone.git('commit-tree', files.tree(), ...given, '-m', 'by hand');
  someone.git('update-ref', `refs/heads/${branch}`, commit);
  return commit;
}
