import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { Problem } from '../../domain/problem.ts';
import { diskProblem } from './disk-problem.ts';
import { drained } from './drained.ts';
import { type Disk, objectFolder } from './object-folder.ts';
import { type Repository, runGit, startGit } from './repository.ts';

export type ObjectType = 'blob' | 'tree' | 'commit';

/** Objects on their way into the repository: none can be counted on before `land`; others can be written after it. */
export interface ObjectWriter {
  /** Answers the object's id. */
  write(type: ObjectType, bytes: Uint8Array): Promise<string>;
  /** @throws Problem NO_SPACE or READ_ONLY; then nothing was named */
  land(): Promise<void>;
}

/** From so many blobs on, one `git fast-import` into a pack is quicker than loose objects (0.1 against 0.5 to 1.4 ms each). */
const manyBlobs = 200;

export function objectWriter(repository: Repository, disk: Disk, unique: () => string): ObjectWriter {
  return repository.objectFormat === 'sha1' ? looseWriter(repository, disk, unique) : gitWriter(repository);
}

/** What writes is loaded at the first write: who only reads does not wait for it. */
function looseWriter({ gitDir }: Repository, disk: Disk, unique: () => string): ObjectWriter {
  const folder = objectFolder(gitDir, disk, unique);
  return {
    async write(type, bytes) {
      looseObjects ??= import('./loose-object.ts');
      const { writeLooseObject } = await looseObjects;
      return writeLooseObject(folder.fs, gitDir, type, bytes);
    },
    async land() {
      try {
        await folder.land();
      } catch (cause) {
        throw diskProblem(cause, `${gitDir}/objects`) ?? cause;
      }
    },
  };
}

let looseObjects: Promise<typeof import('./loose-object.ts')> | null = null;

/** isomorphic-git knows no SHA-256: there the user's git writes, one process an object. */
function gitWriter(repository: Repository): ObjectWriter {
  return {
    async write(type, bytes) {
      try {
        const { stdout } = await runGit(repository, ['hash-object', '-w', '--stdin', '-t', type], { input: bytes });
        return stdout.toString('latin1').trim();
      } catch (cause) {
        throw diskProblem(cause, `${repository.gitDir}/objects`) ?? cause;
      }
    },
    land: () => Promise.resolve(),
  };
}

/** So many bytes at the most may wait for `land`: they are in memory until then. */
const waitingAtMost = 1024 * 1024;

/**
 * Writes blobs and answers their ids, in order. Many or large ones are whole on the disk when this has returned; others land
 * with what else `objects` writes, which spares a turn of the disk.
 * @throws Problem NO_SPACE, READ_ONLY
 */
export async function writeBlobs(
  repository: Repository,
  contents: readonly Uint8Array[],
  objects: ObjectWriter,
): Promise<string[]> {
  if (contents.length >= manyBlobs) return importBlobs(repository, contents);
  const ids = await Promise.all(contents.map(bytes => objects.write('blob', bytes)));
  if (contents.reduce((size, { length }) => size + length, 0) > waitingAtMost) await objects.land();
  return ids;
}

async function importBlobs(repository: Repository, contents: readonly Uint8Array[]): Promise<string[]> {
  const ids = contents.map(bytes =>
    createHash(repository.objectFormat).update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
  );
  const child = startGit(repository, ['fast-import', '--quiet']);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4096);
  });
  child.stdout.resume();
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => resolve(code ?? 128));
  });
  const feed = async () => {
    for (const bytes of contents) {
      child.stdin.write(`blob\ndata ${bytes.length}\n`);
      child.stdin.write(bytes);
      child.stdin.write('\n');
      await drained(child.stdin);
    }
    child.stdin.end();
  };
  const [code] = await Promise.all([ended, feed()]);
  if (code !== 0) {
    // It leaves a report and, on a full disk, the unfinished pack.
    const litter = [`${repository.gitDir}/fast_import_crash_${child.pid}`, /'([^'\n]*\/tmp_pack_\w+)'/.exec(said)?.[1]];
    for (const path of litter) if (path !== undefined) await unlink(path).catch(() => {});
    const cause = new Problem('GIT_FAILED', `git fast-import failed (exit ${code}): ${said.trim()}`);
    throw diskProblem(cause, `${repository.gitDir}/objects`) ?? cause;
  }
  return ids;
}
