/**
 * What interpreters, editors, batch systems and file systems leave behind, in any folder: never an output, never
 * matched by a glob (design, section 8). By name of the file or folder.
 */
const litter =
  /^(?:\.git|__pycache__|.*\.py[co]|\.ipynb_checkpoints|slurm-.*\.out|\.(?:pytest|mypy|ruff)_cache|\..*\.sw[a-p]|.*~|\.#.*|#.*#|\.DS_Store|\._.*|\.AppleDouble|\.Spotlight-V100|\.Trashes|\.Trash-\d+|Thumbs\.db|desktop\.ini|\.nfs[0-9a-f]+|\.fuse_hidden.*|\.idea|\.vscode|\.directory|\.corroborate-clock-.*)$/s;

/** Package environments: what is in them is a dependency (design, section 4). */
const environment = /^(?:site-packages|\.venv|node_modules)$/;
/** What stands in the top folder of an environment of another name. */
const environmentSign: ReadonlySet<string> = new Set(['pyvenv.cfg', 'conda-meta']);

export function isLitter(name: string): boolean {
  return litter.test(name);
}

export function isEnvironmentFolder(name: string): boolean {
  return environment.test(name);
}

export function marksEnvironment(name: string): boolean {
  return environmentSign.has(name);
}
