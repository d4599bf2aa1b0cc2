import type { User } from '../../domain/generated/shapes.ts';
import type { Limits } from '../../domain/limits.ts';
import type { UserGit } from '../../domain/user-git.ts';
import type { Repository } from '../../machine/git/repository.ts';
import type { Beating } from '../../machine/process/heartbeat.ts';
import type { PrintOutput } from '../../machine/process/simulation.ts';
import type { RecordStore } from '../../store/record-store.ts';
import type { FindEngine } from '../container/container-world.ts';
import type { ProjectWords } from '../start-project.ts';
import type { Chance } from '../world.ts';
import type { RecordState } from './store-state.ts';

export interface RunLabel {
  /** The new record's. */
  readonly id: string;
  readonly created: Date;
  readonly runsFolder: string;
  readonly beating: Beating;
}

/** A place for records that ended and are not stored: it outlives whoever stores them. */
export interface RecordKeeping {
  /** @returns where */
  keep(state: RecordState): Promise<string>;
  /** The branch has it. */
  drop(id: string): Promise<void>;
}

/** Everything of the outside that a run may touch, handed in by the door. */
export interface RunWorld {
  readonly git: UserGit;
  readonly repository: Repository;
  readonly store: RecordStore;
  readonly owner: User;
  readonly limits: Limits;
  /** How the project is called where the branch has to be made first. */
  readonly project: ProjectWords;
  /** The repository on GitHub whose history a new container is put into, `acme/demo`; null without GitHub. */
  readonly origin: string | null;
  /** What Corroborate was started with, and where. */
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  /** For what is needed only while the run goes on. */
  readonly temporaryFolder: string;
  /** For what makes later runs quicker; null: nowhere. */
  readonly cacheFolder: string | null;
  /** What must stand nowhere in the record, beside the values of asked-for variables that are secrets. */
  readonly secrets: readonly string[];
  /** Whether each change of state is committed, or only the end (one commit a run). */
  readonly checkpoints: 'every' | 'end';
  /** Where the end of a run is kept until the branch has it; null where `recover` finds what the run left. */
  readonly keeping: RecordKeeping | null;
  /** Shows what the simulation prints; null or none: our own stdout and stderr do. */
  readonly print?: PrintOutput | null;
  /**
   * A run in a labelled directory that somebody made for it: its working tree is that directory, its heartbeat began
   * already and stands beside those of the user's other runs. Null: in the user's working tree, or as `--isolate` says.
   */
  readonly label: RunLabel | null;
  readonly chance: Chance;
  readonly engine: FindEngine;
  /** A sentence for the user, beside the result. */
  say(sentence: string): void;
  progress(what: string, done: number, of: number | null): void;
}
