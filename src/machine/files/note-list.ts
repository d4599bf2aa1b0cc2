import { Problem } from '../../domain/problem.ts';
import { withUnicodeClasses } from '../../domain/unicode-classes.ts';

/** As many names as one note shows; the rest is counted. */
const shown = 100;

/**
 * Notes for a record, one sentence for each kind of trouble with the files that it met: a run with 10,000 unreadable
 * files gets one note.
 */
export class NoteList {
  readonly #items = new Map<string, string[]>();

  /** @param about a sentence without its end, which the names follow: `could not be read (permission denied)` */
  add(about: string, name?: string): void {
    const names = this.#items.get(about) ?? [];
    if (name !== undefined) names.push(name);
    this.#items.set(about, names);
  }

  all(): string[] {
    return [...this.#items].map(([about, names]) => {
      if (names.length === 0) return about;
      const rest = names.length > shown ? ` and ${names.length - shown} more` : '';
      return `${about}: ${names.slice(0, shown).map(shorten).join(', ')}${rest}`;
    });
  }
}

const plainName = withUnicodeClasses(String.raw`^[\p{L}\p{N}\p{M}._/@%+=~:-]+$`);

/** A name as a note shows it: quoted where it holds anything but plain characters. */
export function quoteName(name: string): string {
  return plainName(name).test(name) ? name : JSON.stringify(name);
}

/** Bytes that are no UTF-8, written as `\xe9`. */
export function escapeBytes(name: Buffer): string {
  const text = name.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(name)) return quoteName(text);
  return `"${name.toString('latin1').replace(/[^\x20-\x7e]|["\\]/g, letter => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}

function shorten(name: string): string {
  return name.length > 600 ? `${name.slice(0, 600)}…` : name;
}

const words: Readonly<{ [code: string]: string }> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'it is not there any more',
  ENOTDIR: 'it is not there any more',
  ESTALE: 'it is not there any more',
  EIO: 'the disk answered with an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ELOOP: 'it is a link',
  ERR_FS_FILE_TOO_LARGE: 'it is too large to be held in memory',
  ENAMETOOLONG: 'its name is too long',
};

export function codeOf(error: unknown): string {
  if (error instanceof Problem) return codeOf(error.cause);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : 'unknown error';
}

/** Why a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = codeOf(error);
  return words[code] ?? code;
}
