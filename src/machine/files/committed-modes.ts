import { chmod, lstat, readdir } from 'node:fs/promises';

/**
 * Gives every file below a folder the mode that git has for it, 755 or 644, whatever the umask of whoever wrote it there:
 * what is made of the files is then the same for everybody, and can be read by everybody.
 */
export async function giveCommittedModes(folder: string | Buffer): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) {
    const path = Buffer.concat([Buffer.from(folder), Buffer.from('/'), entry.name]);
    if (entry.isDirectory()) {
      await chmod(path, 0o755);
      await giveCommittedModes(path);
    } else if (entry.isFile()) {
      const { mode } = await lstat(path);
      await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
    }
  }
}
