import type { Dependency } from '../../domain/generated/shapes.ts';

/** One run of a simulation, as the probes need to know it. */
export interface Run {
  /** The simulation's command, as given. */
  readonly command: readonly string[];
  /** Absolute path of the file that the first word resolves to; null where nothing was found. */
  readonly executable: string | null;
  /** Absolute folder that the simulation runs in. */
  readonly cwd: string;
  /** Absolute top level of the simulation's working tree: libraries in it are source, elsewhere dependencies. */
  readonly worktree: string;
  /** The environment that the simulation would have without any probe. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The first process is another, such as strace, that starts the command. */
  readonly wrapped?: boolean;
  /** In a container: where what tells of a file that the program saw stands on this machine. */
  readonly place?: (path: string) => string;
  /** An empty folder for this run alone; whoever made it removes it after `finish`. */
  readonly folder: string;
  /** A folder that outlives the run (it is made when needed), for what is slow to look up and seldom changes. */
  readonly cache?: string;
}

export interface Started {
  /** The simulation's first process. */
  readonly pid: number;
  /** Aborted when the simulation has ended, or when the probe's time is up. */
  readonly over: AbortSignal;
}

export interface Found {
  readonly dependencies: readonly Dependency[];
  /** Absolute paths of files that the program loaded and that belong to no package: source, where they lie in it. */
  readonly loaded: readonly string[];
  /** Absolute paths of files that were mapped into a process; which package they belong to is asked once, for all. */
  readonly mapped: readonly string[];
  /** What could not be captured, and why; one sentence each. */
  readonly notes: readonly string[];
  /** What the simulation's first process reported of itself and its children, where it did. */
  readonly usage?: Usage;
}

export interface Usage {
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number | null;
}

export interface Probe {
  /** The word for notes, e.g. `Python`. */
  readonly name: string;
  /** Hooks to install: variables on top of the simulation's environment. Must cost next to nothing. */
  before?(run: Run): Promise<Readonly<Record<string, string>>>;
  /** Work done while the simulation runs, in other processes where it is more than a few reads. */
  during?(run: Run, started: Started): Promise<void>;
  /** What was seen, asked once the simulation has ended. `pid` is null where it never started. */
  after(run: Run, pid: number | null): Promise<Found>;
}
