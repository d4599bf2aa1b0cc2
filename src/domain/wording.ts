import type { Counts, Property, Proposition } from './generated/shapes.ts';

/* Sentences that stand in more than one place, so that they are the same in all. */

export const propertySentence: Readonly<{ [property in Property]: string }> = {
  unknown: 'Nothing has been agreed on yet.',
  repeatable: 'Its runs were repeated: same source, same inputs, same outputs.',
  reproducible: 'Its results were reproduced with another source or other inputs.',
  'non-repeatable': 'A run could not be repeated: same source and same inputs gave other outputs.',
  'non-reproducible': 'Its results could not be reproduced.',
  mixed: 'Some claims of reproducibility were agreed on, and some of the contrary.',
};

export const propositionSentence: Readonly<{ [proposition in Proposition]: string }> = {
  repeated: 'same source, same inputs, same outputs',
  reproduced: 'another source or other inputs, same outputs',
  'non-repeated': 'same source, same inputs, other outputs',
  'non-reproduced': 'another source or other inputs, other outputs',
};

export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** `2 repeated, 1 reproduced, by 3 people, 1 independent` */
export function countsSentence(counts: Counts): string {
  const claims = [
    [counts.repeated, 'repeated'],
    [counts.reproduced, 'reproduced'],
    [counts.non_repeated, 'non-repeated'],
    [counts.non_reproduced, 'non-reproduced'],
  ] as const;
  const said = claims.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  if (said.length === 0) return 'no agreed pair';
  const independent = counts.independent > 0 ? `, ${counts.independent} independent` : ', none independent';
  const attested = counts.attested > 0 ? `, ${counts.attested} on the requester's word` : '';
  return `${said.join(', ')}, by ${plural(counts.people, 'person', 'people')}${independent}${attested}`;
}

/** A number of bytes for people: `1.5 MiB`. */
export function bytes(count: number): string {
  let size = count;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (size < 1024) return `${unit === 'B' ? size : size.toFixed(1)} ${unit}`;
    size /= 1024;
  }
  return `${size.toFixed(1)} TiB`;
}
