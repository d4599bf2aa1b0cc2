import { hasForeignFormats } from '../process/executable.ts';

/** Go's names for processors, as images have them, by Node's. */
const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm' };

/** This machine's processor as images name it. */
function thisProcessor(): string {
  return names[process.arch] ?? process.arch;
}

/** Whether this machine runs programs of that processor, by itself or since it was taught to (binfmt_misc, a Mac). */
export function emulates(architecture: string): boolean {
  if (architecture === thisProcessor()) return true;
  return process.platform === 'darwin' || hasForeignFormats();
}
