import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { condaPackagesOf } from './conda-packages.ts';
import { npmPackages } from './npm-packages.ts';
import { outputOf } from './output-of.ts';
import { distributionsOf } from './python-distributions.ts';
import { inPackageFolder, sourceOf } from './python-probe.ts';
import { systemPackagesOf } from './system-packages.ts';

/** What the processes of a traced run did with files; absolute paths, sorted. */
export interface Trace {
  /** Regular files that were opened for reading, shared libraries included, and that are still there. */
  readonly read: readonly string[];
  /** Programs and scripts that were executed, and the interpreters that their `#!` lines name. */
  readonly executed: readonly string[];
  /** Files that were written and were still there, under this name, when the run ended. */
  readonly written: readonly string[];
  readonly notes: readonly string[];
}

/** Where a name's leading `?` stands, strace passes over calls that this architecture does not have. */
const calls = [
  ...['?open', 'openat', '?openat2', '?creat', '?truncate', 'execve', '?execveat', 'chdir', 'fchdir'],
  ...['?rename', '?renameat', '?renameat2', '?unlink', 'unlinkat', '?link', 'linkat'],
  ...['?fork', '?vfork', 'clone', '?clone3'],
];

/**
 * The command under strace, which writes to `outputFile`. The exit code, and death by a signal, stay the simulation's:
 * strace ends as its program did; signals to the process group reach the program, while strace blocks them itself.
 */
export function traceCommand(command: readonly string[], outputFile: string): string[] {
  const flags = [
    '-f',
    '-q',
    '-y',
    '-xx',
    '--seccomp-bpf',
    '-I3',
    '-e',
    'signal=none',
    '-e',
    `trace=${calls.join(',')}`,
  ];
  return ['strace', ...flags, '-o', outputFile, '--', ...command];
}

/** Why this machine cannot trace, as a sentence; null where it can. Starts `true` under strace to find out. */
export async function whyNotTraced(environment: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  if (process.platform !== 'linux') return 'Tracing needs strace, which is there on Linux only.';
  const said = await outputOf('strace', traceCommand(['echo', 'traced'], '/dev/null').slice(1), { environment });
  if (said === null)
    return 'Tracing needs strace: install it (Debian: apt-get install strace), or run without --trace.';
  if (said.trim() === 'traced') return null;
  return 'strace cannot trace here (too old, or the container forbids ptrace): run without --trace.';
}

/** Reads what strace wrote. @param cwd the folder that the run was started in */
export async function readTrace(file: string, cwd: string): Promise<Trace> {
  // A run that is not traced does not load it.
  const { createInterface } = await import('node:readline');
  const reading = new Reading(cwd);
  // Latin-1: names are escaped, so every byte of the file is one character.
  for await (const line of createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Infinity })) {
    reading.line(line);
  }
  return reading.result();
}

interface WorkingFolder {
  path: string;
}

class Reading {
  readonly #start: string;
  readonly #read = new Set<string>();
  readonly #executed = new Set<string>();
  readonly #written = new Set<string>();
  readonly #everWritten = new Set<string>();
  readonly #folders = new Map<string, WorkingFolder>();
  readonly #unfinished = new Map<string, string>();
  #unspeakable = 0;
  #unparsed = 0;

  constructor(cwd: string) {
    this.#start = cwd;
  }

  line(line: string): void {
    const [, pid, rest] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || rest === undefined) {
      this.#unparsed += line === '' ? 0 : 1;
      return;
    }
    if (rest.startsWith('+++') || rest.startsWith('---')) return;
    const pausing = /^(.*) ?<unfinished \.\.\.>$/.exec(rest);
    if (pausing) {
      this.#folderOf(pid);
      this.#unfinished.set(pid, pausing[1]!);
      return;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const whole = resumed ? (this.#unfinished.get(pid) ?? '') + resumed[1]! : rest;
    if (resumed) this.#unfinished.delete(pid);
    const call = /^(\w+)\((.*)\)\s+= (-?\d+|\?)(?:<([^>]*)>)?/.exec(whole);
    if (call) this.#call(pid, call[1]!, call[2]!, call[3]!, call[4]);
    else this.#unparsed++;
  }

  #call(pid: string, name: string, words: string, answer: string, opened: string | undefined): void {
    const folder = this.#folderOf(pid);
    const here = /AT_FDCWD<([^>]*)>/.exec(words)?.[1];
    if (here !== undefined) folder.path = this.#decode(here);
    if (!/^\d+$/.test(answer)) return;

    if (/^(?:v?fork|clone3?)$/.test(name)) {
      // Threads share one working folder, processes go on from a copy.
      if (!this.#folders.has(answer)) {
        this.#folders.set(answer, words.includes('CLONE_FS') ? folder : { path: folder.path });
      }
      return;
    }
    const paths = this.#pathsIn(words, folder.path);
    const [first, second] = paths;
    switch (name) {
      case 'open':
      case 'openat':
      case 'openat2':
      case 'creat': {
        const path = opened === undefined ? first : this.#decode(opened);
        if (path?.startsWith('/')) this.#open(path, name === 'creat' ? 'O_WRONLY|O_CREAT|O_TRUNC' : words);
        break;
      }
      case 'truncate':
        if (first) this.#write(first);
        break;
      case 'execve':
      case 'execveat':
        if (first) this.#executed.add(first);
        break;
      case 'chdir':
        if (first) folder.path = first;
        break;
      case 'fchdir': {
        const target = /^\d+<([^>]*)>/.exec(words)?.[1];
        if (target !== undefined) folder.path = this.#decode(target);
        break;
      }
      case 'rename':
      case 'renameat':
      case 'renameat2':
        if (first && second) this.#rename(first, second, words.includes('RENAME_EXCHANGE'));
        break;
      case 'link':
      case 'linkat':
        if (first && second && this.#written.has(first)) this.#write(second);
        break;
      case 'unlink':
      case 'unlinkat':
        if (first) this.#written.delete(first);
        break;
    }
  }

  #open(path: string, flags: string): void {
    if (/\b(?:O_DIRECTORY|O_PATH|O_TMPFILE)\b/.test(flags) || path.endsWith(' (deleted)')) return;
    const writing = /\bO_(?:WRONLY|RDWR)\b/.test(flags);
    const reading = !/\bO_WRONLY\b/.test(flags) && !/\bO_TRUNC\b/.test(flags);
    // What the run wrote itself is no input of it.
    if (reading && !this.#everWritten.has(path)) this.#read.add(path);
    if (writing) this.#write(path);
  }

  #write(path: string): void {
    this.#written.add(path);
    this.#everWritten.add(path);
  }

