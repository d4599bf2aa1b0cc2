import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { interpreterOf } from './interpreter.ts';
import { lookAhead, mappedBy } from './look-ahead.ts';
import type { Found, Probe, Run, Usage } from './probe.ts';
import { distributionsOf, type Installed, installedDistributions, readAhead } from './python-distributions.ts';
import { pythonHook, pythonStarter } from './python-hook.ts';

/** What one Python process told (`python-hook.ts`). */
interface Telling {
  pid: number;
  parent: number | null;
  interpreter: string;
  version: string;
  implementation: string;
  prefix: string;
  standardLibrary: string;
  cwd: string;
  command: string;
  worker: boolean;
  modules: Set<string>;
  searchPath: string[];
  mapped: Set<string>;
  usage: { cpuSeconds: number; peakMemoryBytes: number | null };
  ended: boolean;
}

/**
 * Python: every interpreter that the run starts tells, as it ends, which modules it really imported. Their
 * distributions are dependencies (`pip`, or `conda` where conda installed them), the interpreter itself is
 * `{name: python, system: python}` (or `pypy`), modules outside of any package folder are `loaded`.
 */
export function pythonProbe(): Probe {
  const folderOf = (run: Run) => join(run.folder, 'python');
  let installed: Installed | null = null;
  // What a container has is looked up in copies of it, in a folder that no other run has.
  const installedFor = ({ cache, place }: Run) => {
    installed ??= installedDistributions(place ? null : (cache ?? null));
    return installed;
  };

  async function read(run: Run): Promise<Telling[]> {
    const folder = folderOf(run);
    const files = (await readdir(folder)).filter(name => name.endsWith('.python')).sort();
    return Promise.all(
      files.map(async name => parseTelling(Number.parseInt(name, 10), await readFile(join(folder, name)))),
    );
  }

  return {
    name: 'Python',

    async before(run) {
      const folder = folderOf(run);
      mkdirSync(folder);
      writeFileSync(join(folder, 'hook.py'), pythonHook);
      writeFileSync(join(folder, 'sitecustomize.py'), pythonStarter(keptHook(run)));
      const own = run.environment.PYTHONPATH;
      return { PYTHONPATH: own ? `${folder}:${own}` : folder };
    },

    during(run, { pid, over }) {
      // Which distributions the libraries belong to that are loaded by now: those of the end are among the same folders.
      const look = async (before: number) => {
        const tellings = await read(run);
        for (const telling of tellings) for (const file of await mappedBy(telling.pid)) telling.mapped.add(file);
        if (over.aborted) return;
        await gather(run, pid, tellings, installedFor(run));
        // Beside a run so short that this was its only look, it would take more time than it spares.
        if (before === 0) return;
        readAhead(
          tellings.flatMap(({ searchPath }) => searchPath.map(run.place ?? (path => path))),
          installedFor(run),
        );
      };
      void lookAhead(over, look);
      return Promise.resolve();
    },

    after: async (run, pid) => gather(run, pid, await read(run), installedFor(run)),
  };
}

/** Where compiled hooks are kept; a trace would see them as files of the run. */
function keptHook({ cache, wrapped }: Run): string | null {
  if (cache === undefined || wrapped) return null;
  try {
    mkdirSync(cache, { recursive: true });
  } catch {
    return null;
  }
  return join(cache, `python-hook-${createHash('sha256').update(pythonHook).digest('hex').slice(0, 16)}-`);
}

function parseTelling(pid: number, bytes: Buffer): Telling {
  const telling: Telling = {
    pid,
    parent: null,
    interpreter: '',
    version: '',
    implementation: 'cpython',
    prefix: '',
    standardLibrary: '',
    cwd: '/',
    command: '',
    worker: false,
    modules: new Set(),
    searchPath: [],
    mapped: new Set(),
    usage: { cpuSeconds: 0, peakMemoryBytes: null },
    ended: false,
  };
  for (const entry of bytes.toString('utf8').split('\0').slice(0, -1)) {
    const value = entry.slice(1);
    switch (entry[0]) {
      case 'I':
        telling.interpreter = value;
        break;
      case 'V':
        telling.version = value;
        break;
      case 'N':
        telling.implementation = value;
        break;
      case 'P':
        telling.prefix = value;
        break;
      case 'L':
        telling.standardLibrary = value;
        break;
      case 'C':
        telling.cwd = value || '/';
        break;
      case 'O':
        telling.parent = Number(value);
        break;
      case 'W':
        telling.worker = value === '1';
        break;
      case 'A':
        telling.command = value;
        break;
      case 'M':
        telling.modules.add(absolute(telling.cwd, value));
        break;
      case 'S':
        telling.searchPath.push(absolute(telling.cwd, value));
        break;
      case 'X':
        telling.mapped.add(value);
        break;
      case 'R': {
        const kibibytes = Number.parseInt(value.slice('VmHWM:'.length), 10);
        telling.usage.peakMemoryBytes = Number.isFinite(kibibytes) ? kibibytes * 1024 : null;
        break;
      }
      case 'U':
        telling.usage.cpuSeconds = Number(value);
        break;
      case 'E':
        telling.ended = true;
        break;
    }
  }
  return telling;
}

/** Most are absolute and plain already, and there are many. */
function absolute(cwd: string, path: string): string {
  return path.startsWith('/') && !/\/(?:\.{1,2})?(?:\/|$)/.test(path) ? path : resolve(cwd, path);
}

