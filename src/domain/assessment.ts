import type { Assessment, Counts, DiffRequest, Pair, Project, Property, RecordAtom } from './generated/shapes.ts';
import { isRecomputable } from './recomputable.ts';
import { isSameUser, spokesperson, userKey } from './user.ts';

/** An agreed request with the two records that it names; a record that is gone is null. */
export interface AgreedRequest {
  readonly diff: DiffRequest;
  readonly from: RecordAtom | null;
  readonly toward: RecordAtom | null;
}

/** A pair names its method by its word, a custom one by its name. */
export function methodLabel(diff: { readonly method: string; readonly name: string | null }): string {
  return diff.method === 'custom' ? (diff.name ?? 'custom') : diff.method;
}

/**
 * Whether the results rest on the requester's word, told from the request and its records alone: `visual`, a program
 * of the requester's, content that is not stored, or a result that says of itself that it is over the budget (design,
 * section 6, rule `method`, which lets no result leave that out).
 */
export function isAttested(diff: DiffRequest['diff'], from: RecordAtom | null, toward: RecordAtom | null): boolean {
  if (diff.method === 'visual') return true;
  const differing = diff.results.filter(result => !result.identical);
  if (differing.length === 0) return false;
  if (!isRecomputable(diff) || from === null || toward === null) return true;
  return differing.some(({ path, exact }) => {
    const [mine, theirs] = [from, toward].map(({ outputs }) => outputs.find(output => output.path === path));
    // A file on one side only is different without its content.
    return mine && theirs ? !(mine.stored && theirs.stored) || exact === false : !mine && !theirs;
  });
}

export function pairOf({ diff, from, toward }: AgreedRequest, project: Project): Pair {
  const owner = (record: RecordAtom | null) => spokesperson(record?.owner ?? project.owner, project.owner);
  return {
    diff: diff.id,
    from: diff.from,
    toward: diff.toward,
    proposition: diff.proposition,
    method: methodLabel(diff.diff),
    independent: !isSameUser(owner(from), owner(toward)),
    attested: isAttested(diff.diff, from, toward),
    agreed: diff.answer?.at ?? diff.created,
  };
}

/** The project's reproducibility: a function of the agreed requests and their records alone (design, sections 3 and 5). */
export function assessProject(agreed: readonly AgreedRequest[], project: Project): Assessment {
  const pairs = agreed
    .map(request => pairOf(request, project))
    .sort((one, other) => (one.agreed + one.diff < other.agreed + other.diff ? -1 : 1));
  const people = new Set(
    agreed.flatMap(({ from, toward }) =>
      [from, toward].map(record => userKey(spokesperson(record?.owner ?? project.owner, project.owner))),
    ),
  );
  const count = (holds: (pair: Pair) => boolean) => pairs.filter(holds).length;
  const counts: Counts = {
    repeated: count(pair => pair.proposition === 'repeated'),
    reproduced: count(pair => pair.proposition === 'reproduced'),
    non_repeated: count(pair => pair.proposition === 'non-repeated'),
    non_reproduced: count(pair => pair.proposition === 'non-reproduced'),
    independent: count(pair => pair.independent),
    attested: count(pair => pair.attested),
    people: people.size,
  };
  return { property: propertyOf(counts), counts, pairs };
}

/** One word for the whole (design, section 5): nothing agreed is `unknown`. */
export function propertyOf(counts: Counts): Property {
  const positive = counts.repeated + counts.reproduced > 0;
  const negative = counts.non_repeated + counts.non_reproduced > 0;
  if (positive && negative) return 'mixed';
  if (positive) return counts.reproduced > 0 ? 'reproducible' : 'repeatable';
  if (negative) return counts.non_reproduced > 0 ? 'non-reproducible' : 'non-repeatable';
  return 'unknown';
}
