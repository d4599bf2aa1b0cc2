import { expect, test } from 'vitest';
import { commentMark } from '../../../src/domain/pull-request/pull-request-view.ts';
import {
  type Approach,
  readReviewerNote,
  reviewerNote,
  reviewerNoteRoom,
} from '../../../src/domain/pull-request/reviewer-note.ts';

const longest = { login: 'a'.repeat(100), id: Number.MAX_SAFE_INTEGER - 1 };

test.each<Approach>(['asked', 'mentioned', 'renamed'])(
  'who was %s is told by the comment, within its room',
  approach => {
    const told = { id: longest.id, approach };
    for (const reviewer of [longest, null]) {
      const note = reviewerNote(told, reviewer);
      expect(note.length + 2).toBeLessThanOrEqual(reviewerNoteRoom);
      expect(readReviewerNote(`${commentMark}\nwords\n\n${note}`)).toEqual(told);
      expect(readReviewerNote(`${commentMark}\r\nwords\r\n\r\n${note}\r\n`)).toEqual(told);
    }
  },
);

test('it mentions nobody, and says only where nobody could be asked', () => {
  const ada = { login: 'ada', id: 1815 };
  expect(reviewerNote({ id: 1815, approach: 'renamed' }, ada)).toMatch(/^The targeted record .* `ada`: nobody/);
  expect(reviewerNote({ id: 1815, approach: 'renamed' }, { login: 'alan', id: 1912 })).toMatch(/^<!--/);
  expect(reviewerNote({ id: 1815, approach: 'mentioned' }, ada)).toMatch(/^<!--/);
  expect(reviewerNote({ id: 1815, approach: 'asked' }, ada)).toMatch(/^<!--/);
  expect(reviewerNote({ id: 1815, approach: 'renamed' }, ada)).not.toContain('@');
});

test('a note counts at the end of a comment only, where nobody else can write', () => {
  const note = reviewerNote({ id: 1815, approach: 'asked' }, null);
  expect(readReviewerNote(`${note}\nmore`)).toBeNull();
  expect(readReviewerNote('')).toBeNull();
});
