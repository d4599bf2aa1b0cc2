import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Configuration, Container, RecordAtom } from '../../domain/generated/shapes.ts';
import { parseArchiveReference } from '../../domain/image-reference.ts';
import { Problem, type ProblemCode } from '../../domain/problem.ts';
import { type EngineName, isEngineName } from '../../machine/containers/container-engine.ts';
import type { Snapshot } from '../../store/record-store.ts';
import { readHistory } from '../branch-documents.ts';
import { type ContainerWords, configuredContainer } from '../container/container-words.ts';
import type { FindEngine } from '../container/container-world.ts';

/** Where a reproduction runs: in the record's own container, or on the host. */
export interface RecordedPlace {
  /** Null: on the host. */
  readonly container: Container | null;
  readonly system: EngineName | null;
  /** Where its archive is, absolute; null: it has none, or it is not where the history says. */
  readonly archive: string | null;
  /** What is otherwise than it was, in sentences. */
  readonly notes: readonly string[];
}

/** Of engines, registries and images. */
const ofImages: readonly ProblemCode[] = ['UNSUPPORTED', 'NOT_FOUND', 'REMOTE_FAILED', 'DAMAGED', 'ENGINE_FAILED'];

/** `--container`: null as it was recorded, `none` on the host, or an engine. */
export type WantedPlace = EngineName | 'none' | null;

/** @throws Problem USAGE */
export function wantedPlace(spec: string | null): WantedPlace {
  if (spec === null || spec === 'none' || isEngineName(spec)) return spec;
  throw new Problem(
    'USAGE',
    `--container ${JSON.stringify(spec)}: a record is run in its own container; only the engine may be named (docker, podman, apptainer), or none to run on the host`,
  );
}

/**
 * The container that a record ran in, by its digest, and the engine to run it with: the one that made it, else another
 * that takes its images. Nothing is run on the host unless the record was, or it is asked for.
 * @param archive `--archive FILE`, absolute
 * @param top where a path in the history is relative to
 * @throws Problem DAMAGED where the history has not the record's container, UNSUPPORTED where no engine is here
 */
export async function recordedPlace(
  tip: Snapshot,
  record: RecordAtom,
  wanted: WantedPlace,
  archive: string | null,
  top: string,
  find: FindEngine,
): Promise<RecordedPlace> {
  const container = (await readHistory(tip)).find(({ id }) => id === record.image) ?? null;
  const host = { container: null, system: null, archive: null };
  if (wanted === 'none' && container?.image != null) {
    return {
      ...host,
      notes: [
        `the record ran in ${container.image}; this run is on the host, as you asked, so its environment is that of this machine`,
      ],
    };
  }
  if (container === null) {
    throw new Problem(
      'DAMAGED',
      `the history has no container ${record.image}, which ${record.id} says it ran in, so its environment is not known. \`corroborate pull\` may bring it; \`--container none\` runs it on the host.`,
    );
  }
  if (container.image === null) {
    return { ...host, notes: ['the record ran on the host (system none), so the environment is that of this machine'] };
  }
  const kept = parseArchiveReference(container.image);
  const system = await engineFor(container, wanted === 'none' ? null : wanted, find);
  const at = archive ?? (kept === null ? null : resolve(top, kept.path));
  return {
    container,
    system,
    archive: at !== null && existsSync(at) ? at : null,
    notes:
      system === container.system
        ? []
        : [`the record ran with ${container.system}, and this run goes on with ${system}`],
  };
}

async function engineFor(container: Container, wanted: EngineName | null, find: FindEngine): Promise<EngineName> {
  const own = isEngineName(container.system) ? container.system : null;
  try {
    return (await find(wanted ?? own)).system;
  } catch (cause) {
    // A SIF is apptainer's alone; images of the others run with either.
    if (!(cause instanceof Problem) || wanted !== null || own === 'apptainer') throw withWayOut(cause, container);
    try {
      return (await find(null)).system;
    } catch (none) {
      throw withWayOut(none, container);
    }
  }
}

/** What kept a record's container from being run, with what may be done; what has nothing to do with it as it is. */
export function withWayOut(cause: unknown, container: Container | null): unknown {
  if (!(cause instanceof Problem) || container === null || !ofImages.includes(cause.code)) return cause;
  const { image } = container;
  return new Problem(
    cause.code,
    `the record ran in ${image}, and that cannot be run here, so nothing was run: ${cause.message} With \`--container none\` it runs on the host, in another environment.`,
    { cause },
  );
}

/** As `run` is told of it; with the access (network, limits) that the recorded configuration gave. */
export function containerWordsOf(place: RecordedPlace, configuration: Configuration): ContainerWords | null {
  const { container, system, archive } = place;
  if (container === null) return null;
  return { ...configuredContainer(configuration), system, given: { container, archive } };
}
