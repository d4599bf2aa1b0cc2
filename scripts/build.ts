// Bundles the command into lib/: few files to load keep its start-up near that of node itself. As CommonJS, which node
// loads 11 ms sooner than the same as ES modules.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type ChunkingContext } from 'rolldown';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const top = join(import.meta.dirname, '..');
const folder = join(top, 'lib');

const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };

/**
 * What every command needs is one file, with `run` itself, and what `run` loads while git looks at the repository is
 * another: each file that is loaded takes 0.3 ms.
 */
const groups: readonly (readonly [name: string, roots: readonly string[]])[] = [
  ['main', ['doors/cli/main.ts', 'doors/cli/parse.ts', 'doors/cli/run.ts']],
  ['record-run', ['flows/record-run.ts', 'flows/recover-runs.ts']],
];
/** What the answer to --version needs stands by itself. */
const entry = new Set(['doors/cli/corroborate.ts', 'doors/cli/start-up.ts'].map(path => join(top, 'src', path)));

function groupOf(id: string, context: ChunkingContext): string | null {
  return groups.find(([, roots]) => closureOf(roots, context).has(id))?.[0] ?? null;
}

/** These modules and all that they import, but for what is imported only once it is needed. */
function closureOf(roots: readonly string[], context: ChunkingContext): ReadonlySet<string> {
  const all = new Set(roots.map(path => join(top, 'src', path)));
  for (const id of all) {
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) if (!entry.has(imported)) all.add(imported);
  }
  return all;
}

rmSync(folder, { recursive: true, force: true });
const { output } = await build({
  input: { corroborate: join(top, 'src/doors/cli/corroborate.ts') },
  platform: 'node',
  preserveEntrySignatures: 'allow-extension',
  // An optional package of 4 MB: who compares HDF5 files installs it beside.
  external: ['h5wasm'],
  transform: { target: 'node20', define: { __VERSION__: JSON.stringify(version) } },
  output: {
    dir: folder,
    format: 'cjs',
    minify: true,
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: groupOf, debugName: 'start' }], includeDependenciesRecursively: false },
    banner: chunk => (chunk.isEntry ? '#!/usr/bin/env node' : ''),
  },
  logLevel: 'warn',
});
chmodSync(join(folder, 'corroborate.js'), 0o755);
writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');

const modules = output.flatMap(part => (part.type === 'chunk' ? part.moduleIds : []));
writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(top, modules));
