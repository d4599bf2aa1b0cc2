/** Names that Windows gives to devices, whatever ending follows them. */
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:[.:]|$)/i;
/** What git itself refuses: its own folder, the short name that NTFS gives it, and a stream of either. */
const gitFolder = /^(?:\.git|git~1)[ .]*(?:$|:)/i;
/** Characters that HFS+ ignores in names. */
const ignoredCharacters = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/**
 * Why a path must not be stored or read back, or null where it is safe on every system: relative, forward slashes,
 * no empty, `.` or `..` part, nothing that git or Windows would take for something else.
 */
export function whyUnsafe(path: string): string | null {
  if (path === '') return 'it is empty';
  if (path.length > 4096) return 'it is longer than 4096 characters';
  if (path.includes('\0')) return 'it holds a NUL character';
  if (path.startsWith('/')) return 'it is absolute';
  if (/^[A-Za-z]:/.test(path)) return 'it names a Windows drive';
  if (path.includes('\\')) return 'it holds a backslash, which Windows reads as a folder';
  if (/[\ud800-\udfff]/u.test(path)) return 'it holds half a surrogate pair';
  for (const part of path.split('/')) {
    if (part === '') return 'it holds an empty part';
    if (part === '.' || part === '..') return `it holds ${part}`;
    if (new TextEncoder().encode(part).length > 255) return 'a part of it is longer than 255 bytes';
    if (/^[. ]+$/.test(part)) return `it holds ${JSON.stringify(part)}, which Windows takes for another folder`;
    if (gitFolder.test(part.replace(ignoredCharacters, ''))) return 'it holds .git';
    if (deviceName.test(part)) return `${part} is a device name on Windows`;
  }
  return null;
}

/** Names that would meet on a file system that ignores case or folds Unicode; one list for each such meeting. */
export function collidingPaths(paths: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    // Upper and then lower case also folds letters such as ß and ſ.
    const folded = path.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
    const group = groups.get(folded);
    if (group) group.push(path);
    else groups.set(folded, [path]);
  }
  return [...groups.values()].filter(group => group.length > 1);
}
