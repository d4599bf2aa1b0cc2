import { relative } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { dependenciesOfTrace, type Trace } from '../../machine/dependencies/trace.ts';

/** What a trace showed, sorted into what the paper knows: inputs, source, dependencies. */
export interface TracedFiles {
  readonly dependencies: readonly Dependency[];
  /** Absolute paths: code of the working tree that was loaded. */
  readonly loaded: readonly string[];
  /** Relative to the top level: data of the working tree that was read. */
  readonly inputs: readonly string[];
  readonly notes: readonly string[];
}

/** Files that programs load as code, by their endings. */
const code =
  /\.(?:pyc?|pyx|pxd|so(?:\.[0-9.]+)?|dylib|dll|jar|class|[cm]?js|ts|r|jl|pl|pm|rb|lua|sh|bash|m|oct|mat?lab|f|f90|c|h|hpp|cpp)$/i;

/** Every file that any process of the run loaded is an input, a source or a dependency (the paper, p. 187). */
export async function sortTrace(
  trace: Trace,
  top: string,
  environment: Readonly<{ [name: string]: string | undefined }>,
): Promise<TracedFiles> {
  const { dependencies, unowned, notes } = await dependenciesOfTrace(trace, environment);
  const written = new Set(trace.written);
  const executed = new Set(trace.executed);
  const inside = unowned.filter(
    file => file.startsWith(`${top}/`) && !file.startsWith(`${top}/.git/`) && !written.has(file),
  );
  const isCode = (file: string) => executed.has(file) || code.test(file);
  return {
    dependencies,
    loaded: inside.filter(isCode),
    inputs: inside.filter(file => !isCode(file)).map(file => relative(top, file)),
    notes: [...trace.notes, ...notes],
  };
}
