import { isRecomputable } from '../domain/recomputable.ts';
import { levenshteinDistance } from './levenshtein-distance.ts';
import type { Budget, Comparison, Method, Options } from './method.ts';
import { type CutText, compilePattern, cutMatches } from './text/cut-matches.ts';
import { firstDifference } from './text/first-difference.ts';
import { readText } from './text/read-text.ts';

interface DefaultOptions {
  readonly max_distance: number;
  readonly ignore: readonly string[];
  readonly normalize_eol: boolean;
}

function whyNoPattern(pattern: string): string | null {
  try {
    compilePattern(pattern);
    return null;
  } catch (error) {
    return `ignore: ${JSON.stringify(pattern)} is no regular expression in RE2's syntax (${(error as Error).message}).`;
  }
}

function equalBytes(one: Uint8Array, two: Uint8Array): boolean {
  return one.length === two.length && one.every((byte, index) => byte === two[index]);
}

/** How many code points a text has; a surrogate without its other half is one, too. */
function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at++) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (isPair) count--;
  }
  return count;
}

async function compare(
  _path: string,
  from: Uint8Array,
  toward: Uint8Array,
  given: Options,
  budget: Budget,
): Promise<Comparison> {
  const options = given as unknown as DefaultOptions;
  const left = readText(from);
  const right = readText(toward);
  if ('because' in left || 'because' in right) {
    const reasons: string[] = [];
    if ('because' in left) reasons.push(`the requester's file ${left.because}`);
    if ('because' in right) reasons.push(`the targeted file ${right.because}`);
    const same = equalBytes(from, toward);
    return {
      same,
      distance: null,
      similarity: null,
      reason: `Not text, so compared byte by byte: ${reasons.join(', ')}.`,
    };
  }

  let steps = 0;
  const patterns = options.ignore.map(compilePattern);
  const whole = [left.text, right.text].map(text => (options.normalize_eol ? text.replace(/\r\n?/g, '\n') : text));
  const cutTexts: CutText[] = [];
  for (const text of whole) {
    if (patterns.length === 0) {
      cutTexts.push({ text, cuts: [] });
      continue;
    }
    const { cut, steps: cost } = cutMatches(text, patterns, budget.steps - steps);
    steps += cost;
    if (!cut) {
      // Cutting only shortens, and what is left may be anything: these are the bounds of all that the texts could become.
      const upper = Math.max(...whole.map(codePoints));
      const bounds = `The patterns to ignore cost more than the budget allows (most where one line holds many matches), so the distance is not known: it is at most ${upper}.`;
      const isOpen = upper > options.max_distance;
      const reason = isOpen ? `${bounds} Whether it is at most ${options.max_distance} is not known.` : bounds;
      return {
        same: !isOpen,
        distance: null,
        exact: false,
        similarity: null,
        lower: 0,
        upper,
        reason,
        steps,
        unsettled: bounds,
      };
    }
    cutTexts.push(cut);
  }
  const [cutFrom, cutToward] = cutTexts as [CutText, CutText];

  const { distance, lower, upper, longer, ...cost } = levenshteinDistance(
    cutFrom.text,
    cutToward.text,
    budget.steps - steps,
  );
  steps += cost.steps;
  const first = firstDifference(cutFrom, cutToward, whole[0]!);
  if (distance !== null) {
    return {
      same: distance <= options.max_distance,
      distance,
      exact: true,
      similarity: longer === 0 ? 1 : 1 - distance / longer,
      first,
      steps,
    };
  }
  const bounds = `The budget ended before the distance was known: it is between ${lower} and ${upper}.`;
  const isOpen = lower <= options.max_distance && upper > options.max_distance;
  return {
    same: upper <= options.max_distance,
    distance: null,
    exact: false,
    similarity: null,
    lower,
    upper,
    first,
    reason: isOpen ? `${bounds} Whether it is at most ${options.max_distance} is not known.` : bounds,
    steps,
    unsettled: bounds,
  };
}

/** The paper's default: the Levenshtein distance (p. 189), in Unicode code points, nothing normalised unless asked. */
export const defaultMethod: Method = {
  word: 'default',
  name: null,
  promise: 'The Levenshtein distance, in Unicode code points, is at most max_distance (0 unless said otherwise).',
  options: [
    {
      name: 'max_distance',
      type: 'number',
      fallback: 0,
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
      promise: 'Largest distance that counts as the same, in code points.',
    },
    {
      name: 'ignore',
      type: 'texts',
      fallback: [],
      promise:
        "Regular expressions (RE2's syntax), matched line by line; each match on both sides is cut out before comparing.",
    },
    {
      name: 'normalize_eol',
      type: 'boolean',
      fallback: false,
      promise: 'CR LF and CR count as LF.',
    },
  ],
  repeatable: isRecomputable({ method: 'default', name: null }),
  ofIdentical: { same: true, distance: 0, exact: true, similarity: 1 },
  refuses(options) {
    for (const pattern of options.ignore as readonly string[]) {
      const because = whyNoPattern(pattern);
      if (because) return because;
    }
    return null;
  },
  compare,
};
