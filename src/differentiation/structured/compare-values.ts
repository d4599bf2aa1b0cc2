import type { PlaceAndValues } from '../../domain/generated/shapes.ts';
import { follow, type IgnoredPaths } from './ignored-paths.ts';
import { asWritten, mostDepth, type StructuredValue, Unreadable } from './structured-value.ts';

export interface ValuesComparison {
  /** Values that are neither list nor map, and keys or items of one side only. */
  readonly compared: number;
  readonly differing: number;
  /** The first difference in the order of the requester's file, as a JSON pointer. */
  readonly first: PlaceAndValues | null;
  readonly steps: number;
  /** False when the steps ended before all was compared. */
  readonly isComplete: boolean;
}

/** What one visited value costs, in steps of about a nanosecond. */
const stepsPerValue = 50;
const mostShown = 200;

/** A value in short: itself, or of what kind it is. */
function shown(value: StructuredValue | undefined): PlaceAndValues['from'] {
  if (!value) return '(missing)';
  switch (value.is) {
    case 'null':
      return null;
    case 'list':
      return `[list of ${value.items.length}]`;
    case 'map':
      return `{map of ${value.entries.size}}`;
    case 'text':
      return value.value.length > mostShown ? `${value.value.slice(0, mostShown)}…` : value.value;
    case 'number': {
      const written = asWritten(value.value);
      return typeof written === 'string' ? written.slice(0, mostShown) : written;
    }
    case 'boolean':
      return value.value;
  }
}

function pointer(path: readonly string[]): string {
  const text = path.map(step => `/${step.replace(/^\0/, '').replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return text.length > 4000 ? `…${text.slice(-4000)}` : text;
}

/** Compares two values, key order aside and what is ignored left out. Throws Unreadable when they nest too deep. */
export function compareValues(
  from: StructuredValue,
  toward: StructuredValue,
  ignored: IgnoredPaths,
  stepsAllowed: number,
): ValuesComparison {
  let compared = 0;
  let differing = 0;
  let first: PlaceAndValues | null = null;
  let steps = 0;
  const path: string[] = [];

  function differ(one: StructuredValue | undefined, two: StructuredValue | undefined): void {
    differing++;
    first ??= { at: pointer(path) || '/', from: shown(one), toward: shown(two) };
  }

  function child(
    step: string,
    one: StructuredValue | undefined,
    two: StructuredValue | undefined,
    trees: readonly IgnoredPaths[],
  ): void {
    const next = follow(trees, step.replace(/^\0/, ''));
    if (!next) return;
    path.push(step);
    visit(one, two, next);
    path.pop();
  }

  function visit(
    one: StructuredValue | undefined,
    two: StructuredValue | undefined,
    trees: readonly IgnoredPaths[],
  ): void {
    steps += stepsPerValue;
    if (steps > stepsAllowed) return;
    // Aliases may nest deeper than the text that they stand in.
    if (path.length > mostDepth) throw new Unreadable(`it is nested deeper than ${mostDepth}`);
    if (one?.is === 'list' && two?.is === 'list') {
      const length = Math.max(one.items.length, two.items.length);
      for (let i = 0; i < length && steps <= stepsAllowed; i++) child(String(i), one.items[i], two.items[i], trees);
      return;
    }
    if (one?.is === 'map' && two?.is === 'map') {
      for (const [key, value] of one.entries) {
        if (steps > stepsAllowed) return;
        child(key, value, two.entries.get(key), trees);
      }
      for (const [key, value] of two.entries) {
        if (steps > stepsAllowed) return;
        if (!one.entries.has(key)) child(key, undefined, value, trees);
      }
      return;
    }
    compared++;
    const isSame =
      one?.is === two?.is &&
      (one?.is === 'null' || (one && two && 'value' in one && 'value' in two && one.value === two.value));
    if (!isSame) differ(one, two);
  }

  visit(from, toward, [ignored]);
  return { compared, differing, first, steps, isComplete: steps <= stepsAllowed };
}
