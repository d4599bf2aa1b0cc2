import type { Comparison, Sides, Together } from './method.ts';
import { readOwnMeasures } from './own-measures.ts';

/** An answer is somebody's program's: nothing of it is believed that is not exactly as agreed. */
class NoAnswer extends Error {}

/**
 * Reads what a program of the project's own printed: one JSON document `{files: [{path, same, …measures}]}` and nothing
 * else. Each path of `asked` stands in it once. Other paths of the two folders may, too, and count for nothing: files on
 * one side only are different, and files of equal bytes the same, whatever a program says of them. `identical` may be
 * given where it is right.
 */
export function readAnswer(printed: Uint8Array, sides: Sides, asked: readonly string[]): Together {
  try {
    return filesOf(parse(printed), sides, asked);
  } catch (error) {
    if (error instanceof NoAnswer) return { failed: `the program's answer is none: ${error.message}.` };
    throw error;
  }
}

function parse(printed: Uint8Array): unknown {
  if (printed.length === 0) throw new NoAnswer('it printed nothing on stdout');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(printed));
  } catch (error) {
    throw new NoAnswer(
      `what it printed on stdout is not one JSON document (${(error as Error).message.slice(0, 200)})`,
    );
  }
}

function filesOf(answer: unknown, sides: Sides, asked: readonly string[]): Map<string, Comparison> {
  if (!isObject(answer) || !Array.isArray(answer.files)) throw new NoAnswer('it is not {"files": […]}');
  const other = Object.keys(answer).find(name => name !== 'files');
  if (other !== undefined) throw new NoAnswer(`there is no field ${quote(other)} beside files`);
  const open = new Set(asked);
  const found = new Map<string, Comparison>();
  const seen = new Set<string>();
  for (const [index, entry] of (answer.files as unknown[]).entries()) {
    const where = `files[${index}]`;
    if (!isObject(entry) || typeof entry.path !== 'string') throw new NoAnswer(`${where} has no path`);
    const { path, identical, ...rest } = entry as { path: string; [name: string]: unknown };
    const [left, right] = [sides.from.has(path), sides.toward.has(path)];
    if (!left && !right) throw new NoAnswer(`${where} names ${quote(path)}, which is in neither folder`);
    if (seen.has(path)) throw new NoAnswer(`${where} names ${quote(path)} for the second time`);
    seen.add(path);
    const isIdentical = left && right && !open.has(path);
    if (identical !== undefined && identical !== isIdentical)
      throw new NoAnswer(`${where}: identical of ${quote(path)} is ${isIdentical}`);
    const read = readOwnMeasures(rest);
    if ('because' in read) throw new NoAnswer(`${where} (${quote(path)}): ${read.because.slice(0, 500)}`);
    if (open.has(path)) found.set(path, read.measures);
  }
  const missing = asked.find(path => !found.has(path));
  if (missing !== undefined) throw new NoAnswer(`it says nothing of ${quote(missing)}`);
  return found;
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
