import { tmpdir } from 'node:os';
import type { Method, Options } from '../../differentiation/method.ts';
import { readOptions } from '../../differentiation/registry.ts';
import type { Comparison } from '../../domain/comparison.ts';
import type { ComparisonReport } from '../../domain/comparison-report/comparison-report.ts';
import { chooseMethod } from '../../flows/choose-method.ts';
import { type ComparedRecords, compareRecords, outputsOf } from '../../flows/compare-records.ts';
import { observedOptions } from '../../flows/open-request.ts';
import { parameterHint } from '../../flows/parameter-hint.ts';
import { reportComparison } from '../../flows/report-comparison.ts';
import { loadMethodPackage } from '../../machine/method-package.ts';
import { runComparison } from '../../machine/process/comparison-program.ts';
import type { Checkout } from './checkout.ts';
import type { TakenRun } from './record.ts';
import { simulationEnvironment } from './simulation-environment.ts';
import type { Step } from './step.ts';
import type { Target } from './target.ts';

/** How outputs are compared: known, and checked, before hours of work. */
export interface ChosenMethod {
  readonly method: Method;
  /** As they were given. */
  readonly options: Options;
  /** With what the claim itself tells of them. */
  readonly observed: Options;
}

export interface MadeComparison {
  readonly target: Target;
  readonly comparison: Comparison;
  readonly report: ComparisonReport;
}

/** @throws Problem USAGE for an unknown method or option */
export async function choose(
  { inputs, context, environment }: Step,
  { configuration, repository }: Checkout,
): Promise<ChosenMethod> {
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
  const options = readOptions(method, inputs.options);
  return { method, options, observed: observedOptions({ method, options, proposition: inputs.proposition }) };
}

/** @throws Problem REFUSED where one of the two cannot be compared */
export async function compareWith(
  { git, configuration }: Checkout,
  run: TakenRun,
  target: Target,
  chosen: ChosenMethod,
): Promise<MadeComparison> {
  const { record, read } = run;
  const { tip } = target;
  const readToward = (path: string) => tip.read(path);
  const found = await compareRecords(record, target.record, read, readToward, chosen.method, chosen.observed);
  const both = { ...tip, read: async (path: string) => (await read(path)) ?? readToward(path) };
  const hint =
    found.comparison.source === 'different'
      ? await parameterHint(git, both, record, target.record, configuration)
      : null;
  return reportOn({ ...found, hint }, run, target, chosen);
}

/** What was found, as it is shown. */
export async function reportOn(
  found: ComparedRecords & { readonly hint: string | null },
  { record, read }: TakenRun,
  target: Target,
  { method, observed }: ChosenMethod,
): Promise<MadeComparison> {
  const sides = [outputsOf(record, read), outputsOf(target.record, path => target.tip.read(path))] as const;
  const report = await reportComparison(found, method, observed, ...sides, false);
  return { target, comparison: found.comparison, report };
}
