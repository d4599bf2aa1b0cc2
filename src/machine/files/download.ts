import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { Problem } from '../../domain/problem.ts';

/** Whether a word is an address on the web, and no path. */
export function isWebAddress(word: string): boolean {
  return /^https?:\/\//i.test(word);
}

/**
 * Writes what is at an address on the web to a file that is not there yet. Whose bytes they are nobody has proved:
 * whoever takes them must, by their digest.
 * @param progress bytes written so far, and in all where the server says it
 * @throws Problem USAGE for what is no address, REFUSED where there is such a file, NOT_FOUND, REMOTE_FAILED, UNREACHABLE,
 *   NO_SPACE; then nothing was written
 */
export async function download(
  address: string,
  file: string,
  progress: (done: number, of: number | null) => void,
): Promise<void> {
  const shown = shownAddress(address);
  const response = await fetch(address).catch((cause: unknown) => {
    throw unreachable(shown, cause);
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    const isNowhere = response.status === 404 || response.status === 410;
    throw new Problem(
      isNowhere ? 'NOT_FOUND' : 'REMOTE_FAILED',
      `${shown} answered with status ${response.status}${isNowhere ? ': there is no such file, or not for everybody' : ''}. Fetch it by other means, and name the file.`,
    );
  }
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const of = Number.isSafeInteger(length) && length > 0 ? length : null;
  let done = 0;
  const source = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
  source.on('data', (chunk: Uint8Array) => {
    done += chunk.length;
    progress(done, of);
  });
  try {
    await pipeline(source, createWriteStream(file, { flags: 'wx' }));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new Problem('REFUSED', `${file} is there already, so ${shown} was not fetched.`, { cause });
    await rm(file, { force: true });
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new Problem(
        'NO_SPACE',
        `${shown} has no room in ${file}: ${message}. Make some, or name another folder in TMPDIR.`,
        { cause },
      );
    }
    throw unreachable(shown, cause);
  }
}

/** Without a password that may stand in it. */
function shownAddress(address: string): string {
  if (!URL.canParse(address)) throw new Problem('USAGE', `${address} is no address on the web: write it as https://…`);
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') {
    throw new Problem(
      'USAGE',
      `the address at ${url.host} holds a name or a password, which is not sent: fetch the file by other means, and name it.`,
    );
  }
  return `${url.origin}${url.pathname}`;
}

function unreachable(shown: string, cause: unknown): Problem {
  const why = (cause as { cause?: unknown }).cause ?? cause;
  const said = why instanceof Error ? why.message : String(why);
  return new Problem(
    'UNREACHABLE',
    `${shown} could not be fetched: ${said}. Try again, or fetch it by other means and name the file.`,
    { cause },
  );
}
