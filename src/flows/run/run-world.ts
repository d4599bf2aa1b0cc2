import type { User } from '../../domain/generated/shapes.ts';
import type { Limits } from '../../domain/limits.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { Repository } from '../../machine/git/repository.ts';
import type { RecordStore } from '../../store/record-store.ts';
import type { FindEngine } from '../container/container-world.ts';
import type { ProjectWords } from '../start-project.ts';
import type { Chance } from '../world.ts';

/** Everything of the outside that a run may touch, handed in by the door. */
export interface RunWorld {
  readonly git: UserGit;
  readonly repository: Repository;
  readonly store: RecordStore;
  readonly owner: User;
  readonly limits: Limits;
  /** How the project is called where the branch has to be made first. */
  readonly project: ProjectWords;
  /** What Corroborate was started with, and where. */
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** For what is needed only while the run goes on. */
  readonly temporaryFolder: string;
  /** For what makes later runs quicker; null: nowhere. */
  readonly cacheFolder: string | null;
  readonly chance: Chance;
  readonly engine: FindEngine;
  /** A sentence for the user, beside the result. */
  say(sentence: string): void;
  progress(what: string, done: number, of: number | null): void;
}
