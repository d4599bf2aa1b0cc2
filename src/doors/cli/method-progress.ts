import type { Method } from '../../differentiation/method.ts';
import { bytes } from '../../domain/wording.ts';
import { plain, type Terminal } from './terminal.ts';

/** Bytes of a file's two sides together that may take a second to compare. */
const slow = 256 * 1024;
/** Milliseconds after which small files are told of, too, and between two of them. */
const patience = 1000;
const pace = 100;

/**
 * The method, telling on a terminal which file it is at. A file is told of before it is compared: one may take twenty
 * seconds, in which nothing else is done.
 * @param now milliseconds
 */
export function withProgress(method: Method, terminal: Pick<Terminal, 'progress'>, now: () => number): Method {
  let next = now() + patience;
  return {
    ...method,
    compare(path, from, toward, options, budget) {
      const size = from.length + toward.length;
      if (size >= slow || now() >= next) {
        next = now() + pace;
        terminal.progress(`comparing ${plain(path)}, ${bytes(from.length)} with ${bytes(toward.length)}`);
      }
      return method.compare(path, from, toward, options, budget);
    },
  };
}
