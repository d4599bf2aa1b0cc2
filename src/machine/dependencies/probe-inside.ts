import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import type { KeptPapers } from '../containers/image-papers.ts';
import { placeInside, realPathInside } from '../containers/image-tree.ts';
import { condaPackagesOf } from './conda-packages.ts';
import { nodeProbe } from './node-probe.ts';
import type { Run } from './probe.ts';
import { type DependencyProbing, probeDependencies } from './probe-dependencies.ts';
import { pythonProbe } from './python-probe.ts';
import { rProbe } from './r-probe.ts';
import { isLibrary, type LibraryProbe, unowned } from './shared-libraries.ts';
import { systemPackagesOf } from './system-packages.ts';

/**
 * Watches a run in a container: the same hooks in every interpreter, whose tellings are read beside the image's papers.
 * @param mounted folders that stand in the container where they stand here; the probes' own among them
 * @param run `program`: the real path in the image
 */
export async function probeInside(
  papers: KeptPapers,
  mounted: readonly string[],
  { program, ...rest }: Omit<Run, 'executable' | 'wrapped' | 'place'> & { readonly program: string },
): Promise<DependencyProbing> {
  await mkdir(rest.folder);
  const place = (path: string) => placeInside(papers, mounted, path);
  const run: Run = { ...rest, executable: null, wrapped: true, place };
  const probing = await probeDependencies(run, {
    probes: [pythonProbe(), nodeProbe(), rProbe()],
    libraries: imageLibraries(papers),
  });
  return {
    ...probing,
    async finish() {
      const found = await probing.finish();
      const told = found.dependencies.some(({ system }) => ['python', 'pypy', 'node', 'R'].includes(system));
      const notes = found.notes.map(note => note.replaceAll(papers.root, ''));
      if (told) return { ...found, notes };
      const isPython = /^(?:python|pypy)[\d.]*$/.test(basename(program));
      return {
        ...found,
        notes: [
          ...notes,
          isPython
            ? `Python (${program} in the image) did not tell which modules it loaded: they are unknown.`
            : `What ${program} loaded in the container is not seen, since it is no Python, Node or R; the image's digest fixes it.`,
        ],
      };
    },
  };
}

/** Libraries that the hooks saw mapped, by the packages that the image says it has. */
function imageLibraries(papers: KeptPapers): LibraryProbe {
  return {
    name: 'Shared library',
    after: async () => ({ dependencies: [], loaded: [], mapped: [], notes: [] }),
    async owners(run, files) {
      const seen = [...new Set(files)].filter(isLibrary);
      const loaded = seen.filter(file => file.startsWith(`${run.worktree}/`));
      const foreign = seen.filter(file => !loaded.includes(file));
      const conda = condaPackagesOf(foreign.map(file => placeInside(papers, [], file)));
      const packages = await systemPackagesOf(
        foreign.map(file => realPathInside(papers, file)),
        { environment: { PATH: process.env.PATH } },
        papers.root,
      );
      const dependencies = foreign.map((file): Dependency => {
        const environment = conda.get(placeInside(papers, [], file));
        if (environment) return { ...environment, system: 'conda' };
        return packages.ownerOf(realPathInside(papers, file)) ?? unowned(file);
      });
      return { dependencies, loaded };
    },
  };
}
