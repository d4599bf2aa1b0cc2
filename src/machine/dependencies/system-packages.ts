import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
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
  const file = cache === null ? null : join(cache, 'debian-programs.txt');
  const kept = file === null ? null : await readFile(file, 'utf8').catch(() => null);
  if (kept?.startsWith(`${key}\n`) && kept.endsWith('\n.\n')) return debianPackages(kept, debian);
  const found = await debianLines(['-e', '\\.so', '-e', '/s*bin/'], call, debian);
  if (file !== null) await keep(file, `${key}\n${found}\n.\n`);
  return debianPackages(found, debian);
}

/** Whole or not at all, since runs at the same time share the cache. A cache that cannot be written is no loss. */
async function keep(file: string, text: string): Promise<void> {
  const passing = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(passing, text);
    await rename(passing, file);
  } catch {
    await rm(passing, { force: true }).catch(() => {});
  }
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
    const lines = await debianLines(['-x', '-F', '-f', '-'], { ...call, input: asked.join('\n') }, place);
    return debianPackages(lines, place);
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

async function debianLines(words: readonly string[], call: Call, { lists }: Debian): Promise<string> {
  return (await outputOf('grep', ['-r', '--include=*.list', ...words, lists], call)) ?? '';
}

/** From lines like `/var/lib/dpkg/info/libc6:amd64.list:/lib/x86_64-linux-gnu/libm.so.6`. */
async function debianPackages(lines: string, place: Debian): Promise<SystemPackages> {
  const status = await readFile(place.status, 'utf8');
  const packages = new Map<string, string>();
  for (const line of lines.split('\n')) {
    const end = line.indexOf('.list:/');
    if (end > 0) packages.set(line.slice(end + '.list:'.length), line.slice(place.lists.length + 1, end));
  }
  const known = new Map<string, Dependency | null>();
  const ownerOf = (file: string): Dependency | null => {
    const owner = spellings(file)
      .map(spelling => packages.get(spelling))
      .find(it => it !== undefined);
    if (owner === undefined) return null;
    const [name = owner, architecture] = owner.split(':');
    return { name, version: debianVersion(status, name, architecture), system: 'apt' };
  };
  return {
    ownerOf(file) {
      let owner = known.get(file);
      if (owner === undefined) {
        owner = ownerOf(file);
        known.set(file, owner);
      }
      return owner;
    },
  };
}

/** From the text of dpkg's status file; a package may be installed for several architectures. */
function debianVersion(status: string, name: string, architecture: string | undefined): string | null {
  const start = `Package: ${name}\n`;
  for (let at = status.indexOf(start); at >= 0; at = status.indexOf(start, at + 1)) {
    if (at > 0 && status[at - 1] !== '\n') continue;
    const end = status.indexOf('\n\n', at);
    const paragraph = status.slice(at, end < 0 ? undefined : end);
    if (architecture && !paragraph.includes(`\nArchitecture: ${architecture}\n`)) continue;
    return /^Version: (.+)$/m.exec(paragraph)?.[1] ?? null;
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
