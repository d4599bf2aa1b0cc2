import { parseSync, Visitor } from 'rolldown/utils';

/** What takes the place of `import()`: a parameter of what `compiled-code.ts` runs. */
const handed = '__import';

/**
 * A file of the bundle as `compiled-code.ts` loads it: in ASCII alone, which node reads, and V8 keeps, a millisecond
 * sooner; and with an `import()` that it is handed, since a script of `node:vm` may not use its own but behind an experimental flag.
 * @param code of a CommonJS file
 * @throws Error where that would change what it does
 */
export function loadableScript(name: string, code: string): string {
  const starts: number[] = [];
  new Visitor({
    ImportExpression: ({ start }) => void starts.push(start),
    TaggedTemplateExpression: ({ start, end }) => {
      if (/[^\x00-\x7f]/.test(code.slice(start, end))) throw new Error(`${name}: a tagged template that is not ASCII`);
    },
  }).visit(parseSync(name, code, { sourceType: 'commonjs' }).program);
  let end = 0;
  const parts = starts
    .sort((one, two) => one - two)
    .map(start => {
      const before = code.slice(end, start);
      end = start + 'import'.length;
      return before + handed;
    });
  return (parts.join('') + code.slice(end)).replace(
    /[^\x00-\x7f]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
