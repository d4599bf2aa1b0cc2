import type { Configuration } from '../../domain/generated/shapes.ts';
import { compileGlobs, isNegative } from '../../domain/globs.ts';
import { requireCommit } from '../../machine/git/repository.ts';
import { readTag } from '../../machine/git/tag.ts';
import { captureSource, type SourceCapture } from '../../machine/source/capture-source.ts';
import { finishSource } from '../../machine/source/finish-source.ts';
import type { ContainerWorld } from './container-world.ts';

/** The globs of corroborate.yml that say what is no source. */
export type SourceGlobs = Pick<Configuration, 'inputs' | 'outputs' | 'ignore' | 'source'>;

export interface PresentSource {
  /** To be released. */
  readonly capture: SourceCapture;
  /** Tree id (design, section 4), without anything that only a run could show. */
  readonly id: string;
  readonly commit: string;
  readonly tag: string | null;
}

/**
 * The source as it is on disk now: what a container is built from.
 * @param temporaryFolder for what is needed until it is released; the system's own unless told
 * @throws Problem NO_COMMIT, …
 */
export async function presentSource(
  { git, repository, folder, chance }: Pick<ContainerWorld, 'git' | 'repository' | 'folder' | 'chance'>,
  { inputs = [], outputs = [], ignore = [], source = [] }: SourceGlobs,
  temporaryFolder?: string,
): Promise<PresentSource> {
  const commit = requireCommit(repository);
  const [capture, tag] = await Promise.all([
    captureSource(git, repository, {
      globs: source,
      startedAt: chance.now(),
      ...(temporaryFolder === undefined ? {} : { temporaryFolder }),
    }),
    readTag(git, folder, repository),
  ]);
  const id = await bareSource(capture, [...inputs, ...outputs, ...ignore]);
  return { capture, id, commit, tag };
}

/** The source's id when nothing is left out but what is configured: that of a container's build. */
export async function bareSource(capture: SourceCapture, leftOut: readonly string[]): Promise<string> {
  const globs = compileGlobs(leftOut.filter(glob => !isNegative(glob)));
  return (await finishSource(capture, { excluded: path => globs.matches(path) })).source;
}