async function gather(
  run: Run,
  pid: number | null,
  tellings: readonly Telling[],
  installed: Installed,
): Promise<Found> {
  const dependencies: Dependency[] = [];
  const loaded = new Set<string>();
  const mapped = new Set<string>();
  const notes = new Set<string>(await hidden(run, pid, tellings));
  // In a container what tells of packages stands elsewhere than where the program saw it.
  const place = run.place ?? ((path: string) => path);
  const environments = new Map<string, Record<'searchPath' | 'modules' | 'libraries', Set<string>>>();

  const own = join(run.folder, 'python');
  for (const telling of tellings) {
    const isStandard = standardLibraryOf(telling);
    const name = telling.implementation === 'cpython' ? 'python' : telling.implementation;
    dependencies.push({ name, version: telling.version || null, system: 'python' });
    const environment = environments.get(telling.prefix) ?? {
      searchPath: new Set(),
      modules: new Set(),
      libraries: new Set(),
    };
    environments.set(telling.prefix, environment);
    for (const entry of telling.searchPath) environment.searchPath.add(place(entry));
    for (const file of [...telling.modules, ...telling.mapped]) {
      if (inside(file, own)) continue;
      if (telling.mapped.has(file)) mapped.add(file);
      const kind = telling.modules.has(file) ? 'modules' : 'libraries';
      if (inPackageFolder(file) || !isStandard(file)) environment[kind].add(place(file));
    }
    for (const file of telling.modules) {
      if (!inPackageFolder(file) && !isStandard(file) && !inside(file, run.folder)) loaded.add(sourceOf(file));
    }
    if (!telling.ended) notes.add(unfinished(telling));
  }
  for (const environment of environments.values()) {
    const { dependencies: distributions, notes: said } = distributionsOf(environment, installed);
    dependencies.push(...distributions);
    for (const note of said) notes.add(note);
  }
  // In a container pids are others; there the command is the child of the first process.
  const isFirst = (telling: Telling) => (run.place ? telling.parent === 1 : telling.pid === pid);
  const usage = usageOf(isFirst, tellings);
  return { dependencies, loaded: [...loaded], mapped: [...mapped], notes: [...notes], ...(usage && { usage }) };
}

function unfinished(telling: Telling): string {
  const what = telling.command || telling.interpreter || `process ${telling.pid}`;
  return telling.worker
    ? `A Python worker process (${what}) was ended before it could tell which modules it loaded: those written in Python are known, compiled ones that it alone loaded are not.`
    : `A Python process (${what}) was ended before it could tell which modules it loaded: they are unknown.`;
}

/** A Python that was told to ignore the hook (-I, -E, -S) says nothing; where that can be seen it is said. */
async function hidden(run: Run, pid: number | null, tellings: readonly Telling[]): Promise<string[]> {
  if (pid === null || tellings.some(telling => run.wrapped || telling.pid === pid)) return [];
  const { interpreter, words } = await interpreterOf(run);
  // By the name that was called, too: a version manager's `python3` is a shell script.
  const names = [interpreter, run.executable].filter(name => name !== null).map(name => basename(name));
  if (!names.some(name => /^(?:python|pypy)[\d.]*$/.test(name))) return [];
  const isolating = isolatingFlag(words) ?? isolatingFlag(run.command.slice(1));
  return [
    isolating
      ? `Python was started with ${isolating}, which keeps out what would see its modules: the modules and distributions that it loaded are unknown.`
      : `Python (${interpreter}) did not tell which modules it loaded: they are unknown.`,
  ];
}

/** The interpreter's own flags end at its first word that is none, or at -c and -m. */
function isolatingFlag(words: readonly string[]): string | null {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!/^-[A-Za-z]/.test(word) || /^-[A-WYZa-z]*[cm]/.test(word)) return null;
    if (word === '-W' || word === '-X') at++;
    else if (/^-[bBdEhiIOPqsSuvx]+$/.test(word) && /[EIS]/.test(word)) return word;
  }
  return null;
}

function usageOf(isFirst: (telling: Telling) => boolean, tellings: readonly Telling[]): Usage | null {
  const own = tellings.filter(telling => isFirst(telling) && telling.ended);
  if (own.length === 0) return null;
  const peaks = tellings.map(telling => telling.usage.peakMemoryBytes).filter(peak => peak !== null);
  return {
    // A process that replaced itself by exec tells more than once, each time with all that it had used by then.
    cpuSeconds: Math.max(...own.map(telling => telling.usage.cpuSeconds)),
    peakMemoryBytes: peaks.length > 0 ? Math.max(...peaks) : null,
  };
}

function inside(file: string, folder: string): boolean {
  return folder !== '' && file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

export function inPackageFolder(file: string): boolean {
  return /\/(?:site|dist)-packages\//.test(file);
}

function standardLibraryOf({ standardLibrary, version }: Telling): (file: string) => boolean {
  // The zipped library: /usr/lib/python311.zip beside /usr/lib/python3.11.
  const [major, minor] = version.split('.');
  const zipped = join(dirname(standardLibrary), `python${major}${minor}.zip`);
  return file => inside(file, standardLibrary) || file.startsWith(zipped);
}

/** `x.pyc` beside or under `__pycache__` stands for its `x.py`. */
export function sourceOf(file: string): string {
  return file.replace(/\/__pycache__\/([^/]+?)\.[^./]+(?:\.opt-\d)?\.pyc$/, '/$1.py').replace(/\.py[co]$/, '.py');
}
