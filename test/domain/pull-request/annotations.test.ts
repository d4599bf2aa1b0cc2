import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffPath, outputPath, recordPath } from '../../../src/domain/branch-layout.ts';
import type { Fault, Place } from '../../../src/domain/problem.ts';
import { annotationsOf } from '../../../src/domain/pull-request/annotations.ts';
import { factsOf } from '../good-request.ts';
import { ids, judgedOf, judgement } from './some-request.ts';

const path = diffPath(ids.diff);
const fault = (change: Partial<Fault> = {}): Fault => ({
  path,
  line: 7,
  column: 3,
  field: 'diff.method',
  because: 'no such method',
  ...change,
});

function brokenAt(at: Place | null) {
  const { verdict, findings } = judgement('broken', 'it is so');
  return { verdict, findings: findings.map(finding => ({ ...finding, at: finding.is === 'broken' ? at : null })) };
}

const annotated = (at: Place | null, faults: readonly Fault[] = []) =>
  annotationsOf(judgedOf(factsOf(), { judgement: brokenAt(at), faults }));

describe('annotations', () => {
  test('stand at the line of the YAML', () => {
    expect(annotated({ path, line: 12, column: 1, field: 'diff.results' }, [fault()])).toEqual([
      { path, start_line: 12, end_line: 12, annotation_level: 'failure', title: 'Rule method', message: 'it is so' },
      {
        path,
        start_line: 7,
        end_line: 7,
        annotation_level: 'failure',
        title: 'Rule schema: diff.method',
        message: 'no such method',
      },
    ]);
  });

  test('a place without a line is the first line; a rule without a place has none', () => {
    expect(annotated({ path, line: null, column: null, field: 'proposition' })).toMatchObject([{ start_line: 1 }]);
    expect(annotated(null)).toEqual([]);
  });

  test('what concerns a file of the branch is said at the claim, faults elsewhere are not', () => {
    const elsewhere = { line: 3, column: 1, field: 'status' };
    for (const other of [recordPath(ids.toward), outputPath(ids.from, 'missing.txt'), 'README.md'])
      expect(annotated({ path: other, ...elsewhere })).toMatchObject([{ path, start_line: 1, message: 'it is so' }]);
    expect(annotated(null, [fault({ path: recordPath(ids.toward) })])).toEqual([]);
  });

  test('faults are not told twice', () => {
    const judged = judgedOf(factsOf({ diff: null, faults: [fault(), fault({ line: 9 })] }));
    expect(judged.judgement.findings.find(({ rule }) => rule === 'schema')).toMatchObject({ is: 'broken' });
    expect(annotationsOf(judged).map(({ start_line }) => start_line)).toEqual([7, 9]);
  });

  test('whatever the faults are, GitHub takes them', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 50 }),
      fc.constantFrom('\u0000\u0007', '\u202e', '\ud800', 'a\nb', 'x'.repeat(100_000)),
    );
    const place = fc.record({
      path: fc.oneof(fc.constantFrom(path, recordPath(ids.from)), text),
      line: fc.option(fc.integer({ min: -5, max: 1e9 })),
      column: fc.constant(null),
      field: fc.option(text),
      because: text,
    });
    fc.assert(
      fc.property(fc.array(place, { maxLength: 120 }), fc.array(text), (faults, brought) => {
        const judged = judgedOf(factsOf(), { faults, judgement: brokenAt(faults[0] ?? null) });
        const changed = [...judged.changed, ...brought];
        const annotations = annotationsOf({ ...judged, changed });
        expect(annotations.length).toBeLessThanOrEqual(50);
        for (const { path, start_line, end_line, title, message } of annotations) {
          expect(changed).toContain(path);
          expect(start_line).toBeGreaterThanOrEqual(1);
          expect(end_line).toBe(start_line);
          expect(title.length).toBeLessThanOrEqual(255);
          expect(message.length).toBeGreaterThan(0);
          expect(message.length).toBeLessThanOrEqual(4000);
          for (const shown of [path, title, message]) {
            expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
            expect(shown).not.toMatch(/\p{Cs}/u);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
