import { join } from 'node:path';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { compileGlobs, isNegative, literalPrefix } from '../../domain/globs.ts';
import type { Redaction } from '../../domain/redaction.ts';
import type { DependencyProbing } from '../../machine/dependencies/probe-dependencies.ts';
import type { EarlyClocks, StartMark } from '../../machine/files/file-clock.ts';
import type { Inputs } from '../../machine/files/inputs.ts';
import type { Executable } from '../../machine/process/executable.ts';
import type { Beating } from '../../machine/process/heartbeat.ts';
import type { StreamPipes } from '../../machine/process/named-pipes.ts';
import type { ResourceUse } from '../../machine/process/resource-use.ts';
import type { Running } from '../../machine/process/simulation.ts';
import type { SourceCapture } from '../../machine/source/capture-source.ts';
import type { InsideRun } from './inside-run.ts';
import type { RunWords } from './run-words.ts';
import type { RunWorld } from './run-world.ts';
import type { SlowFacts } from './slow-facts.ts';

/** Everything about one run that is known before it starts, and the handles that it holds. */
export interface PreparedRun {
  readonly world: RunWorld;
  readonly words: RunWords;
  readonly id: string;
  readonly created: Date;
  /** Where the run works: the working tree's top, or its own labelled directory. */
  readonly top: string;
  readonly cwd: string;
  readonly isolated: string | null;
  readonly executable: Executable;
  readonly capture: SourceCapture;
  readonly inputs: Inputs;
  readonly project: string;
  readonly redaction: Redaction;
  readonly variables: { readonly recorded: RecordAtom['program']['environment']; readonly notes: readonly string[] };
  readonly runsFolder: string;
  /** For what is needed only while it goes on. */
  readonly scratch: string;
  readonly beating: Beating;
  readonly probing: DependencyProbing;
  readonly pipes: StreamPipes;
  /** Null for a run in a directory of its own, into which everything was written only just now. */
  readonly clocks: EarlyClocks | null;
  /** Null for a run on the host. */
  readonly inside: InsideRun | null;
}

/** A run whose simulation was started. */
export interface GoingRun extends PreparedRun {
  readonly mark: StartMark;
  readonly running: Running;
  /** What nobody had to wait for before the simulation started. */
  readonly facts: Promise<SlowFacts>;
  /** Of a container: what it uses. */
  readonly watch: { finish(): ResourceUse } | null;
}

/** Folders whose clocks tell what the run wrote. */
export function clockPlaces({ top, runsFolder, words }: Pick<PreparedRun, 'top' | 'runsFolder' | 'words'>): string[] {
  return [top, runsFolder, ...words.outputs.map(glob => join(top, literalPrefix(glob)))];
}

/** Where `--trace` has strace write. */
export function traceFile(scratch: string): string {
  return join(scratch, 'trace');
}

/** What is no source (design, section 4): what the configured globs match, and this run's own inputs and outputs. */
export function excludedFrom(
  { configured, configuredOutputs, ignore }: RunWords,
  own: readonly { readonly path: string }[],
): (path: string) => boolean {
  const globs = compileGlobs([...configured, ...configuredOutputs, ...ignore].filter(glob => !isNegative(glob)));
  const paths = new Set(own.map(file => file.path));
  return path => paths.has(path) || globs.matches(path);
}
