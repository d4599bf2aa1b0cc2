// Bundles the command and the App into lib/: one file to load keeps the command's start-up near that of node itself.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const top = join(import.meta.dirname, '..');
const folder = join(top, 'lib');

const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };

const doors = join(top, 'src/doors');
/** The command's start-up is not to load anything of the App's: each has a bundle of its own. */
const commandLine = { corroborate: join(doors, 'cli/corroborate.ts') };
const app = {
  'corroborate-app': join(doors, 'app/corroborate-app.ts'),
  app: join(doors, 'app/app.ts'),
  'judging-thread': join(doors, 'app/judging-thread.ts'),
};
const programs = ['corroborate', 'corroborate-app'];

async function bundle(input: Readonly<Record<string, string>>, chunks: string) {
  const { output } = await build({
    input,
    platform: 'node',
    // An optional package of 4 MB: who compares HDF5 files installs it beside.
    external: ['h5wasm'],
    resolve: { alias: { 'npx-import-light': join(doors, 'app/no-downloads.ts') } },
    transform: { target: 'node20', define: { __VERSION__: JSON.stringify(version) } },
    output: {
      dir: folder,
      format: 'esm',
      minify: true,
      chunkFileNames: chunks,
      banner: chunk => (programs.includes(chunk.name) ? '#!/usr/bin/env node' : ''),
    },
    // Throttling by Redis, which the App has no use for, looks for its client so.
    checks: { eval: false },
    logLevel: 'warn',
  });
  return output.flatMap(part => (part.type === 'chunk' ? part.moduleIds : []));
}

rmSync(folder, { recursive: true, force: true });
const modules = [...(await bundle(commandLine, '[name].js')), ...(await bundle(app, 'app-[name].js'))];
for (const program of programs) chmodSync(join(folder, `${program}.js`), 0o755);
writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicenses(top, modules));
