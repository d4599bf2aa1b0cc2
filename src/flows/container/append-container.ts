import { createHash } from 'node:crypto';
import { historyPath } from '../../domain/branch-layout.ts';
import { containerId, imageOfSource } from '../../domain/container.ts';
import type { Container } from '../../domain/generated/shapes.ts';
import { readHistory, yamlBytes } from '../branch-documents.ts';
import { ensureBranch } from '../run/store-state.ts';
import { signatureOf } from '../world.ts';
import type { ContainerWorld } from './container-world.ts';

export interface NewContainer {
  readonly system: string;
  readonly source: string;
  readonly commit: string;
  readonly tag: string | null;
  /** By digest. */
  readonly image: string;
}

/**
 * Puts a container into the history, unless the source has one by then: of two that are made at the same time the first
 * stays.
 * @param another one of the same source is wanted beside those that there are
 * @returns the container that the history has, and whether it is this one
 */
export async function appendContainer(
  { store, project, origin, owner, chance }: Pick<ContainerWorld, 'store' | 'project' | 'origin' | 'owner' | 'chance'>,
  made: NewContainer,
  another: boolean,
): Promise<{ readonly container: Container; readonly appended: boolean }> {
  const now = chance.now();
  const fresh = containerOf(made, origin, now);
  await ensureBranch(store, project, { owner }, now);
  let answer = { container: fresh, appended: true };
  await store.append(async tip => {
    const history = await readHistory(tip);
    const same = history.find(({ id }) => id === fresh.id);
    const known = same ?? (another ? null : imageOfSource(history, [made.source]));
    answer = { container: known ?? fresh, appended: known === null };
    if (known) return null;
    return {
      message: `Add the container ${fresh.id}`,
      author: signatureOf(owner, now),
      files: new Map([[historyPath, yamlBytes([...history, fresh])]]),
    };
  });
  return answer;
}

function containerOf(
  { system, source, commit, tag, image }: NewContainer,
  origin: string | null,
  created: Date,
): Container {
  const id = containerId({ system, source, image }, text => createHash('sha256').update(text).digest('hex'));
  const version = { system: 'git' as const, commit, tag, source };
  return { id, created: created.toISOString(), system, version, image, origin };
}
