import type { Block, Values } from './numeric-document.ts';

/** One array of a file; `name` is unique in it, '' where there is nothing to call it. */
export function arrayBlock(values: Values, name: string, shape: readonly number[], unit: string | null): Block {
  return {
    ...values,
    name,
    shape,
    columns: null,
    layout: null,
    wordsBetween: false,
    unit,
    place: index => placeIn(name, shape, index),
  };
}

/** `energy[3, 0, 2]`: the place of a value in an array, counted from 0 as numpy does. */
function placeIn(name: string, shape: readonly number[], index: number): string {
  if (shape.length === 0) return name === '' ? 'the value' : name;
  const places: number[] = [];
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    places.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `${name}[${places.join(', ')}]`;
}
