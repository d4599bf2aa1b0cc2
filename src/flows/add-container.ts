import type { Container } from '../domain/generated/shapes.ts';
import { digestOf, parseImageReference, pinned } from '../domain/image-reference.ts';
import { requireWorkingTree } from '../machine/git/repository.ts';
import { appendContainer } from './container/append-container.ts';
import type { ContainerWords } from './container/container-words.ts';
import type { ContainerWorld } from './container/container-world.ts';
import { fetchImage } from './container/fetch-image.ts';
import { presentSource, type SourceGlobs } from './container/present-source.ts';

/**
 * Puts an image that was built elsewhere into the history, as the container of the source as it is now. A tag is
 * resolved to the digest that its registry has under it; the tag itself is recorded nowhere.
 * @throws Problem USAGE for what is no image, NOT_FOUND, REMOTE_FAILED, UNSUPPORTED; then the history is as it was
 */
export async function addContainer(
  world: ContainerWorld,
  image: string,
  words: { readonly container: ContainerWords; readonly globs: SourceGlobs },
): Promise<{ readonly container: Container; readonly appended: boolean }> {
  const reference = parseImageReference(image);
  const top = requireWorkingTree(world.repository);
  const engine = await world.engine(words.container.system);
  world.progress(`fetching ${image}`, 0, null);
  const digest = reference.digest ?? (await engine.resolveDigest(reference));
  const exact = pinned(reference.name, digest);
  await fetchImage(engine, { image: exact }, top);
  const source = await presentSource(world, words.globs);
  try {
    const { id, commit, tag } = source;
    const made = { system: engine.system, source: id, commit, tag, image: pinned(reference.name, digestOf(exact)) };
    return await appendContainer(world, made, true);
  } finally {
    await source.capture.release();
  }
}
