import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { onDisk } from '../files/on-disk.ts';
import { tarEntries } from './tar-entries.ts';

/** What an OCI archive (image-spec, "Image Layout", in a tar) holds. */
export interface OciArchive {
  /** Digest of the image's manifest: its identity. */
  readonly manifest: string;
  /** Digest of its configuration, by which podman knows the image. */
  readonly config: string;
}

/** Largest index, manifest or configuration that is read, in bytes; and how much of them in all. */
const largest = 4 * 1024 ** 2;
const most = 64 * 1024 ** 2;

/**
 * Reads an archive in one pass and proves that each of its blobs has the digest that it is named by, so that the
 * manifest's digest stands for all of it.
 * @throws Problem NOT_FOUND, UNREADABLE, INVALID where it is no OCI archive of one image, DAMAGED where a blob is another
 */
export async function readOciArchive(file: string): Promise<OciArchive> {
  const small = new Map<string, Buffer>();
  const blobs = new Set<string>();
  let left = most;
  for await (const entry of tarEntries(readable(file))) {
    if (entry.kind !== 'file') continue;
    const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(entry.path)?.[1];
    if (hex === undefined && entry.path !== 'index.json') continue;
    const hash = createHash('sha256');
    const chunks: Buffer[] = [];
    let keep = entry.size <= Math.min(largest, left);
    for await (const chunk of entry.content()) {
      hash.update(chunk);
      // Only JSON is read; small layers, of which there may be many, are none.
      if (chunks.length === 0) keep &&= chunk[0] === 0x7b;
      if (keep) chunks.push(Buffer.from(chunk));
    }
    if (keep) {
      small.set(entry.path, Buffer.concat(chunks));
      left -= entry.size;
    }
    if (hex === undefined) continue;
    if (hash.digest('hex') !== hex) {
      throw new Problem('DAMAGED', `${file} is damaged: its blob sha256:${hex} has other bytes. Nothing was run.`);
    }
    blobs.add(`sha256:${hex}`);
  }
  const no = (because: string) =>
    new Problem(
      'INVALID',
      `${file} is no OCI archive of one image: ${because}. \`podman save --format oci-archive\` writes one; docker does from version 25 on.`,
    );
  const index = json(small.get('index.json')) as { manifests?: { digest?: string }[] } | null;
  if (index === null) throw no('it has no index.json');
  const manifests = index.manifests ?? [];
  const manifest = manifests[0]?.digest;
  if (manifests.length !== 1 || manifest === undefined) throw no(`its index names ${manifests.length} images`);
  const content = json(small.get(`blobs/${manifest.replace(':', '/')}`)) as {
    config?: { digest?: string };
    layers?: { digest?: string }[];
  } | null;
  const config = content?.config?.digest;
  if (!content || config === undefined) throw no('the manifest that its index names is missing, or of another kind');
  for (const digest of [config, ...(content.layers ?? []).map(layer => layer.digest)]) {
    if (digest === undefined || !blobs.has(digest)) throw no(`the blob ${digest} of its image is missing`);
  }
  return { manifest, config };
}

async function* readable(file: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) yield chunk as Buffer;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw code === 'ENOENT'
      ? new Problem('NOT_FOUND', `the image's archive ${file} is not there: put it back, or build anew.`, { cause })
      : new Problem('UNREADABLE', `the image's archive ${file} cannot be read: ${message}.`, { cause });
  }
}

function json(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) return null;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

/** Not by Node's own `recursive`, which never ends where a system says of a folder's child that it has no parent (/proc, autofs). */
async function makeFolder(path: string): Promise<void> {
  const made = () =>
    mkdir(path).then(
      () => true,
      (cause: NodeJS.ErrnoException) => {
        if (cause.code === 'EEXIST') return true;
        if (cause.code === 'ENOENT') return false;
        throw cause;
      },
    );
  if (await made()) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  if (!(await made())) throw new Problem('NOT_FOUND', `the folder ${path} cannot be made: name another place.`);
}

/**
 * Has an archive written beside its place and put there once it is whole.
 * @throws Problem REFUSED where there is a file already
 */
export async function placeArchive<T>(file: string, write: (partial: string) => Promise<T>): Promise<T> {
  if (
    await access(file).then(
      () => true,
      () => false,
    )
  ) {
    throw new Problem('REFUSED', `${file} is there already, and a record may name it: give another name.`);
  }
  const partial = `${file}.${process.pid}.partial`;
  try {
    return await onDisk(`the archive ${file}`, async () => {
      await makeFolder(dirname(file));
      const answer = await write(partial);
      await rename(partial, file);
      return answer;
    });
  } finally {
    await rm(partial, { force: true });
  }
}
