import type { User } from '../generated/shapes.ts';
import { rules } from '../rules/rules.ts';
import type { JudgedRequest } from './judged-request.ts';

/**
 * What stands where judging came to no end: every rule is unknown, so that nobody can answer.
 * @param because the end of a sentence, e.g. `it could not be judged: that took more than 20 s`
 */
export function unjudgedRequest(
  { commit, tip }: Pick<JudgedRequest, 'commit' | 'tip'>,
  projectOwner: User,
  because: string,
): JudgedRequest {
  const findings = rules.map(({ id }) => ({ rule: id, is: 'unknown' as const, because, at: null }));
  return {
    commit,
    tip,
    judgement: { verdict: 'unknown', findings },
    faults: [],
    changed: [],
    path: null,
    diff: null,
    from: null,
    toward: null,
    fromOnBranch: false,
    standing: null,
    answerer: null,
    projectOwner,
    comparison: null,
    pictures: [],
  };
}
