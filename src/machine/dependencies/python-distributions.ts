import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { condaPackagesOf } from './conda-packages.ts';
import { type OwnerHints, ownerHints } from './owner-hints.ts';

/** What Python processes of one environment loaded. */
export interface LoadedModules {
  /** Their `sys.path`. */
  readonly searchPath: Iterable<string>;
  /** Absolute paths, the standard library aside. */
  readonly modules: Iterable<string>;
  /** Absolute paths of what else was mapped: a distribution's own libraries, and the system's. */
  readonly libraries?: Iterable<string>;
}

/** What is installed, each folder read once and anew when it has changed: asked again, it answers sooner. */
export type Installed = (folder: string) => PackageFolder;

/** @param cache a folder that outlives the run, for what is slow to find out; null: nothing is kept */
export function installedDistributions(cache: string | null = null): Installed {
  const known = new Map<string, { readonly mark: string; readonly content: PackageFolder }>();
  return folder => {
    const mark = markOf(folder);
    const before = known.get(folder);
    if (before?.mark === mark) return before.content;
    const content = readPackageFolder(folder, mark, cache);
    known.set(folder, { mark, content });
    return content;
  };
}

/** Whatever is installed or removed gives the folder another time. */
function markOf(folder: string): string {
  try {
    const { mtimeNs, ino } = statSync(folder, { bigint: true });
    return `${mtimeNs} ${ino}`;
  } catch {
    return '';
  }
}

/** Reads what tells whose an import name is, so that a later question finds it read. */
export function readAhead(searchPath: Iterable<string>, installed: Installed): void {
  for (const folder of new Set(searchPath)) for (const metadata of installed(folder).metadata) metadata.names('');
}

/**
 * The distributions that own the loaded modules, with the names and versions that they write themselves. It reads what
 * importlib.metadata reads (`*.dist-info`, `*.egg-info`, `EGG-INFO` in the folders of sys.path; RECORD, else
 * installed-files.txt, else SOURCES.txt and top_level.txt), but not with the run's interpreter: starting that again
 * takes as long as a small simulation. Found by conda, a distribution is a `conda` package, else a `pip` one.
 */
export function distributionsOf(
  environment: LoadedModules,
  installed: Installed = installedDistributions(),
): { dependencies: Dependency[]; notes: string[] } {
  const folders = [...new Set(environment.searchPath)].sort((a, b) => b.length - a.length);
  const packagesOf = (file: string) =>
    folders.find(entry => entry !== '/' && file.startsWith(`${entry}/`)) ??
    /^.*?\/(?:site|dist)-packages(?=\/)/.exec(file)?.[0] ??
    null;
  const { modules, libraries = [] } = environment;
  const filesOf = new Map<string, string[]>();
  const add = (file: string, folder: string | null) => {
    const files = folder === null ? null : filesOf.get(folder);
    if (files) files.push(file);
    else if (folder !== null) filesOf.set(folder, [file]);
  };
  for (const file of modules) add(file, packagesOf(file) ?? dirname(file));
  // No distribution stands where the system's libraries do, and those folders are large.
  for (const file of libraries) add(file, packagesOf(file));

  const found = new Set<Metadata>();
  const orphans: string[] = [];
  for (const [folder, files] of filesOf) {
    const owners = ownersIn(
      installed(folder),
      files.map(file => file.slice(folder.length + 1)),
    );
    for (const owner of owners.distributions) found.add(owner);
    if (/\/(?:site|dist)-packages$/.test(folder)) orphans.push(...owners.orphans.map(name => join(folder, name)));
  }
  for (const folder of folders) {
    for (const editable of installed(folder).editables) {
      const isItsOwn = (file: string) => file.startsWith(`${editable.source}/`);
      if ([...modules, ...libraries].some(isItsOwn)) found.add(editable.metadata);
    }
  }

  const conda = condaPackagesOf([...found].map(metadata => metadata.headers));
  const dependencies = [...found].flatMap((metadata): Dependency[] => {
    const known = conda.get(metadata.headers);
    const { name, version } = metadata.identity();
    if (known) return [{ ...known, system: 'conda' }];
    return name ? [{ name, version, system: 'pip' }] : [];
  });
  const notes =
    orphans.length > 0 ? [`No installed distribution says that it owns ${list(orphans)}: the version is unknown.`] : [];
  return { dependencies, notes };
}

function list(paths: readonly string[]): string {
  const shown = [...paths].sort().slice(0, 5).join(', ');
  return paths.length > 5 ? `${shown} and ${paths.length - 5} more` : shown;
}

/** One `*.dist-info`, `*.egg-info` (folder or file) or `EGG-INFO`. */
class Metadata {
  readonly path: string;
  /** Of its folder or file. */
  readonly name: string;
  /** The distribution's name as that tells it, for a first guess. */
  readonly guess: string;
  readonly #texts = new Map<string, string | null>();

  constructor(folder: string, name: string) {
    this.path = `${folder}/${name}`;
    this.name = name;
    this.guess = normal(name.replace(/\.(?:dist|egg)-info$/, '').split('-')[0]!);
  }

  /** The file that holds name and version. */
  get headers(): string {
    if (this.path.endsWith('.dist-info')) return `${this.path}/METADATA`;
    const inside = `${this.path}/PKG-INFO`;
    return existsSync(inside) ? inside : this.path;
  }

  identity(): { name: string | null; version: string | null } {
    const text = read(this.headers)?.split(/\r?\n\r?\n/)[0] ?? '';
    return {
      name: /^Name:[ \t]*(\S.*?)[ \t\r]*$/im.exec(text)?.[1] ?? null,
      version: /^Version:[ \t]*(\S.*?)[ \t\r]*$/im.exec(text)?.[1] ?? null,
    };
  }

