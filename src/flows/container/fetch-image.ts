import { resolve } from 'node:path';
import type { Container } from '../../domain/generated/shapes.ts';
import {
  digestOf,
  formatImageReference,
  parseArchiveReference,
  parseImageReference,
} from '../../domain/image-reference.ts';
import { Problem } from '../../domain/problem.ts';
import type { ContainerEngine } from '../../machine/containers/container-engine.ts';
import { emulates } from '../../machine/containers/processor.ts';

/**
 * What a container of the history is called by the engine that has it. A history may be somebody else's: what is neither
 * an archive nor an image of a registry, such as podman's `dir:/…`, is given to no engine.
 * @throws Problem USAGE, INVALID
 */
export function localName(image: string): string {
  const archive = parseArchiveReference(image);
  if (archive === null) return formatImageReference(parseImageReference(image));
  if (archive.path.endsWith('.sif')) return archive.path;
  return `localhost/corroborate:${archive.digest.slice('sha256:'.length)}`;
}

/**
 * Gets a container's image to where the engine can run it, proved to have the recorded digest: from its registry, or
 * from its archive.
 * @param top where a path in the history is relative to
 * @param archive another place of the archive than the one recorded
 * @returns what the engine calls it
 * @throws Problem NOT_FOUND (gone), DAMAGED (another digest), UNSUPPORTED (another processor), REMOTE_FAILED, NO_SPACE
 */
export async function fetchImage(
  engine: ContainerEngine,
  { image }: Pick<Container, 'image'>,
  top: string,
  archive: string | null = null,
): Promise<string> {
  if (image === null) throw new Problem('NOT_FOUND', 'that container is a run on the host: it has no image.');
  const kept = parseArchiveReference(image);
  let name = localName(image);
  if (kept === null) await engine.pull(name);
  else {
    const loaded = await engine.loadArchive(resolve(top, archive ?? kept.path), digestOf(image));
    if (name.endsWith('.sif')) name = loaded;
    else await engine.tag(loaded, name);
  }
  await requireProcessor(engine, name, image);
  return name;
}

async function requireProcessor(engine: ContainerEngine, name: string, image: string): Promise<void> {
  const facts = await engine.inspect(name);
  if (facts === null) throw new Problem('NOT_FOUND', `${engine.system} fetched ${image} and does not have it.`);
  if (facts.architecture === '' || emulates(facts.architecture)) return;
  throw new Problem(
    'UNSUPPORTED',
    `the image ${image} is for ${facts.architecture} processors, and this machine's is another (${process.arch}): run it on such a machine, or \`corroborate container build --rebuild\` makes one here.`,
  );
}
