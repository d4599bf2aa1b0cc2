import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { onDisk } from '../files/on-disk.ts';
import type { ContainerEngine } from './container-engine.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

/** A program in a folder of programs of an image. */
export interface ImageProgram {
  readonly executable: boolean;
  /** Of a symlink: the absolute path in the image that it leads to; then it has no digest. */
  readonly target: string | null;
  readonly sha256: string | null;
}

/**
 * What an image says of itself: read once, in one pass over its files, and kept by its digest, which fixes it. Beside it
 * stands `root`, a folder with the few files of the image that tell which packages are in it.
 */
export interface ImagePapers {
  readonly architecture: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Where /etc/localtime leads; null where it leads nowhere, which is UTC. */
  readonly localtime: string | null;
  /** By absolute path: what stands in folders named bin or sbin. */
  readonly programs: Readonly<Record<string, ImageProgram>>;
  /** Symlinks to anything else than a program: where each leads, as an absolute path in the image. */
  readonly links: Readonly<Record<string, string>>;
  /** Why its files could not be looked at; null where they were. */
  readonly unread: string | null;
}

export interface KeptPapers extends ImagePapers {
  readonly root: string;
}

const program = /^(?:.*\/)?s?bin\/[^/]+$/;
/** Files that tell of packages, of the system, and nothing else. */
const kept =
  /^(?:(?:etc|usr\/lib)\/os-release|var\/lib\/dpkg\/(?:status|status\.d\/[^/]+|info\/[^/]+\.list))$|(?:^|\/)(?:[^/]+\.(?:dist|egg)-info\/(?:METADATA|PKG-INFO|RECORD|SOURCES\.txt|top_level\.txt|installed-files\.txt|namespace_packages\.txt|direct_url\.json)|[^/]+\.egg-info|EGG-INFO\/[^/]+|conda-meta\/[^/]+\.json|(?:site|dist)-packages\/[^/]+\.pth|node_modules\/(?:.*\/)?package\.json)$/;
/** Largest file that is kept, in bytes; and how much of them in all. */
const largest = 16 * 1024 ** 2;
const most = 512 * 1024 ** 2;
/** A change of what is kept changes this, so that older papers are read anew. */
const edition = 1;

/**
 * @param image as the engine knows it
 * @param digest the image's own, by which its papers are kept
 * @param folder for papers; shared by runs at the same time
 * @param onRead is called before the image is read, which takes a second for every few hundred MB: it sees to it that
 *   the engine has the image
 */
export async function readImagePapers(
  engine: ContainerEngine,
  image: string,
  digest: string,
  folder: string,
  onRead: () => Promise<void> = async () => {},
): Promise<KeptPapers> {
  const place = join(folder, `${digest.replace(/^sha256:/, '')}-${edition}`);
  const root = join(place, 'root');
  const known = await readFile(join(place, 'papers.json'), 'utf8').catch(() => null);
  if (known !== null) return { ...(JSON.parse(known) as ImagePapers), root };
  await onRead();
  return onDisk(`what an image holds, in ${folder},`, () => read(engine, image, folder, place));
}

async function read(engine: ContainerEngine, image: string, folder: string, place: string): Promise<KeptPapers> {
  const root = join(place, 'root');
  await mkdir(folder, { recursive: true });
  const passing = await mkdtemp(join(folder, 'reading-'));
  try {
    const facts = await engine.inspect(image);
    const tree = await readTree(engine, image, join(passing, 'root'));
    const papers: ImagePapers = {
      architecture: facts?.architecture ?? '',
      variables: Object.fromEntries((facts?.environment ?? []).map(splitVariable)),
      ...tree,
    };
    await writeFile(join(passing, 'papers.json'), JSON.stringify(papers));
    // What could not be read now may be at the next time.
    if (papers.unread !== null) return { ...papers, root };
    await rename(passing, place).catch(async cause => {
      // Another run was quicker, with the same.
      if (!['ENOTEMPTY', 'EEXIST'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    });
    return { ...papers, root };
  } finally {
    await rm(passing, { recursive: true, force: true });
  }
}

type Tree = Pick<ImagePapers, 'localtime' | 'programs' | 'links' | 'unread'>;

async function readTree(engine: ContainerEngine, image: string, root: string): Promise<Tree> {
  const programs: Record<string, ImageProgram> = {};
  const links: Record<string, string> = {};
  const { stream, done } = engine.files(image);
  const ended = done.then(
    () => null,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  );
  let left = most;
  await mkdir(root, { recursive: true });
  for await (const entry of tarEntries(stream)) {
    const path = posix.normalize(`/${entry.path}`);
    if (program.test(entry.path) && entry.kind !== 'folder') programs[path] = await programOf(entry, path);
    else if (entry.kind === 'symlink') links[path] = leadsTo(entry, path);
    else if (entry.kind === 'file' && kept.test(entry.path) && entry.size <= Math.min(largest, left)) {
      left -= entry.size;
      const content = await wholly(entry);
      try {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), content);
      } catch (cause) {
        // A path that is too long where ours is added, or is another's folder where capitals count for nothing.
        if (!['ENAMETOOLONG', 'ENOTDIR', 'EEXIST', 'EISDIR'].includes((cause as NodeJS.ErrnoException).code ?? ''))
          throw cause;
      }
    }
  }
  const unread = await ended;
  return { programs, links, localtime: links['/etc/localtime'] ?? null, unread };
}

async function programOf(entry: TarEntry, path: string): Promise<ImageProgram> {
  if (entry.kind === 'symlink') return { executable: true, target: leadsTo(entry, path), sha256: null };
  if (entry.kind === 'link') return { executable: true, target: posix.normalize(`/${entry.target}`), sha256: null };
  const hash = createHash('sha256');
  for await (const chunk of entry.content()) hash.update(chunk);
  return { executable: (entry.mode & 0o111) !== 0, target: null, sha256: hash.digest('hex') };
}

function leadsTo(entry: TarEntry, path: string): string {
  return posix.resolve(posix.dirname(path), entry.target);
}

async function wholly(entry: TarEntry): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry.content()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function splitVariable(variable: string): [string, string] {
  const equals = variable.indexOf('=');
  return equals < 0 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)];
}
