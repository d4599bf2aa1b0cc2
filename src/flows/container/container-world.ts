import type { User } from '../../domain/generated/shapes.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { ContainerEngine, EngineName } from '../../machine/containers/container-engine.ts';
import type { Repository } from '../../machine/git/repository.ts';
import type { RecordStore } from '../../store/record-store.ts';
import type { ProjectWords } from '../start-project.ts';
import type { Chance } from '../world.ts';

/** Finds the engine that is wanted, or else one that is here; by the door. @throws Problem UNSUPPORTED */
export type FindEngine = (wanted: EngineName | null) => Promise<ContainerEngine>;

/** Everything of the outside that making a container may touch. */
export interface ContainerWorld {
  readonly git: UserGit;
  readonly repository: Repository;
  readonly store: RecordStore;
  readonly owner: User;
  readonly project: ProjectWords;
  /** The repository on GitHub whose history it is, `acme/demo`; null without GitHub. */
  readonly origin: string | null;
  readonly engine: FindEngine;
  readonly temporaryFolder: string;
  readonly cacheFolder: string | null;
  /** Where the command was called. */
  readonly folder: string;
  readonly chance: Chance;
  say(sentence: string): void;
  progress(what: string, done: number, of: number | null): void;
}
