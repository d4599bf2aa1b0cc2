import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why there is no image with numpy; null where it can be made. */
export const noNumpyImage: string | null = !process.env.CORROBORATE_NUMPY_IMAGE
  ? 'CORROBORATE_NUMPY_IMAGE=1 asks for it (a minute, once)'
  : process.getuid?.() !== 0 || spawnSync('debootstrap', ['--version']).status !== 0
    ? 'it needs debootstrap, and root'
    : null;

/** What can be left out of an image that only runs Python. */
const left = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/cache/apt', 'var/lib/apt/lists'];

/**
 * A Debian with python3 and numpy as a tar of its files: made once by debootstrap (44 s, 175 MB) and kept in the
 * temporary folder, outside of any repository.
 */
export function numpyRootfs(): string {
  const folder = join(tmpdir(), 'corroborate-numpy-image');
  const file = join(folder, 'rootfs.tar');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const root = join(folder, `root-${process.pid}`);
  const passing = join(folder, `rootfs-${process.pid}.tar`);
  try {
    run('debootstrap', ['--variant=minbase', '--include=python3-minimal,python3-numpy', 'bookworm', root]);
    for (const path of left) rmSync(join(root, path), { recursive: true, force: true });
    run('tar', ['-cf', passing, '-C', root, '.']);
    renameSync(passing, file);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return file;
}

function run(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program}: ${stdout.slice(-2000)}${stderr.slice(-2000)}`);
}
