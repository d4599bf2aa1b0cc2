import { Problem } from '../../domain/problem.ts';
import type { ChosenMethod, MadeComparison } from './comparison.ts';
import { type AskedRequest, askOwner } from './diff-request.ts';
import type { TakenRun } from './record.ts';
import { type RecordLinks, recordLinks } from './record-links.ts';
import type { Step } from './step.ts';
import { isReadOnly, sentenceOf } from './told.ts';

/** A run with all that was made of it. */
export interface ConcludedRun {
  readonly run: TakenRun;
  /** Null where the record is not on the branch. */
  readonly links: RecordLinks | null;
  /** Null where nothing was compared. */
  readonly made: MadeComparison | null;
  readonly request: AskedRequest | null;
  /** What fails the step, though the run is recorded. */
  readonly failures: readonly string[];
  readonly notices: readonly string[];
}

/** How a run is compared: null where nobody asked for it, a sentence where there is nothing to compare. */
export type CompareRun = (() => Promise<MadeComparison | string>) | null;

/**
 * Compares a recorded run and asks the owner of the other, as the inputs say. The run is not lost for what goes wrong.
 * @param chosen null where nothing is compared
 */
export async function concludeRun(
  step: Step,
  run: TakenRun,
  chosen: ChosenMethod | null,
  compare: CompareRun,
): Promise<ConcludedRun> {
  const { inputs, context } = step;
  const { record, kept } = run;
  const failures: string[] = [];
  const notices: string[] = [];
  if (kept !== null) (isReadOnly(kept.cause) ? notices : failures).push(keptSentence(kept, record.id));
  let made: MadeComparison | null = null;
  let request: AskedRequest | null = null;
  try {
    const found = compare === null ? null : await compare();
    if (typeof found === 'string') notices.push(found);
    else made = found;
    const asked = made === null ? null : await ask(made);
    if (typeof asked === 'string') notices.push(asked);
    else request = asked;
  } catch (cause) {
    failures.push(sentenceOf(cause));
  }
  const assessment = made?.comparison.assessment ?? null;
  if (assessment !== null && inputs.failOn.includes(assessment)) {
    failures.push(`Table 1 says ${assessment}, which \`fail-on\` names.`);
  }
  const links = kept === null ? recordLinks(context.server, context.repository, inputs.branch, record.id) : null;
  return { run, links, made, request, failures, notices };

  async function ask(made: MadeComparison): Promise<AskedRequest | string | null> {
    const { proposition, assessment } = made.comparison;
    if (inputs.proposition !== null && inputs.proposition !== proposition) {
      throw new Problem(
        'REFUSED',
        `the proposition is ${inputs.proposition}, but Table 1 says ${assessment}, of which only ${proposition} may be claimed. The run is recorded; no request was opened.`,
      );
    }
    if (!inputs.request) return null;
    if (kept !== null) return 'No diff request was opened, since the record could not be stored.';
    if (assessment === 'unknown' && inputs.observation === null) {
      return 'No diff request was opened: where Table 1 says unknown it needs an observation in words (`observation:`).';
    }
    return askOwner(step, record, made, chosen!);
  }
}

function keptSentence({ path, cause }: { readonly path: string; readonly cause: Problem }, id: string): string {
  const file = path.split(/[\\/]/).at(-1);
  const what = isReadOnly(cause)
    ? `the token may not write to the records branch (as in a pull request from a fork; elsewhere the line \`contents: write\` under \`permissions:\` lets it), so the record ${id} is kept in ${path}.`
    : `${cause.message} The record is kept in ${path}.`;
  return `${what} Upload that file as an artifact; \`corroborate recover ${file}\` stores it later, and so does the input \`collect\`.`;
}
