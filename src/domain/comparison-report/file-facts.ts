import type { FileResult, PlaceAndValues } from '../generated/shapes.ts';
import { numberText, shortened } from './comparison-report.ts';
import type { Evidence, LargestDifference } from './evidence.ts';

/** One thing that was found out about a file: plain text, of which places, values and reasons are anyone's. */
export interface Fact {
  readonly what: string;
  readonly value: string;
}

/** What was measured of one file, the most telling first; with places that only who saw the file knows. */
export function fileFacts(file: FileResult, seen?: Evidence): Fact[] {
  if (file.identical) return [{ what: 'bytes', value: 'identical' }];
  const facts: Fact[] = [];
  const say = (what: string, value: string) => facts.push({ what, value });
  // Without a distance there was no tolerance to be out of.
  if (file.compared !== undefined)
    say(
      file.max_abs === undefined ? 'different' : 'out of tolerance',
      `${counted(file.differing ?? 0)} of ${counted(file.compared)} compared`,
    );
  if (typeof file.distance === 'number')
    say('distance', `${counted(file.distance)} code points${similarityText(file)}`);
  if (file.lower !== undefined && file.upper !== undefined) {
    say('distance', `between ${counted(file.lower)} and ${counted(file.upper)} code points, not known exactly`);
  }
  if (file.pixels_different !== undefined) {
    say('pixels', `${counted(file.pixels_different)} of ${counted(file.pixels ?? 0)} differ`);
  }
  if (file.box) say('where', `${file.box.width} x ${file.box.height} pixels at (${file.box.x}, ${file.box.y})`);
  if (file.rms !== undefined) say('RMS', `${shortNumber(file.rms)} of 255`);
  if (file.max_abs !== undefined) say('largest absolute', largestText(file, file.max_abs, seen?.largest?.absolute));
  if (file.max_rel !== undefined) say('largest relative', largestText(file, file.max_rel, seen?.largest?.relative));
  if (file.worst) say('worst', placeText(file.worst));
  if (file.first && !isSamePlace(file.first, file.worst)) say('first', placeText(file.first));
  if (file.reason !== undefined) say('because', shortened(file.reason, 600));
  const passes = passingFlags(file);
  if (passes !== null) say('passes with', passes);
  return facts;
}

/** The flags of the smallest tolerance under which a file that differs would be the same; null where none is known. */
export function passingFlags(file: FileResult): string | null {
  if (file.same) return null;
  const { rtol, atol } = file.passes_with ?? {};
  if (typeof rtol === 'number') return `--rtol ${numberText(rtol)}`;
  if (typeof atol === 'number') return `--atol ${numberText(atol)}`;
  if (typeof file.distance === 'number' && file.distance > 0) return `--max-distance ${file.distance}`;
  if (file.pixels_different && file.reason === undefined) return `--max-pixels ${file.pixels_different}`;
  return null;
}

/** With its place and both values, unless that is the worst pair, which is told next. */
function largestText(
  file: FileResult,
  measured: number | string,
  largest: LargestDifference | null | undefined,
): string {
  const isThat = largest && (measured === 'inf' ? Number.POSITIVE_INFINITY : measured) === largest.difference;
  return isThat && !isSamePlace(largest, file.worst)
    ? `${shortNumber(measured)} at ${placeText(largest)}`
    : shortNumber(measured);
}

function similarityText({ similarity }: FileResult): string {
  if (typeof similarity !== 'number') return '';
  // 99.99999 is not 100: what differs a little must not read as the same.
  const percent = Math.min(similarity * 100, similarity < 1 ? 99.99 : 100);
  return `, ${Number(percent.toFixed(2))} % alike`;
}

function isSamePlace(one: PlaceAndValues, other: PlaceAndValues | null | undefined): boolean {
  return one.at === other?.at;
}

function placeText({ at, from, toward }: PlaceAndValues): string {
  return `${shortened(String(at), 120)}: from ${valueText(from)}, toward ${valueText(toward)}`;
}

function valueText(value: PlaceAndValues['from']): string {
  if (typeof value === 'number') return numberText(value);
  if (value === null || value === undefined) return 'nothing';
  return typeof value === 'string' ? JSON.stringify(shortened(value, 120)) : String(value);
}

function shortNumber(value: number | string): string {
  if (typeof value !== 'number') return value;
  return numberText(Number(value.toPrecision(4)));
}

/** 1234567 as `1,234,567`, whatever the locale. */
export function counted(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