  #rename(from: string, to: string, exchange: boolean): void {
    for (const path of [...this.#written]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      if (!exchange) this.#written.delete(path);
      this.#write(to + path.slice(from.length));
    }
  }

  /** The quoted paths among a call's words, absolute: each relative to the folder named right before it, if one is. */
  #pathsIn(words: string, cwd: string): string[] {
    const paths: string[] = [];
    let base = cwd;
    for (const [, folder, quoted] of words.matchAll(/(?:AT_FDCWD|\b\d+)<([^>]*)>|"([^"]*)"/g)) {
      if (folder !== undefined) {
        base = this.#decode(folder);
      } else {
        const path = this.#decode(quoted!);
        // An empty name with AT_EMPTY_PATH is the descriptor's own file.
        paths.push(resolve(base, path));
        base = cwd;
      }
    }
    return paths;
  }

  #folderOf(pid: string): WorkingFolder {
    const known = this.#folders.get(pid);
    if (known) return known;
    // The first line of a child may come before its parent's fork is answered.
    const parents = [...this.#unfinished].filter(([, text]) => /^(?:v?fork|clone3?)\(/.test(text)).map(([id]) => id);
    const parent = parents.length > 0 ? this.#folders.get(parents.at(-1)!) : undefined;
    const folder = { path: parent?.path ?? this.#start };
    this.#folders.set(pid, folder);
    return folder;
  }

  /** strace's escapes (`-xx`, and the octal ones of older versions) back to the name. */
  #decode(text: string): string {
    const bytes = text.replace(
      /\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/g,
      (_, hex: string | undefined, octal: string | undefined, letter: string) => {
        if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
        if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
        return { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' }[letter] ?? letter;
      },
    );
    const name = Buffer.from(bytes, 'latin1').toString('utf8');
    if (name.includes('\ufffd')) this.#unspeakable++;
    return name;
  }

  async result(): Promise<Trace> {
    const read: string[] = [];
    const gone: string[] = [];
    for (const path of [...this.#read].filter(isOnDisk).sort()) {
      const what = await stat(path).catch(() => null);
      if (what?.isFile()) read.push(path);
      else if (!what && !this.#everWritten.has(path)) gone.push(path);
    }
    const executed = new Set(this.#executed);
    for (const path of this.#executed) {
      const interpreter = await hashBang(path);
      if (interpreter) executed.add(interpreter);
    }
    const written: string[] = [];
    for (const path of [...this.#written].filter(isOnDisk).sort()) {
      if ((await stat(path).catch(() => null))?.isFile()) written.push(path);
    }
    const notes: string[] = [];
    if (gone.length > 0)
      notes.push(`The run read ${gone.length} files that are no longer there, ${gone[0]} among them.`);
    if (this.#unspeakable > 0) notes.push('The run used files whose names are not UTF-8: the trace cannot name them.');
    if (this.#unparsed > 0) notes.push(`${this.#unparsed} lines of the trace could not be read: it may be incomplete.`);
    return { read, executed: [...executed].sort(), written, notes };
  }
}

function isOnDisk(path: string): boolean {
  return !/^\/(?:proc|sys|dev)\//.test(path);
}

async function hashBang(file: string): Promise<string | null> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
      return /^#![ \t]*(\/\S+)/.exec(buffer.toString('utf8', 0, bytesRead))?.[1] ?? null;
    } finally {
      await handle.close();
    }
  } catch {
    // An executable need not be readable; then it has told all that it can.
    return null;
  }
}

/**
 * What the files of a trace belong to.
 * @returns the packages, and the files that belong to none: inputs, source or the machine's own, by where they lie
 */
export async function dependenciesOfTrace(
  trace: Trace,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ dependencies: Dependency[]; unowned: string[]; notes: string[] }> {
  const files = [...new Set([...trace.read, ...trace.executed].map(sourceOf))];
  const npm = npmPackages();
  const python = distributionsOf({
    searchPath: [],
    modules: files.filter(file => inPackageFolder(file) && !file.endsWith('.pth')),
  });
  const conda = condaPackagesOf(files);
  const system = await systemPackagesOf(
    files.filter(file => !conda.has(file)),
    { environment },
  );
  const dependencies = [...python.dependencies];
  const unowned: string[] = [];
  for (const file of files) {
    const known = conda.get(file);
    const owner = known ? { ...known, system: 'conda' } : (npm.ownerOf(file) ?? system.ownerOf(file) ?? standard(file));
    if (owner) dependencies.push(owner);
    else if (!inPackageFolder(file)) unowned.push(file);
  }
  return { dependencies, unowned: unowned.sort(), notes: python.notes };
}

/** The standard library of a Python that no package manager installed (pyenv, built by hand); the hook tells its version. */
function standard(file: string): Dependency | null {
  return /\/lib(?:64)?\/python\d[\d.]*\//.test(file) ? { name: 'python', version: null, system: 'python' } : null;
}
