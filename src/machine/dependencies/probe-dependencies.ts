import type { Dependency } from '../../domain/generated/shapes.ts';
import { environmentModulesProbe } from './environment-modules.ts';
import { juliaProbe } from './julia-probe.ts';
import { pause } from './look-ahead.ts';
import { nodeProbe } from './node-probe.ts';
import type { Found, Probe, Run, Usage } from './probe.ts';
import { pythonProbe } from './python-probe.ts';
import { rProbe } from './r-probe.ts';
import { type LibraryProbe, libraryProbe } from './shared-libraries.ts';

/** Milliseconds that one probe may take before the start, and again after the end, of the simulation. */
const patience = 10_000;

export interface DependencyOptions {
  readonly probes?: readonly Probe[];
  readonly libraries?: LibraryProbe;
  /** `pause`, for tests that do not wait for it. */
  readonly wait?: (milliseconds: number, over: AbortSignal) => Promise<void>;
}

export interface ProbedDependencies {
  /** Sorted and unique by system and name. */
  readonly dependencies: Dependency[];
  /** Absolute paths, sorted: what the program loaded that belongs to no package. */
  readonly loaded: string[];
  readonly notes: string[];
  readonly usage: Usage | null;
}

export interface DependencyProbing {
  /** Variables to set on top of the simulation's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Call it once the simulation has started: only then the work at its side begins. */
  started(pid: number): void;
  /** Call it once the simulation has ended (or could not be started). Never rejects. */
  finish(): Promise<ProbedDependencies>;
}

/**
 * Watches one run for what it depends on. A probe that fails, or takes over 10 s, leaves a note and nothing else.
 * @example
 *   const probing = await probeDependencies(run);
 *   const child = spawn(…, { env: { ...run.environment, ...probing.environment } });
 *   probing.started(child.pid);
 *   await ended(child);
 *   const { dependencies, loaded, notes } = await probing.finish();
 */
export async function probeDependencies(run: Run, options: DependencyOptions = {}): Promise<DependencyProbing> {
  const libraries = options.libraries ?? libraryProbe();
  const probes = [...(options.probes ?? standardProbes()), libraries];
  const notes: string[] = [];
  const environment: Record<string, string> = {};
  const over = new AbortController();
  const alongside = new Map<Probe, Promise<void>>();
  let pid: number | null = null;
  let failed = new Set<Probe>();

  /** The work's result, or null with a note. */
  async function attempt<T>(probe: Probe, work: () => Promise<T>): Promise<T | null> {
    const done = new AbortController();
    const late = (options.wait ?? pause)(patience, done.signal).then(() => 'late' as const);
    try {
      const result = await Promise.race([
        Promise.resolve()
          .then(work)
          .then(value => ({ value })),
        late,
      ]);
      if (result !== 'late') return result.value;
      notes.push(`${probe.name} dependencies are incomplete: looking for them took over ${patience / 1000} s.`);
    } catch (cause) {
      notes.push(`${probe.name} dependencies are incomplete: ${sentence(cause)}`);
    } finally {
      done.abort('done');
    }
    failed = failed.add(probe);
    return null;
  }

  await Promise.all(
    probes.map(async probe => {
      if (probe.before) Object.assign(environment, await attempt(probe, () => probe.before!(run)));
    }),
  );

  return {
    environment,

    started(first) {
      pid = first;
      for (const probe of probes) {
        if (!probe.during || failed.has(probe)) continue;
        const work = Promise.resolve().then(() => probe.during!(run, { pid: first, over: over.signal }));
        // Whether it failed is asked in `finish`.
        work.catch(() => {});
        alongside.set(probe, work);
      }
    },

    async finish() {
      over.abort('over');
      const found = (
        await Promise.all(
          probes
            .filter(probe => !failed.has(probe))
            .map(probe =>
              attempt(probe, async () => {
                await alongside.get(probe);
                return probe.after(run, pid);
              }),
            ),
        )
      ).filter(answer => answer !== null);
      const mapped = await attempt(libraries, () =>
        libraries.owners(
          run,
          found.flatMap(answer => answer.mapped),
        ),
      );
      return {
        dependencies: sorted([...found, ...(mapped ? [mapped] : [])].flatMap(answer => answer.dependencies)),
        loaded: [...new Set([...found, ...(mapped ? [mapped] : [])].flatMap(answer => answer.loaded))].sort(),
        notes: [...new Set([...found.flatMap(answer => answer.notes), ...notes])],
        usage: found.find((answer): answer is Found & { usage: Usage } => answer.usage !== undefined)?.usage ?? null,
      };
    },
  };
}

function standardProbes(): Probe[] {
  return [pythonProbe(), nodeProbe(), rProbe(), juliaProbe(), environmentModulesProbe()];
}

function sentence(cause: unknown): string {
  const words = cause instanceof Error ? cause.message : String(cause);
  return words.endsWith('.') ? words : `${words}.`;
}

/**
 * By system, then name, in code-unit order, so that the same dependencies read the same everywhere. Where one run
 * loaded two versions of the same (npm allows it, and so do two interpreters), both stand in `version`.
 */
export function sorted(dependencies: readonly Dependency[]): Dependency[] {
  const versions = new Map<string, Set<string>>();
  for (const { system, name, version } of dependencies) {
    const key = `${system}\0${name}`;
    const known = versions.get(key) ?? new Set();
    versions.set(key, version === null ? known : known.add(version));
  }
  return [...versions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, known]) => {
      const [system = '', name = ''] = key.split('\0');
      return { name, version: known.size > 0 ? [...known].sort().join(', ') : null, system };
    });
}
