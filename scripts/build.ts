// Bundles the command and the App into lib/. The command is few files, since each that is loaded takes time at its
// start, and CommonJS, which node loads 11 ms sooner than the same as ES modules; the App's are ES modules.
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type ChunkingContext, type InputOptions, type OutputOptions } from 'rolldown';
import { loadableScript } from './loadable-script.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const top = join(import.meta.dirname, '..');
const folder = join(top, 'lib');

const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };

const doors = join(top, 'src/doors');
/** The command's start-up is not to load anything of the App's: each has a bundle of its own. */
const commandLine = { main: join(doors, 'cli/main.ts') };
/** What the answer to --version needs stands by itself, with what loads the rest. */
const entry = { corroborate: join(doors, 'cli/corroborate.ts') };
const app = {
  'corroborate-app': join(doors, 'app/corroborate-app.ts'),
  app: join(doors, 'app/app.ts'),
  'judging-thread': join(doors, 'app/judging-thread.ts'),
};
const notNeeded = join(top, 'src/store/git-store/not-in-the-bundle.ts');
const programs = ['corroborate', 'corroborate-app'];

/**
 * Files that are loaded together, since each that is loaded takes 0.3 ms: what asks git where a run is, what takes git
 * as long, which most commands need, and what else a run needs.
 */
const groups: readonly (readonly [name: string, roots: readonly string[]])[] = [
  ['main', ['doors/cli/main.ts', 'doors/cli/parse.ts', 'doors/cli/run.ts']],
  ['clone', ['doors/cli/clone.ts']],
  ['recorded-run', ['doors/cli/recorded-run.ts']],
];

function groupOf(id: string, context: ChunkingContext): string | null {
  return groups.find(([, roots]) => closureOf(roots, context).has(id))?.[0] ?? null;
}

/** These modules and all that they import, but for what is imported only once it is needed. */
function closureOf(roots: readonly string[], context: ChunkingContext): ReadonlySet<string> {
  const all = new Set(roots.map(path => join(top, 'src', path)));
  for (const id of all) {
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) all.add(imported);
  }
  return all;
}

async function bundle(
  input: Readonly<Record<string, string>>,
  output: OutputOptions,
  more: Omit<InputOptions, 'input'> = {},
  define: Readonly<Record<string, string>> = {},
) {
  const made = await build({
    input,
    platform: 'node',
    // An optional package of 4 MB: who compares HDF5 files installs it beside.
    external: ['h5wasm'],
    transform: { target: 'node20', define: { __VERSION__: JSON.stringify(version), ...define } },
    output: {
      dir: folder,
      minify: true,
      banner: chunk => (programs.includes(chunk.name) ? '#!/usr/bin/env node' : ''),
      ...output,
    },
    logLevel: 'warn',
    ...more,
  });
  return made.output.flatMap(part => (part.type === 'chunk' ? part.moduleIds : []));
}

/** Tells what is built from any other build. */
function digestOf(folder: string): string {
  const digest = createHash('sha256');
  for (const name of readdirSync(folder).sort()) digest.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return digest.digest('hex').slice(0, 16);
}

rmSync(folder, { recursive: true, force: true });
const ofCommand = await bundle(
  commandLine,
  {
    format: 'cjs',
    chunkFileNames: '[name].js',
    codeSplitting: { groups: [{ name: groupOf, debugName: 'start' }], includeDependenciesRecursively: false },
  },
  {
    preserveEntrySignatures: 'allow-extension',
    resolve: { alias: Object.fromEntries(['pako', 'sha.js/sha1.js', 'crc-32'].map(name => [name, notNeeded])) },
  },
);
for (const name of readdirSync(folder)) {
  const path = join(folder, name);
  writeFileSync(path, loadableScript(name, readFileSync(path, 'utf8')));
}
await bundle(entry, { format: 'cjs' }, {}, { __BUILD__: JSON.stringify(digestOf(folder)) });
const ofApp = await bundle(
  app,
  { format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: 'app-[name].mjs' },
  {
    resolve: { alias: { 'npx-import-light': join(doors, 'app/no-downloads.ts') } },
    // Throttling by Redis, which the App has no use for, looks for its client so.
    checks: { eval: false },
  },
);
for (const program of ['corroborate.js', 'corroborate-app.mjs']) chmodSync(join(folder, program), 0o755);
writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(top, [...ofCommand, ...ofApp]));
