/** Names that Windows gives to devices, whatever ending follows them. */
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

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
    // git itself refuses these, with the characters that HFS+ ignores and the short name that NTFS gives.
    const plain = part
      .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '')
      .replace(/[ .]+$/, '')
      .toLowerCase();
    if (plain === '.git' || plain === 'git~1' || plain.startsWith('.git:')) return 'it holds .git';
    if (deviceName.test(part)) return `${part} is a device name on Windows`;
  }
  return null;
}

/** Names that would meet on a file system that ignores case or folds Unicode; one list for each such meeting. */
export function collidingPaths(paths: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const folded = path.normalize('NFC').toLowerCase();
    const group = groups.get(folded);
    if (group) group.push(path);
    else groups.set(folded, [path]);
  }
  return [...groups.values()].filter(group => group.length > 1);
}
