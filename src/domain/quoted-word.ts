/** A word as a shell takes it literally, whatever it holds. */
export function quotedWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
