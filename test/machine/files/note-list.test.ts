import { afterEach, expect, test, vi } from 'vitest';
import { escapeBytes, NoteList, quoteName } from '../../../src/machine/files/note-list.ts';
import { Pace, type Progress } from '../../../src/machine/files/pace.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('trouble of one kind is one note, however many files met it', () => {
  const notes = new NoteList();
  for (let at = 0; at < 10_000; at++) notes.add('could not be read', `f${at}`);
  notes.add('something else');
  const [first, second, ...rest] = notes.all();
  expect(first).toMatch(/^could not be read: f0, f1, .*, f99 and 9900 more$/);
  expect(second).toBe('something else');
  expect(rest).toEqual([]);
});

test('the longest note fits into a record', () => {
  const notes = new NoteList();
  for (let at = 0; at < 200; at++) notes.add('x', 'y'.repeat(5000));
  expect(notes.all()[0]!.length).toBeLessThan(65_536);
});

test('names that could be misread are quoted, bytes that are no text are escaped', () => {
  expect(['Data/é.txt', 'a b', 'a\nb', ''].map(quoteName)).toEqual(['Data/é.txt', '"a b"', '"a\\nb"', '""']);
  expect(escapeBytes(Buffer.from([0x61, 0xe9, 0x22]))).toBe('"a\\xe9\\x22"');
});

test('progress is shown once something takes over a second, at most five times a second', async () => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const shown: Progress[] = [];
  const pace = new Pace(progress => shown.push(progress));
  expect(pace.due).toBe(false);
  for (now = 0; now <= 2000; now += 60) {
    pace.files++;
    if (pace.due) await pace.rest();
    if (now < 1000) expect(shown).toEqual([]);
  }
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.length).toBeLessThan(6);
  expect(shown.at(-1)).toMatchObject({ doing: 'looking for files', ofBytes: null });
});
