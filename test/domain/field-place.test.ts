import { describe, expect, test } from 'vitest';
import { locatedPlace } from '../../src/domain/field-place.ts';
import { writeYaml } from '../../src/domain/yaml-writing.ts';
import { diffOf } from './good-request.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const place = (field: string | null, line: number | null = null) => ({ path: 'a.yml', line, column: null, field });

describe('a field has its line', () => {
  const canonical = writeYaml(diffOf());
  const byHand = `# a claim\n\n${canonical}`;
  test.each([
    ['proposition', /^proposition: repeated/],
    ['sender', /^ {2}login: grace/],
    ['diff.results', /^ {4}- path: /],
    ['diff.results[0].same', /^ +same: true/],
  ])('%s', (field, line) => {
    for (const text of [canonical, byHand]) {
      const found = locatedPlace(place(field), bytes(text));
      expect(text.split('\n')[found.line! - 1]).toMatch(line);
    }
  });

  test('but for what no file tells', () => {
    expect(locatedPlace(place('no.such[3]["field"]'), bytes(canonical)).field).toBe('no.such[3]["field"]');
    expect(locatedPlace(place(null), bytes(canonical))).toEqual(place(null));
    expect(locatedPlace(place('proposition', 9), bytes(canonical))).toEqual(place('proposition', 9));
    expect(locatedPlace(place('proposition'), bytes('%YAML 1.1\n---\na: 1\n'))).toEqual(place('proposition'));
  });
});
