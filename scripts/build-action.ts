import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { thirdPartyLicenses } from './third-party-licenses.ts';

const top = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { version: string };

/** What action.yml names. */
export const actionEntries = ['main', 'post'] as const;
export const actionLicenses = 'THIRD-PARTY-LICENSES.txt';

/**
 * Bundles the Action: one file an entry, since it is committed, and the runner installs nothing. The same sources give
 * the same bytes, on which the test of their freshness rests.
 */
export async function buildAction(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const modules = new Set<string>();
  for (const entry of actionEntries) {
    const { output } = await build({
      input: { [entry]: join(top, `src/doors/action/${entry}.ts`) },
      cwd: top,
      platform: 'node',
      external: ['h5wasm'],
      transform: { target: 'node24', define: { __VERSION__: JSON.stringify(version) } },
      output: { dir: folder, format: 'esm', minify: true, codeSplitting: false },
      logLevel: 'warn',
    });
    for (const part of output) for (const module of part.type === 'chunk' ? part.moduleIds : []) modules.add(module);
  }
  writeFileSync(join(folder, actionLicenses), thirdPartyLicenses(top, [...modules].sort()));
}
