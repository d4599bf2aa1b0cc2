import { expect, test } from 'vitest';
import type { DiffRequest, RecordAtom } from '../../../src/domain/generated/shapes.ts';
import { verifyTimes } from '../../../src/flows/verify/times.ts';
import { ada, container, diffOf, ids, project, recordOf } from '../../domain/good-request.ts';

const now = new Date('2026-12-01T00:00:00.000Z');
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();
const found = (
  record: Partial<RecordAtom> = {},
  diff: Partial<DiffRequest> = {},
  rest: { [field: string]: unknown } = {},
) => {
  const records = new Map([[ids.from, recordOf(ids.from, record)]]);
  const branch = { records, requests: [diffOf(diff)], project, history: [container], ...rest };
  return verifyTimes(branch as unknown as Parameters<typeof verifyTimes>[0], now).map(({ path, field, severity }) => {
    expect(severity).toBe('warning');
    return [path.split('/').at(-1), field];
  });
};
const answer = (when: string) => ({
  status: 'agreed' as const,
  answer: { by: ada, at: when, reason: null, commit: '0'.repeat(40) },
});

test('times in order, as far as clocks agree, are nothing to speak of', () => {
  expect(found()).toEqual([]);
  expect(found({ created: at(-1), updated: at(9) }, { created: at(-2), ...answer(at(9)) })).toEqual([]);
  // GitHub tells an answer's time in whole seconds.
  const sameSecond = { created: '2026-11-23T10:12:12.137Z', ...answer('2026-11-23T10:12:12.000Z') };
  expect(found({}, sameSecond)).toEqual([]);
});

test.each([
  [
    'a record that was updated before it was created',
    { updated: '2026-11-23T10:11:11.999Z' },
    {},
    {},
    ['record.yml', 'updated'],
  ],
  [
    'a program that finished before it started',
    { program: { ...recordOf(ids.from).program, finished: '2026-11-23T10:11:11.999Z' } },
    {},
    {},
    ['record.yml', 'program.finished'],
  ],
  [
    'a request that was answered before it was created',
    {},
    { ...answer('2026-11-23T00:00:00.000Z') },
    {},
    [`${ids.diff}.yml`, 'answer.at'],
  ],
  ['an answer to come', {}, answer(at(11)), {}, [`${ids.diff}.yml`, 'answer.at']],
  ['a request to come', {}, { created: at(11) }, {}, [`${ids.diff}.yml`, 'created']],
  ['a project to come', {}, {}, { project: { ...project, created: at(11) } }, ['project.yml', 'created']],
  ['a container to come', {}, {}, { history: [{ ...container, created: at(11) }] }, ['history.yml', '[0].created']],
] as const)('%s is named', (_, record, diff, rest, named) => {
  expect(found(record, diff, rest)).toEqual([named]);
});
