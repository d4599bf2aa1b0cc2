import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { download, isWebAddress } from '../../machine/files/download.ts';
import { cleanUpWhenStopped } from '../../machine/process/preparation-signals.ts';

interface ArchiveWorld {
  readonly temporaryFolder: string;
  readonly progress: (doing: string, done: number, of: number | null) => void;
}

const mebibyte = 1024 ** 2;

/**
 * Does the work with the image's archive as a file of this machine: one that is on the web, as an asset of a release say,
 * is fetched for it and removed afterwards. Its digest is proved by whoever takes the image out of it.
 * @param archive a path, an address on the web, or null for none
 * @throws Problem as `download`, and then nothing is left behind
 */
export async function withArchive<Result>(
  { temporaryFolder, progress }: ArchiveWorld,
  archive: string | null,
  work: (file: string | null) => Promise<Result>,
): Promise<Result> {
  if (archive === null || !isWebAddress(archive)) return work(archive);
  const folder = mkdtempSync(join(temporaryFolder, 'corroborate-archive-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const release = cleanUpWhenStopped(remove);
  try {
    // An image of apptainer's is told by its name.
    const file = join(folder, /\.sif$/i.test(new URL(archive).pathname) ? 'image.sif' : 'image.tar');
    await download(archive, file, (done, of) =>
      progress('MiB of the image fetched', Math.round(done / mebibyte), of && Math.round(of / mebibyte)),
    );
    release();
    return await work(file);
  } finally {
    release();
    remove();
  }
}
