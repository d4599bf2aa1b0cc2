import { finishSource, type Source } from '../../machine/source/finish-source.ts';
import { excludedFrom, type GoingRun, type PreparedRun } from './going-run.ts';
import { patchWithoutSecrets } from './hide-secrets.ts';
import { writeRecovery } from './recovery-file.ts';
import type { SlowFacts } from './slow-facts.ts';
import { sourceMade } from './source-made.ts';
import { type ContainerOfRun, ensureBranch, type RecordDraft, storeState } from './store-state.ts';
import { notInCommit } from './written-source.ts';

function containerOf({ inside }: GoingRun): ContainerOfRun {
  return inside?.container ?? null;
}

/** What every state of a record says alike. */
export function draftOf(run: GoingRun, facts: SlowFacts, source: Source, at: Date): RecordDraft {
  const { world, words } = run;
  const { remote, commit, branch } = world.repository;
  const hide = run.redaction.text;
  return {
    id: run.id,
    created: run.created.toISOString(),
    updated: at.toISOString(),
    owner: world.owner,
    project: run.project,
    reproduces: words.reproduces,
    status: 'started',
    program: {
      command: words.command.map(hide),
      executable: facts.executable,
      version_control: {
        system: 'git',
        repository: remote,
        commit: commit!,
        branch,
        tag: facts.tag,
        dirty: source.dirty,
      },
      source: source.source,
      exit_code: null,
      signal: null,
      started: run.running.started.toISOString(),
      finished: null,
      duration_seconds: null,
      cpu_seconds: null,
      peak_memory_bytes: null,
      environment: hiddenValues(run.variables.recorded, hide),
      stdin: null,
      reason: hide(words.reason),
      tags: words.tags.map(hide),
    },
    // Contents come with the final state: which of them fit is known when the outputs are.
    inputs: run.inputs.files.map(({ path, sha256, size }) => ({ path, sha256, size, stored: false })),
    outputs: [],
    dependencies: [],
    system: facts.system,
    notes: [],
  };
}

function hiddenValues(
  variables: RecordDraft['program']['environment'],
  hide: (text: string) => string,
): RecordDraft['program']['environment'] {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? hide(value) : value]),
  );
}

/** Commits the states that a run passes through while it goes on, one after the other. */
export interface RunStates {
  /** To be called once, right after the start. */
  start(run: GoingRun): void;
  /** Resolves when the new state is committed. */
  change(status: 'paused' | 'started'): Promise<void>;
  /** Resolves when all is committed: null, or what went wrong; the run is not lost for that. */
  settled(): Promise<Error | null>;
}

export function runStates({ world, words }: Pick<PreparedRun, 'world' | 'words'>): RunStates {
  let begin: (run: GoingRun) => void = () => {};
  const going = new Promise<GoingRun>(fulfil => {
    begin = fulfil;
  });
  const begun = going.then(async run => {
    await run.beating.update({ simulation: { pid: run.running.pid, start: run.running.processStart } });
    const { draft, source } = await startDraft(run);
    // Before all else: from now on the run is not lost, whatever becomes of us.
    await keepForRecovery(run, draft, source);
    if (world.checkpoints === 'end') return;
    await ensureBranch(world.store, world.project, draft, run.created);
    await store(run, draft, 'started');
  });
  let last: Promise<void> = begun;
  // What goes wrong is told at the end: the simulation is running.
  last.catch(() => {});

  async function startDraft(run: GoingRun): Promise<{ draft: RecordDraft; source: Source }> {
    const source = await finishSource(run.capture, { excluded: excludedFrom(words, run.inputs.files) });
    return { draft: draftOf(run, await run.facts, source, world.chance.now()), source };
  }

  async function keepForRecovery(run: GoingRun, draft: RecordDraft, source: Source): Promise<void> {
    const { outputs, ignore, keep, asked, configured } = words;
    const { mark, top, cwd, redaction } = run;
    const { patch, notes } = patchWithoutSecrets(redaction, source.patch);
    await writeRecovery(run.runsFolder, {
      draft,
      project: world.project,
      origin: world.origin,
      mark,
      top,
      cwd,
      asked,
      configured,
      alsoTracked: await notInCommit(run.capture),
      outputs,
      ignore,
      keep,
      limits: world.limits,
      container: containerOf(run),
      patch: patch?.toString('base64') ?? null,
      hides: !redaction.isEmpty,
      notes: [...run.variables.notes, ...notes],
    });
  }

  async function store(run: GoingRun, draft: RecordDraft, what: string): Promise<void> {
    const { origin } = world;
    const state = { draft, files: new Map(), what, sourceMade: () => sourceMade(run), ranIn: containerOf(run), origin };
    await storeState(world.store, state, world.chance.now());
  }

  return {
    start: run => begin(run),
    change(status) {
      last = last.then(async () => {
        const run = await going;
        const { draft } = await startDraft(run);
        await run.beating.update({ paused: status === 'paused' });
        const what = status === 'paused' ? 'paused' : 'continued';
        if (world.checkpoints === 'every') await store(run, { ...draft, status }, what);
      });
      last.catch(() => {});
      return last;
    },
    settled: () =>
      last.then(
        () => null,
        (cause: unknown) => (cause instanceof Error ? cause : new Error(String(cause))),
      ),
  };
}
