import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { keepCachedText } from '../files/cached-text.ts';
import { type Call, outputOf } from './output-of.ts';

interface Debian {
  readonly lists: string;
  readonly status: string;
}

/** Where dpkg keeps what it knows, under the root of a system: this machine's, or what is kept of an image's. */
function debianUnder(root: string): Debian {
  return { lists: `${root}/var/lib/dpkg/info`, status: `${root}/var/lib/dpkg/status` };
}

const debian = debianUnder('');

/** Which packages of the operating system installed some files. */
export interface SystemPackages {
  /** Its system is `apt` or `rpm`; null where none of them did, or nothing was asked about that file. */
  ownerOf(file: string): Dependency | null;
}

const none: SystemPackages = { ownerOf: () => null };

/**
 * Debian's packages of every shared library and program on the machine. dpkg's own lists are read by one grep (20 ms
 * for 900 packages) that can run while the simulation does; `dpkg -S` would do the same, later.
 * @param cache a folder in which what grep found is kept until dpkg's status changes; null to keep nothing
 * @returns null on a system that has no dpkg
 */
export async function debianPrograms(cache: string | null, call: Call): Promise<SystemPackages | null> {
  if (!existsSync(debian.lists)) return null;
  const { mtimeMs, size } = await stat(debian.status);
  const key = `${mtimeMs} ${size}`;
  const file = cache === null ? null : join(cache, 'debian-owners.txt');
  const kept = file === null ? null : await readFile(file, 'utf8').catch(() => null);
  if (kept?.startsWith(`${key}\n`) && kept.endsWith('\n.\n'))
    return ownersIn(kept.slice(key.length + 1, -'\n.\n'.length));
  const found = await debianOwners(['-e', '\\.so', '-e', '/s*bin/'], call, debian);
  if (file !== null) keepCachedText(file, `${key}\n${found}\n.\n`);
  return ownersIn(found);
}

/**
 * The packages of exactly these files.
 * @param root of the system that has them: '' for this machine, else a folder with what is kept of an image's
 */
export async function systemPackagesOf(files: readonly string[], call: Call, root = ''): Promise<SystemPackages> {
  if (files.length === 0) return none;
  const place = debianUnder(root);
  if (existsSync(place.lists)) {
    const asked = files.filter(file => !file.includes('\n')).flatMap(spellings);
    return ownersIn(await debianOwners(['-x', '-F', '-f', '-'], { ...call, input: asked.join('\n') }, place));
  }
  if (root !== '') return none;
  if (existsSync('/var/lib/rpm') || existsSync('/usr/lib/sysimage/rpm')) return rpmOwners(files, call);
  return none;
}

/** On a merged system /lib is /usr/lib, and a package may list its file under either. */
function spellings(file: string): string[] {
  if (/^\/usr\/(?:lib|bin|sbin)/.test(file)) return [file, file.slice('/usr'.length)];
  if (/^\/(?:lib|bin|sbin)/.test(file)) return [file, `/usr${file}`];
  return [file];
}

/**
 * What dpkg's lists tell of the files that grep finds in them: a line each, `path<TAB>package<TAB>version`, sorted, between
 * line feeds.
 */
async function debianOwners(words: readonly string[], call: Call, { lists, status }: Debian): Promise<string> {
  // Lines like `/var/lib/dpkg/info/libc6:amd64.list:/lib/x86_64-linux-gnu/libm.so.6`.
  const lines = (await outputOf('grep', ['-r', '--include=*.list', ...words, lists], call)) ?? '';
  const versions = debianVersions(await readFile(status, 'utf8'));
  const owners = lines.split('\n').flatMap(line => {
    const end = line.indexOf('.list:/');
    if (end < 0) return [];
    const owner = line.slice(lists.length + 1, end);
    return [`${line.slice(end + '.list:'.length)}\t${owner.split(':')[0]}\t${versions.get(owner) ?? ''}`];
  });
  return `\n${owners.sort().join('\n')}\n`;
}

/** By `name` and by `name:architecture`, from the text of dpkg's status file: a package may be installed for several. */
function debianVersions(status: string): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const paragraph of status.split('\n\n')) {
    const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(paragraph)?.[1];
    const [name, version] = [field('Package'), field('Version')];
    if (name === undefined || version === undefined) continue;
    if (!versions.has(name)) versions.set(name, version);
    versions.set(`${name}:${field('Architecture')}`, version);
  }
  return versions;
}

/** Only some files are asked for, some of them early (`lookAhead`): the sorted text is searched as it is, once for each. */
function ownersIn(text: string): SystemPackages {
  const known = new Map<string, Dependency | null>();
  const find = (file: string): Dependency | null => {
    for (const spelling of spellings(file)) {
      const line = lineThatBegins(text, `${spelling}\t`);
      if (line === null) continue;
      const [, name, version] = line.split('\t');
      return { name: name!, version: version || null, system: 'apt' };
    }
    return null;
  };
  return {
    ownerOf(file) {
      let owner = known.get(file);
      if (owner === undefined) {
        owner = find(file);
        known.set(file, owner);
      }
      return owner;
    },
  };
}

/** Halves sorted lines until one is left. */
function lineThatBegins(text: string, start: string): string | null {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const begin = text.lastIndexOf('\n', middle - 1) + 1;
    const found = text.indexOf('\n', middle);
    const end = found < 0 ? text.length : found;
    const line = text.slice(begin, end);
    if (line.startsWith(start)) return line;
    if (line < start) low = end + 1;
    else high = begin;
  }
  return null;
}

async function rpmOwners(files: readonly string[], call: Call): Promise<SystemPackages> {
  const owners = new Map<string, Dependency>();
  // One line a file, in their order; for a file that no package owns rpm says so in a sentence.
  const words = ['-qf', '--queryformat', '%{NAME}\\t%{VERSION}-%{RELEASE}\\n', '--', ...files];
  const lines = ((await outputOf('rpm', words, call)) ?? '').split('\n');
  for (const [at, file] of files.entries()) {
    const [name, version] = lines[at]?.split('\t') ?? [];
    if (name && version) owners.set(file, { name, version, system: 'rpm' });
  }
  return { ownerOf: file => owners.get(file) ?? null };
}
