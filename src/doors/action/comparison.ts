import { tmpdir } from 'node:os';
import type { Method, Options } from '../../differentiation/method.ts';
import { readOptions } from '../../differentiation/registry.ts';
import type { Comparison } from '../../domain/comparison.ts';
import type { ComparisonReport } from '../../domain/comparison-report/comparison-report.ts';
import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { findRecord } from '../../flows/branch-documents.ts';
import { chooseMethod } from '../../flows/choose-method.ts';
import { compareRecords, outputsOf } from '../../flows/compare-records.ts';
import { latestRecord } from '../../flows/latest-record.ts';
import { observedOptions } from '../../flows/open-request.ts';
import { parameterHint } from '../../flows/parameter-hint.ts';
import { reportComparison } from '../../flows/report-comparison.ts';
import { readRepositoryFacts } from '../../github/read-repository.ts';
import { loadMethodPackage } from '../../machine/method-package.ts';
import { runComparison } from '../../machine/process/comparison-program.ts';
import type { RepositoryName } from '../../store/github-store/github-calls.ts';
import type { GitHubStore } from '../../store/github-store/github-store.ts';
import type { Snapshot } from '../../store/record-store.ts';
import type { Checkout } from './checkout.ts';
import type { TakenRun } from './record.ts';
import { simulationEnvironment } from './simulation-environment.ts';
import type { Step } from './step.ts';

/** How outputs are compared: known, and checked, before hours of work. */
export interface ChosenMethod {
  readonly method: Method;
  readonly options: Options;
}

/** The record that a run is compared with, and where it stands. */
export interface Target {
  readonly repository: RepositoryName;
  /** Whether that is the repository of the workflow itself. */
  readonly isOwn: boolean;
  readonly store: GitHubStore;
  readonly tip: Snapshot;
  readonly record: RecordAtom;
}

export interface MadeComparison {
  readonly target: Target;
  readonly comparison: Comparison;
  readonly report: ComparisonReport;
}

/** @throws Problem USAGE for an unknown method or option */
export async function choose({ inputs, context, environment }: Step, { configuration, repository }: Checkout) {
  const world = {
    cwd: context.workspace,
    environment: simulationEnvironment(environment),
    temporaryFolder: tmpdir(),
  };
  const method = await chooseMethod(inputs.method, {
    run: (command, sides, seconds) => runComparison(command, sides, seconds, world),
    listed: async () => configuration.compare?.methods ?? [],
    load: entry => loadMethodPackage(repository.topLevel ?? context.workspace, entry),
  });
  return { method, options: readOptions(method, inputs.options) };
}

/**
 * The record that `toward` names: in a fork the parent's, else the repository's own.
 * @returns null for `latest` where there is none yet
 * @throws Problem NOT_FOUND for an id that neither has
 */
export async function findTarget({ inputs, context, hub }: Step, from: string): Promise<Target | null> {
  const own = context.repository;
  const parent = context.isFork === false ? null : (await readRepositoryFacts(hub.api, own)).parent;
  const places = [
    ...(parent === null ? [] : [{ repository: parent, isOwn: false }]),
    ...(parent === null || inputs.toward !== 'latest' ? [{ repository: own, isOwn: true }] : []),
  ];
  for (const place of places) {
    const store = hub.store(place.repository);
    const tip = await store.tip();
    if (tip === null) continue;
    const { toward } = inputs;
    const record = toward === 'latest' ? await latestRecord(store, tip, from) : await findRecord(tip, toward!);
    if (record !== null) return { ...place, store, tip, record };
  }
  if (inputs.toward === 'latest') return null;
  const names = places.map(({ repository: { owner, name } }) => `${owner}/${name}`).join(' and ');
  throw new Problem(
    'NOT_FOUND',
    `there is no record ${inputs.toward} on the branch ${inputs.branch} of ${names}: nothing was compared.`,
  );
}

/** @throws Problem REFUSED where one of the two cannot be compared */
export async function compareWith(
  { inputs }: Step,
  { git, configuration }: Checkout,
  { record, read }: TakenRun,
  target: Target,
  { method, options: given }: ChosenMethod,
): Promise<MadeComparison> {
  const { tip } = target;
  const readToward = (path: string) => tip.read(path);
  const options = observedOptions({ method, options: given, proposition: inputs.proposition });
  const found = await compareRecords(record, target.record, read, readToward, method, options);
  const both = { ...tip, read: async (path: string) => (await read(path)) ?? readToward(path) };
  const hint =
    found.comparison.source === 'different'
      ? await parameterHint(git, both, record, target.record, configuration)
      : null;
  const sides = [outputsOf(record, read), outputsOf(target.record, readToward)] as const;
  const report = await reportComparison({ ...found, hint }, method, options, ...sides, false);
  return { target, comparison: found.comparison, report };
}
