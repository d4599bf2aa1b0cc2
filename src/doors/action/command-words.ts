import { Problem } from '../../domain/problem.ts';
import { splitWords } from '../cli/split-words.ts';

/** What only a shell makes something of, where it is not quoted. */
const special = /[|&;<>()`$*?\n]|^~/;
/** Likewise between double quotes, unless it is for a shell of the command's own, which makes the same of it. */
const specialInside = /[`$]/;
const ownShell = /^(?:\S*\/)?(?:ba|da|k|z)?sh\s+-\w*c\s/;

/**
 * The words of the input `command`. A record names the program and its arguments, so no shell runs it: what only a
 * shell could do is refused and not passed on as an argument.
 * @throws Problem USAGE
 */
export function commandWords(text: string): string[] {
  // A backslash at the end of a line continues it, as in a shell.
  const line = text.replace(/\\\r?\n/g, ' ').trim();
  for (const [piece] of line.matchAll(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s'"\\]+|\n/g)) {
    const isDouble = piece.startsWith('"');
    if (isDouble && ownShell.test(line)) continue;
    const bare = isDouble ? piece.replace(/\\[\s\S]/g, '') : piece;
    if (piece.startsWith("'") || piece.startsWith('\\') || !(isDouble ? specialInside : special).test(bare)) continue;
    const shown = piece === '\n' ? 'a second line' : `\`${piece}\``;
    throw new Problem(
      'USAGE',
      `the input \`command\` holds ${shown}, which a shell would read as more than words, and no shell reads it here. Put it between single quotes if it is meant as it stands; else say which shell: bash -c '…'.`,
    );
  }
  return splitWords(line);
}
