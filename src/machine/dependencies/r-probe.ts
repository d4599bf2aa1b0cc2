import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import type { Probe, Run } from './probe.ts';
import { rHook } from './r-hook.ts';

/**
 * R: every R session of the run tells, as it ends, which packages are loaded in it (`R`; those that come with R itself
 * are `{name: R, system: R}`), which script it ran, and what is mapped. `--vanilla` and `--no-init-file` keep it out.
 */
export function rProbe(): Probe {
  const folderOf = (run: Run) => join(run.folder, 'r');
  return {
    name: 'R',

    async before(run) {
      const folder = folderOf(run);
      mkdirSync(folder);
      const profile = join(folder, 'Rprofile');
      writeFileSync(profile, rHook(folder, run.environment.R_PROFILE_USER));
      return { R_PROFILE_USER: profile };
    },

    async after(run, pid) {
      const folder = folderOf(run);
      const names = (await readdir(folder)).filter(name => name.endsWith('.R')).sort();
      const dependencies: Dependency[] = [];
      const loaded: string[] = [];
      const mapped: string[] = [];
      const notes: string[] = [];
      for (const name of names) {
        const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
        const values = (tag: string) => lines.filter(line => line.startsWith(tag)).map(line => line.slice(1));
        for (const version of values('V')) dependencies.push({ name: 'R', version, system: 'R' });
        for (const line of values('N')) {
          const [library = '', version] = line.split('\t');
          dependencies.push({ name: library, version: version || null, system: 'R' });
        }
        loaded.push(...values('F'));
        mapped.push(...values('X'));
        if (!lines.includes('E')) {
          notes.push(
            `An R process (${values('A')[0] ?? 'R'}) was ended before it could tell which packages it loaded: they are unknown.`,
          );
        }
      }
      if (names.length > 0) {
        notes.push('Files that an R program reads with source() are not seen, unless the run is traced.');
      } else if (pid !== null && /^R(?:script)?$/.test(basename(run.command[0] ?? ''))) {
        notes.push(
          'R did not tell which packages it loaded (--vanilla and --no-init-file prevent it): they are unknown.',
        );
      }
      return { dependencies, loaded, mapped, notes };
    },
  };
}
