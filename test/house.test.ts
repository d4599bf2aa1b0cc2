import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

// The house of the design, section 9: imports go one way, the outside rooms do not know each other, the domain is pure.
const source = join(import.meta.dirname, '../src');
const rooms = ['doors', 'flows', 'differentiation', 'machine', 'store', 'github', 'domain'] as const;
type Room = (typeof rooms)[number];

const mayImport: Record<Room, readonly Room[]> = {
  doors: rooms,
  flows: ['flows', 'differentiation', 'machine', 'store', 'github', 'domain'],
  differentiation: ['differentiation', 'domain'],
  machine: ['machine', 'domain'],
  store: ['store', 'domain'],
  github: ['github', 'domain'],
  domain: ['domain'],
};
/** Rooms that work on values alone: nothing of the machine is within their reach. */
const pure: readonly Room[] = ['domain', 'differentiation'];

function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1]!);
}

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(entry => relative(source, join(entry.parentPath, entry.name)));

describe('the house', () => {
  test('has files to check', () => expect(files.length).toBeGreaterThan(10));

  test.each(files)('%s imports only what its room may', file => {
    const room = file.split('/')[0] as Room;
    expect(rooms).toContain(room);
    const text = readFileSync(join(source, file), 'utf8');
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('.')) {
        const target = relative(source, join(source, dirname(file), specifier)).split('/')[0] as Room;
        expect(mayImport[room], `${file} imports ${specifier}`).toContain(target);
      } else if (pure.includes(room)) {
        expect(specifier.startsWith('node:'), `${file} imports ${specifier}`).toBe(false);
      }
    }
    if (pure.includes(room)) {
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      expect(code, `${file} reads the clock, chance or the process`).not.toMatch(
        /\bnew Date\(\)|\bDate\.now\b|\bMath\.random\b|\bprocess\.|\bfetch\(/,
      );
    }
  });
});
