import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { methods, nameOf } from '../src/differentiation/registry.ts';

const top = join(import.meta.dirname, '..');
const page = readFileSync(join(top, 'docs/methods.md'), 'utf8');

test.each(methods.map(method => [nameOf(method), method] as const))(
  'docs/methods.md tells every option of %s, in its order, with what it falls back to',
  (name, method) => {
    const section = page.split(/^#{2,3} /m).find(part => part.startsWith(`${name}\n`)) ?? '';
    const rows = [...section.matchAll(/^\| `([a-z_]+)` *\| *(\S+) *\|/gm)].map(row => [row[1], row[2]]);
    expect(rows.map(([option]) => option)).toEqual(method.options.map(spec => spec.name));
    for (const [index, { fallback }] of method.options.entries()) {
      if (typeof fallback === 'number' || typeof fallback === 'boolean')
        expect(JSON.stringify(JSON.parse(rows[index]![1]!))).toBe(JSON.stringify(fallback));
    }
  },
);

test('docs/methods.md shows the example as it stands', () => {
  expect(page).toContain(`\`\`\`js\n${readFileSync(join(top, 'examples/method-package/peak.js'), 'utf8')}\`\`\`\n`);
});