  /** Debian's metadata do not list the installed files. */
  get listsFiles(): boolean {
    return this.#text('RECORD') !== null || this.#text('installed-files.txt') !== null;
  }

  owns(file: string): boolean {
    const record = this.#text('RECORD');
    if (record !== null) return record.includes(`\n${file},`) || record.includes(`\n"${file.replaceAll('"', '""')}",`);
    return this.#text('installed-files.txt')?.includes(`\n../${file}\n`) ?? false;
  }

  /** Whether it says that this import name is its own. */
  names(name: string): boolean {
    return this.#text('top_level.txt')?.includes(`\n${name}\n`) ?? false;
  }

  /** Where no list has the very file (it was made after the installation, or there is no list): by its top-level name. */
  claims(file: string): boolean {
    const record = this.#text('RECORD');
    if (record !== null) return record.includes(`\n${top(file)}/`);
    const claimed = this.#text('top_level.txt') === null ? this.guess === normal(stem(file)) : this.names(stem(file));
    if (!claimed || !this.#text('namespace_packages.txt')?.includes(`\n${stem(file)}\n`)) return claimed;
    // A top-level name that several share: only what this one's sources name.
    return this.#text('SOURCES.txt')?.includes(`${file}\n`) ?? true;
  }

  /** With a line feed before the first line and after the last, so that whole lines can be looked for. */
  #text(name: string): string | null {
    let text = this.#texts.get(name);
    if (text === undefined) {
      const found = read(`${this.path}/${name}`);
      text = found === null ? null : `\n${found.replaceAll('\r\n', '\n')}\n`;
      this.#texts.set(name, text);
    }
    return text;
  }
}

function ownersIn(
  { metadata: all, hints }: PackageFolder,
  files: readonly string[],
): { distributions: Set<Metadata>; orphans: string[] } {
  const distributions = new Set<Metadata>();
  const orphans = new Set<string>();
  const guessed = new Map<string, Metadata[]>();
  for (const metadata of all) guessed.set(metadata.guess, [...(guessed.get(metadata.guess) ?? []), metadata]);
  const hinted = (file: string) => {
    const name = all.length === 0 ? null : hints.of(file);
    return name === null ? undefined : all.find(metadata => metadata.name === name);
  };
  for (const written of files) {
    const file = sourceOf(written);
    // From the cheapest question to the dearest: reading every RECORD of a large environment takes 20 ms.
    const mayOwn = (metadata: Metadata) => metadata.owns(file) || (!metadata.listsFiles && metadata.claims(file));
    const quick =
      guessed.get(normal(stem(file)))?.find(mayOwn) ?? [...distributions].find(metadata => metadata.owns(file));
    const hint = quick ? undefined : hinted(file);
    const owner =
      quick ??
      (hint && mayOwn(hint) ? hint : undefined) ??
      all.filter(metadata => metadata.names(stem(file))).find(mayOwn) ??
      all.find(metadata => metadata.owns(file));
    if (owner) {
      if (!quick && owner !== hint) hints.add(file, owner.name);
      distributions.add(owner);
      continue;
    }
    const claiming = all.filter(metadata => metadata.claims(file));
    for (const metadata of claiming) distributions.add(metadata);
    if (claiming.length === 0) orphans.add(top(file));
  }
  hints.keep();
  return { distributions, orphans: [...orphans] };
}

interface PackageFolder {
  readonly metadata: readonly Metadata[];
  readonly hints: OwnerHints;
  /** Distributions whose files stay where they are written (`pip install -e`); pip notes where in direct_url.json. */
  readonly editables: readonly { readonly metadata: Metadata; readonly source: string }[];
}

function readPackageFolder(folder: string, mark: string, cache: string | null): PackageFolder {
  const entries = names(folder);
  const metadata = entries
    .filter(name => name.endsWith('.dist-info') || name.endsWith('.egg-info'))
    .map(name => new Metadata(folder, name));
  if (entries.includes('EGG-INFO')) metadata.push(new Metadata(folder, 'EGG-INFO'));
  // Whatever the build tool, an editable install reaches its source by a .pth file.
  const mayBeEditable = entries.some(name => name.endsWith('.pth'));
  const editables = mayBeEditable ? metadata.flatMap(editableOf) : [];
  return { metadata, hints: ownerHints(folder, mark, cache), editables };
}

function editableOf(metadata: Metadata): { metadata: Metadata; source: string }[] {
  const direct = `${metadata.path}/direct_url.json`;
  const text = metadata.path.endsWith('.dist-info') && existsSync(direct) ? read(direct) : null;
  if (!text) return [];
  try {
    const { url, dir_info: info } = JSON.parse(text) as { url: string; dir_info?: { editable?: boolean } };
    if (!info?.editable) return [];
    return [{ metadata, source: fileURLToPath(url).replace(/\/$/, '') }];
  } catch {
    return [];
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** PEP 503. */
function normal(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}

function top(file: string): string {
  return file.split('/')[0]!;
}

/** The import name: `numpy` of `numpy/core/x.py`, `six` of `six.py`, `_cffi_backend` of `_cffi_backend.cpython-311.so`. */
function stem(file: string): string {
  return top(file).split('.')[0]!;
}

/** RECORD lists `x.py`, a process may have loaded `x.pyc`. */
function sourceOf(file: string): string {
  return file.replace(/(?:__pycache__\/)?([^/]+?)(?:\.[^./]+-\d+(?:\.opt-\d)?)?\.py[co]$/, '$1.py');
}
