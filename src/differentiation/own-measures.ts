import { whyNoFileResult } from '../domain/documents.ts';
import type { Measures } from './method.ts';

/** What stands in for the path and the identity of a file, which are not for a method to say. */
const around = { path: 'file', identical: false };

/**
 * The measures that a program or a package of somebody's own answered for a file, held to the schema of a file's result
 * (`fileResult` in schemas/common.schema.json) less `path` and `identical`; or what is wrong with them, in words.
 */
export function readOwnMeasures(answered: unknown): { readonly measures: Measures } | { readonly because: string } {
  if (typeof answered !== 'object' || answered === null || Array.isArray(answered))
    return { because: 'it is no object with the field same' };
  for (const name of Object.keys(around))
    if (Object.hasOwn(answered, name)) return { because: `${name}: that is not for the method to say` };
  const because = whyNoFileResult({ ...answered, ...around });
  return because === null ? { measures: { ...answered } as Measures } : { because };
}
