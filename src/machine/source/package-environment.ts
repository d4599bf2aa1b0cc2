import { existsSync } from 'node:fs';

/** Folders that package managers fill; what stands in them is a dependency and not source (design, section 4). */
const environmentFolders: ReadonlySet<string> = new Set([
  'site-packages',
  'dist-packages',
  '.venv',
  'node_modules',
  '__pycache__',
  '.tox',
  '.nox',
  '.pixi',
]);

/** Whether a folder holds packages: by its name, or as the root of a Python (`pyvenv.cfg`) or conda environment. */
export function isPackageEnvironment(folder: Buffer, name: string): boolean {
  return (
    environmentFolders.has(name) ||
    existsSync(Buffer.concat([folder, Buffer.from('/pyvenv.cfg')])) ||
    existsSync(Buffer.concat([folder, Buffer.from('/conda-meta')]))
  );
}
