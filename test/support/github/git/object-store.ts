import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { bareEnvironment } from './git.ts';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';
export interface GitObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** The objects of one bare repository: read through one lasting `git cat-file --batch`, written as loose objects. */
export class ObjectStore {
  readonly #folder: string;
  #reader: ChildProcessWithoutNullStreams | undefined;
  #buffered: Buffer = Buffer.alloc(0);
  readonly #asked: { fulfil(object: GitObject | undefined): void; reject(error: Error): void }[] = [];
  #written = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param name an object id, or any revision that git understands (`<id>^{tree}`, `<id>:path`) */
  read(name: string): Promise<GitObject | undefined> {
    if (/[\n\0]/.test(name)) return Promise.resolve(undefined);
    return new Promise((fulfil, reject) => {
      this.#asked.push({ fulfil, reject });
      this.#start().stdin.write(`${name}\n`);
    });
  }

  /** The object id that a revision names. */
  async identify(revision: string): Promise<string | undefined> {
    return (await this.read(revision))?.id;
  }

  async write(type: ObjectType, content: Buffer): Promise<string> {
    const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
    const id = createHash('sha1').update(whole).digest('hex');
    const folder = join(this.#folder, 'objects', id.slice(0, 2));
    const path = join(folder, id.slice(2));
    if (existsSync(path)) return id;
    await mkdir(folder, { recursive: true });
    const unfinished = join(folder, `tmp_obj_${process.pid}_${this.#written++}`);
    await writeFile(unfinished, await promisify(deflate)(whole, { level: 1 }));
    await rename(unfinished, path);
    return id;
  }

  close(): void {
    this.#reader?.kill('SIGKILL');
    this.#reader = undefined;
  }

  #start(): ChildProcessWithoutNullStreams {
    if (this.#reader !== undefined) return this.#reader;
    const reader = spawn('git', ['--git-dir', this.#folder, 'cat-file', '--batch'], { env: bareEnvironment });
    reader.stdout.on('data', chunk => {
      this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
      this.#answer();
    });
    reader.stdin.on('error', () => {});
    reader.once('close', () => {
      for (const { reject } of this.#asked.splice(0)) reject(new Error(`git cat-file ended in ${this.#folder}`));
    });
    this.#reader = reader;
    return reader;
  }

  #answer(): void {
    for (;;) {
      const end = this.#buffered.indexOf('\n');
      if (end < 0) return;
      const line = this.#buffered.toString('utf8', 0, end);
      const [, id, type, size] = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(line) ?? [];
      const length = size === undefined ? 0 : Number(size) + 1;
      if (this.#buffered.length < end + 1 + length) return;
      const content = this.#buffered.subarray(end + 1, end + length);
      this.#buffered = this.#buffered.subarray(end + 1 + length);
      this.#asked.shift()?.fulfil(id === undefined ? undefined : { id, type: type as ObjectType, content });
    }
  }
}
