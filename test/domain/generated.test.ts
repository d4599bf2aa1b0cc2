import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generate } from '../../scripts/generate.ts';

test('the generated types and validators are those that the schemas give', async () => {
  const files = await generate();
  expect(Object.keys(files)).toEqual(['shapes.ts', 'validators.js', 'validators.d.ts']);
  for (const [name, text] of Object.entries(files)) {
    const there = readFileSync(join(import.meta.dirname, '../../src/domain/generated', name), 'utf8');
    expect(there === text, `${name} is stale: npm run generate`).toBe(true);
  }
});
