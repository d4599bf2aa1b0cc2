import { Problem } from '../../domain/problem.ts';

/**
 * The words of a command line that was given as one text: blanks part them, quotes and backslashes keep them together as
 * in a shell. Nothing else is special: no shell runs it.
 * @throws Problem USAGE for a quote that is not closed
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const [piece] = /^(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s'"\\])+/.exec(rest) ?? [];
    if (piece === undefined || !/^(?:\s|$)/.test(rest.slice(piece.length)))
      throw new Problem('USAGE', `a quote or a backslash is left open in ${JSON.stringify(text)}`);
    words.push(
      piece.replace(/\\([\s\S])|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"/g, (_, escaped, single, double) =>
        double !== undefined ? double.replace(/\\(["\\$`\n])/g, '$1') : (escaped ?? single ?? ''),
      ),
    );
    rest = rest.slice(piece.length).trimStart();
  }
  return words;
}
