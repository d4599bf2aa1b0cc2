import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/**
 * The refs of one bare repository. They stay loose here (nothing packs them), so that a file is a ref; writers take
 * turns (`Repository.exclusively`), readers such as `git upload-pack` see the old one or the new one.
 */
export class Refs {
  readonly #folder: string;
  #written = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param name in full, `refs/heads/records` */
  read(name: string): string | undefined {
    try {
      const text = readFileSync(join(this.#folder, name), 'utf8').trim();
      return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
    } catch {
      return undefined;
    }
  }

  /** All refs under a folder such as `refs/heads`, by full name, sorted. */
  list(under = 'refs'): Map<string, string> {
    const top = join(this.#folder, under);
    let names: string[];
    try {
      names = readdirSync(top, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile() && !entry.name.endsWith('.lock'))
        .map(entry => relative(this.#folder, join(entry.parentPath, entry.name)));
    } catch {
      return new Map();
    }
    return new Map(names.sort().flatMap(name => (this.read(name) === undefined ? [] : [[name, this.read(name)!]])));
  }

  async write(name: string, id: string): Promise<void> {
    const path = join(this.#folder, name);
    await mkdir(dirname(path), { recursive: true });
    const unfinished = join(this.#folder, `unfinished-ref-${this.#written++}`);
    await writeFile(unfinished, `${id}\n`);
    await rename(unfinished, path);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
    // The folders that this leaves empty would stand in the way of a ref of their name.
    for (let folder = dirname(name); folder.split('/').length > 2; folder = dirname(folder)) {
      try {
        rmdirSync(join(this.#folder, folder));
      } catch {
        return;
      }
    }
  }
}

/** Whether git would take the name (`git check-ref-format`). */
export function isRefName(name: string): boolean {
  return (
    name
      .split('/')
      .every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock') && !part.endsWith('.')) &&
    !/\.\.|@\{|[\0-\x20\x7f~^:?*[\\]/.test(name)
  );
}
