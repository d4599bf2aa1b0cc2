import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { interpreterOf } from './interpreter.ts';
import type { Found, Probe, Run } from './probe.ts';

/**
 * Julia: what the Manifest.toml of the active project pins. Julia resolves every `using` by it, so these are the
 * versions that were there to load; which of them were loaded is not seen, and the note says so. Julia itself is
 * `{name: julia, system: julia}`, with the version that resolved the manifest.
 */
export function juliaProbe(): Probe {
  return {
    name: 'Julia',

    async after(run): Promise<Found> {
      const found: Found = { dependencies: [], loaded: [], mapped: [], notes: [] };
      const { interpreter, words } = await interpreterOf(run);
      if (!interpreter || !/^julia[\d.-]*$/.test(basename(interpreter))) return found;
      const project = projectOf(run, words);
      const manifest =
        project && ['JuliaManifest.toml', 'Manifest.toml'].map(name => join(project, name)).find(existsSync);
      if (!manifest) {
        return {
          ...found,
          notes: ['No Manifest.toml of an active Julia project was found: its packages are unknown.'],
        };
      }
      return {
        ...found,
        dependencies: pinned(await readFile(manifest, 'utf8')),
        notes: [`The Julia packages are those that ${manifest} pins; which of them were loaded is not seen.`],
      };
    },
  };
}

/** `--project`, else JULIA_PROJECT; `@.` (or no value) is the nearest folder upward with a Project.toml. */
function projectOf(run: Run, words: readonly string[]): string | null {
  const flag = words.find(word => /^--project(?:=|$)/.test(word));
  const value = flag === undefined ? (run.environment.JULIA_PROJECT ?? null) : flag.slice('--project='.length) || '@.';
  if (value === null || value === '') return null;
  if (value !== '@.') {
    const path = resolve(run.cwd, value);
    return path.endsWith('.toml') ? dirname(path) : path;
  }
  for (let folder = run.cwd; ; folder = dirname(folder)) {
    if (['JuliaProject.toml', 'Project.toml'].some(name => existsSync(join(folder, name)))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** Manifest formats 1 (`[[Name]]`) and 2 (`[[deps.Name]]`); what comes with Julia has no version of its own. */
export function pinned(manifest: string): Dependency[] {
  const dependencies: Dependency[] = [];
  let current: string | null = null;
  for (const line of manifest.split(/\r?\n/)) {
    const header = /^\s*\[\[?(?:deps\.)?"?([^\].="]+)"?(\.[^\]]*)?\]/.exec(line);
    if (header) current = header[2] ? null : header[1]!;
    const [, key, value] = /^\s*(julia_version|version)\s*=\s*"([^"]*)"/.exec(line) ?? [];
    if (key === 'julia_version') dependencies.push({ name: 'julia', version: value!, system: 'julia' });
    else if (key === 'version' && current) dependencies.push({ name: current, version: value!, system: 'julia' });
  }
  return dependencies;
}
