import type { Place } from './problem.ts';
import { readYaml } from './yaml-reading.ts';

/**
 * Where a named field really stands: rules name fields (`diff.results`, `inputs[2].sha256`), and only the file tells their
 * lines (where the value begins). The place as it was where it has a line already, or the file does not hold the field.
 * @param bytes of the file at `place.path`
 */
export function locatedPlace<P extends Place>(place: P, bytes: Uint8Array): P {
  if (place.line !== null || place.field === null) return place;
  const reading = readYaml(bytes, place.path);
  return 'value' in reading ? { ...place, ...reading.locate(partsOf(place.field)) } : place;
}

function partsOf(field: string): (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (name ?? (JSON.parse(`"${quoted}"`) as string)) : Number(index),
  );
}
