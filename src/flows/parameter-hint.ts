import { patchPath } from '../domain/branch-layout.ts';
import type { Configuration, RecordAtom } from '../domain/generated/shapes.ts';
import type { UserGit } from '../domain/user-git.ts';
import type { Snapshot } from '../store/record-store.ts';

/** Endings that parameter files have by custom. */
const parameterFile = /\.(?:param|params|par|prm|ini|cfg|conf|toml|ya?ml|json|nml|in|inp|input|dat|csv|txt|xml)$/i;

/**
 * Where nothing is configured and two runs' sources differ only in files that look like parameter files: the line that
 * makes them inputs (design, section 4). Null where that is not so, or cannot be told in this clone.
 */
export async function parameterHint(
  git: UserGit,
  tip: Snapshot,
  from: RecordAtom,
  toward: RecordAtom,
  configuration: Configuration,
): Promise<string | null> {
  if ((configuration.inputs ?? []).length > 0) return null;
  const paths = await differingPaths(git, tip, from, toward);
  if (paths === null || paths.length === 0 || !paths.every(path => parameterFile.test(path))) return null;
  const globs = [...new Set(paths.map(path => (path.includes('/') ? path : path.replace(/^.*(?=\.[^.]+$)/, '*'))))];
  const line = `inputs: [${globs.map(glob => `'${glob.replaceAll("'", "''")}'`).join(', ')}]`;
  return `the sources differ only in ${paths.join(', ')}, which ${paths.length === 1 ? 'looks like a parameter file' : 'look like parameter files'}. With \`${line}\` in corroborate.yml another one would be another input, and not another source.`;
}

/** Paths that are in another state in the one source than in the other; null where a commit is not here. */
async function differingPaths(
  git: UserGit,
  tip: Snapshot,
  from: RecordAtom,
  toward: RecordAtom,
): Promise<string[] | null> {
  const commits = [toward, from].map(record => record.program.version_control.commit);
  const { code, stdout } = await git.run(['diff-tree', '-r', '-z', '--name-only', '--no-renames', ...commits], {
    accept: [128],
  });
  if (code !== 0) return null;
  const paths = new Set(
    stdout
      .toString('utf8')
      .split('\0')
      .filter(path => path !== ''),
  );
  for (const record of [from, toward]) {
    const patch = record.program.version_control.dirty ? await tip.read(patchPath(record.id)) : null;
    const text = patch ? Buffer.from(patch).toString('utf8') : '';
    for (const match of text.matchAll(/^diff --git a\/(.*) b\/\1$/gm)) paths.add(match[1]!);
    // What one run read as an input is no source of it, but may be source of the other.
    for (const input of record.inputs) paths.add(input.path);
  }
  const bothInputs = new Set(
    from.inputs.map(input => input.path).filter(path => toward.inputs.some(input => input.path === path)),
  );
  const outputs = new Set([...from.outputs, ...toward.outputs].map(output => output.path));
  return [...paths]
    .filter(
      path => !bothInputs.has(path) && !outputs.has(path) && path !== 'corroborate.yml' && !path.startsWith('.github/'),
    )
    .sort();
}
