import type { DiffRequest } from './generated/shapes.ts';

/** Corroborate's own custom methods that anybody can compute again from two records' stored outputs. */
const recomputableNames: ReadonlySet<string> = new Set(['numeric', 'image', 'structured']);

/**
 * Whether a method's results can be computed again by anybody: not what a person saw, nor what a program or a package of
 * the requester's said. The one list: the methods, the rule `method` and the assessment all go by it.
 */
export function isRecomputable({ method, name }: Pick<DiffRequest['diff'], 'method' | 'name'>): boolean {
  return method === 'default' || (method === 'custom' && name !== null && recomputableNames.has(name));
}
