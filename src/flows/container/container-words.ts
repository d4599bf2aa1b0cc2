import type { Configuration, Container } from '../../domain/generated/shapes.ts';
import { parseImageReference } from '../../domain/image-reference.ts';
import { parseByteSize } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ContainerAccess } from '../../machine/containers/container-arguments.ts';
import { type EngineName, isEngineName } from '../../machine/containers/container-engine.ts';

/** Which container a project's runs want, and how it is made. */
export interface ContainerWords {
  readonly system: EngineName | null;
  /** The Dockerfile, Containerfile or Apptainer definition, relative to the top of the working tree. */
  readonly build: string | null;
  /** Registry and repository to push to. */
  readonly image: string | null;
  /** Without a registry: where the image is kept. */
  readonly archive: string | null;
  readonly access: ContainerAccess;
  /** What `--container` asked for: an image, or the id of a container in the history. */
  readonly asked: string | null;
  /** A container of any history, to be taken as it is, for whoever repeats somebody's record. */
  readonly given: GivenContainer | null;
}

export interface GivenContainer {
  readonly container: Container;
  /** Where its archive is, if not where the history says. */
  readonly archive: string | null;
}

/**
 * What is configured, with what `--container SPEC` says on top: `none` (on the host), an engine's name, the id of a
 * container in the history, or an image.
 * @returns null for a run on the host
 * @throws Problem USAGE, INVALID
 */
export function containerWords(configuration: Configuration, spec: string | null): ContainerWords | null {
  const { container } = configuration;
  if (spec === 'none' || (spec === null && (container === undefined || container.system === 'none'))) return null;
  const words = configuredContainer(configuration);
  if (spec === null) return words;
  if (isEngineName(spec)) return { ...words, system: spec };
  if (!/^c-[0-9a-f]+$/.test(spec)) parseImageReference(spec);
  return { ...words, asked: spec };
}

/** The same without any `--container`: for `container build` and `add`. @throws Problem INVALID */
export function configuredContainer({ container = {} }: Configuration): ContainerWords {
  const { system = null, build = null, image = null, archive = null, network = 'none', limits = {}, gpus } = container;
  if (system !== null && system !== 'none' && !isEngineName(system)) {
    throw new Problem(
      'INVALID',
      `corroborate.yml: container.system is ${JSON.stringify(system)}; docker, podman and apptainer are known, and none.`,
    );
  }
  return {
    system: system === 'none' ? null : (system as EngineName | null),
    build,
    image: image === null ? null : parseImageReference(image).name,
    archive,
    access: {
      network,
      memory: limits.memory === undefined ? null : parseByteSize(limits.memory),
      cpus: limits.cpus ?? null,
      processes: limits.processes ?? null,
      gpus: gpus ?? null,
    },
    asked: null,
    given: null,
  };
}
