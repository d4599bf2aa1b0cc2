import { isRecomputable } from '../domain/recomputable.ts';
import type { Budget, Comparison, Method, Options } from './method.ts';
import { compareValues } from './structured/compare-values.ts';
import { ignoredPaths, parsePath } from './structured/ignored-paths.ts';
import { readJson, readJsonLines } from './structured/read-json.ts';
import { readYaml } from './structured/read-yaml.ts';
import { type StructuredValue, Unreadable } from './structured/structured-value.ts';
import { readText } from './text/read-text.ts';

type Reader = (text: string) => StructuredValue;

const readers: readonly { readonly endings: RegExp; readonly read: Reader }[] = [
  { endings: /\.(json|geojson|ipynb)$/i, read: readJson },
  { endings: /\.(jsonl|ndjson)$/i, read: readJsonLines },
  { endings: /\.ya?ml$/i, read: readYaml },
];

/** The reader by the file's ending; for another one JSON, where both sides begin as JSON does. */
function readerFor(path: string, texts: readonly string[]): Reader | null {
  const reader = readers.find(({ endings }) => endings.test(path));
  if (reader) return reader.read;
  return texts.every(text => /^\ufeff?\s*[[{]/.test(text)) ? readJson : null;
}

async function compare(
  path: string,
  from: Uint8Array,
  toward: Uint8Array,
  options: Options,
  budget: Budget,
): Promise<Comparison> {
  const texts: string[] = [];
  for (const [bytes, whose] of [
    [from, "The requester's"],
    [toward, 'The targeted'],
  ] as const) {
    const text = readText(bytes);
    if ('because' in text) return { same: false, reason: `${whose} file ${text.because}: it is no JSON or YAML.` };
    texts.push(text.text);
  }
  const read = readerFor(path, texts);
  if (!read)
    return { same: false, reason: 'Neither JSON nor YAML: the name ends in none of .json, .jsonl, .yaml, .yml.' };

  const values: StructuredValue[] = [];
  for (const [index, whose] of ["The requester's", 'The targeted'].entries()) {
    try {
      values.push(read(texts[index]!));
    } catch (error) {
      if (error instanceof Unreadable)
        return { same: false, reason: `${whose} file cannot be read: ${error.message}.` };
      throw error;
    }
  }
  try {
    const { compared, differing, first, steps, isComplete } = compareValues(
      values[0]!,
      values[1]!,
      ignoredPaths(options.ignore as readonly string[]),
      budget.steps,
    );
    if (isComplete) return { same: differing === 0, compared, differing, first, steps };
    const reason = `The budget ended after ${compared} values.`;
    return { same: false, compared, differing, first, reason, steps, unsettled: reason };
  } catch (error) {
    if (error instanceof Unreadable) return { same: false, reason: `A file cannot be compared: ${error.message}.` };
    throw error;
  }
}

/** JSON and YAML by value: key order, blanks and the spelling of numbers aside. */
export const structuredMethod: Method = {
  word: 'custom',
  name: 'structured',
  promise: 'JSON or YAML with equal values, whatever the order of keys, the blanks and the spelling of numbers.',
  options: [
    {
      name: 'ignore',
      type: 'texts',
      fallback: [],
      promise: 'Paths to leave out: a JSON pointer (/runs/0/host), or dotted with * for any one step (runs.*.host).',
    },
  ],
  repeatable: isRecomputable({ method: 'custom', name: 'structured' }),
  refuses(options) {
    const off = (options.ignore as readonly string[]).find(path => parsePath(path) === null);
    return off === undefined
      ? null
      : `ignore: ${JSON.stringify(off)} is no path: write a JSON pointer (/runs/0/host) or a dotted path (runs.*.host).`;
  },
  compare,
};
