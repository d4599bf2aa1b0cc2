import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { formatArchiveReference, parseImageReference, pinned } from '../../domain/image-reference.ts';
import { Problem } from '../../domain/problem.ts';
import type { ContainerEngine } from '../../machine/containers/container-engine.ts';
import type { ContainerWords } from './container-words.ts';
import type { ContainerWorld } from './container-world.ts';
import { fetchImage, localName } from './fetch-image.ts';
import type { PresentSource } from './present-source.ts';

/** Where an image is kept: as a file, else in a registry. */
export type KeepingPlace = Pick<ContainerWords, 'image' | 'archive'>;

/** @throws Problem USAGE where nothing says it: nobody waits for a build first */
export function keepingPlace({ image, archive }: ContainerWords): KeepingPlace {
  if (image !== null || archive !== null) return { image, archive };
  throw new Problem(
    'USAGE',
    'where the image is to be kept is not known: name a registry in corroborate.yml (container: {image: ghcr.io/acme/demo}), or keep it as a file (`corroborate container build --archive FILE`).',
  );
}

/** @throws Problem USAGE, REFUSED where the archive cannot be written under its name, before anything is built */
export function requireArchiveName({ archive, image }: KeepingPlace, { system }: ContainerEngine, top: string): void {
  if (archive === null) {
    if (system !== 'apptainer') return;
    throw new Problem(
      'UNSUPPORTED',
      `apptainer does not tell by which digest a registry knows an image, so it cannot push to ${image}: keep it as a file (--archive FILE.sif).`,
    );
  }
  if (isFolder(archive)) return;
  const isSif = archive.endsWith('.sif');
  if (isSif !== (system === 'apptainer')) {
    throw new Problem(
      'USAGE',
      isSif
        ? `${system} writes no .sif: name the archive .tar.`
        : 'apptainer keeps an image as a .sif: name the archive so.',
    );
  }
  if (existsSync(resolve(top, archive))) {
    throw new Problem('REFUSED', `${archive} is there already, and a record may name it: give another name.`);
  }
}

/**
 * Writes the archive, or pushes and fetches it back by its digest: what is recorded is what anybody gets.
 * @returns the image as the history names it
 */
export async function keepImage(
  world: ContainerWorld,
  engine: ContainerEngine,
  { id, place, source, top }: { id: string; place: KeepingPlace; source: PresentSource; top: string },
): Promise<string> {
  // A tag of its own for each image: one that a later build moved would leave the older image to be cleaned away.
  const label = `${source.id.slice(0, 12)}-${id
    .replace(/^sha256:/, '')
    .replace(/\W/g, '')
    .slice(-8)}`;
  if (place.archive !== null) {
    const ending = engine.system === 'apptainer' ? 'sif' : 'tar';
    const file = resolve(top, isFolder(place.archive) ? `${place.archive}${label}.${ending}` : place.archive);
    const inside = relative(top, file);
    world.progress(`writing ${file}`, 0, null);
    const digest = await engine.saveArchive(id, file);
    const path = inside.startsWith('..') || isAbsolute(inside) ? file : inside;
    const image = formatArchiveReference({ path, digest });
    await engine.tag(id, localName(image));
    return image;
  }
  const { name } = parseImageReference(place.image!);
  world.progress(`pushing ${name}`, 0, null);
  const image = pinned(name, await engine.push(id, { name, tag: label }));
  await fetchImage(engine, { image }, top);
  return image;
}

function isFolder(archive: string): boolean {
  return archive.endsWith('/');
}
