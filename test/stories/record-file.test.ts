import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseBranchPath } from '../../src/domain/branch-layout.ts';
import { requireDocument } from '../../src/domain/documents.ts';
import { writeRecordFile } from '../../src/flows/record-file.ts';
import { type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';

const files = { 'model.sh': 'mkdir -p out; cat "$1" > out/a.txt; echo done\n', 'default.param': 'n=1\n' };
const project = { name: 'demo', description: '', goals: '', private: false };

/** The record as the Action leaves it where it cannot be stored. */
async function leftBy(
  job: Scientist,
  record: ShownRecord,
  wrong: (path: string, bytes: Buffer) => Buffer = (_, b) => b,
) {
  const contents = new Map<string, Uint8Array>();
  for (const path of job.git('ls-tree', '-r', '--name-only', 'records', record.path).split('\n')) {
    if (parseBranchPath(path)?.kind === 'record') continue;
    contents.set(path, wrong(path, Buffer.from(job.onBranch(path))));
  }
  const path = `${record.path}/record.yml`;
  const { image: _, ...draft } = requireDocument('record', Buffer.from(job.onBranch(path)), path);
  const sourceMade = async () => new Date(draft.created);
  const state = { draft, files: contents, what: 'finished', sourceMade, ranIn: null, origin: 'grace/demo' };
  return writeRecordFile(state, project);
}

test('what a job left as a file is stored later, once, and holds', async () => {
  await using job = await scientist('grace', { files });
  await using ada = await scientist('ada', { files });
  const records: ShownRecord[] = [];
  for (const name of ['one', 'two']) {
    const record = await job.asks<ShownRecord>('run', 'sh', 'model.sh', 'default.param');
    writeFileSync(ada.at(`../${name}.record.json`), await leftBy(job, record));
    records.push(record);
  }
  const names = ['../one.record.json', '../two.record.json'];
  const stored = await ada.asks<ShownRecord[]>('recover', ...names, names[0]!);
  expect(stored.map(({ id, status }) => [id, status])).toEqual(records.map(({ id }) => [id, 'finished']));
  expect(ada.onBranch(`${records[0]!.path}/outputs/out/a.txt`)).toBe('n=1\n');
  expect(ada.git('rev-list', '--count', 'records')).toBe('2');
  expect(ada.onBranch('history.yml')).toContain('origin: grace/demo\n');
  expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });
  const again = await ada.does('recover', ...names);
  expect(again).toMatchObject({ code: 0, stdout: '' });
  expect(again.stderr).toContain('the branch has it already');
});

test.each([
  ['no JSON', async () => Buffer.from('{'), 'it is no JSON'],
  ['another format', async () => Buffer.from('{"format":"x"}'), 'no record file of this version'],
  [
    'bytes that are not the recorded ones',
    (job: Scientist, record: ShownRecord) =>
      leftBy(job, record, (path, bytes) => (path.endsWith('a.txt') ? Buffer.from('forged') : bytes)),
    'its record says',
  ],
])('%s: refused with a sentence, and nothing is stored', async (_, make, because) => {
  await using ada = await scientist('ada', { files });
  const record = await ada.asks<ShownRecord>('run', 'sh', 'model.sh', 'default.param');
  const before = ada.git('rev-parse', 'records');
  writeFileSync(ada.at('../x.record.json'), await make(ada, record));
  const said = await ada.tries('recover', '../x.record.json');
  expect(said.code).toBe(1);
  expect(said.stderr).toContain(because);
  expect(ada.git('rev-parse', 'records')).toBe(before);
});
