import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  diffPath,
  inputPath,
  logPath,
  outputPath,
  parseBranchPath,
  patchPath,
  recordContainerPath,
  recordFolder,
  recordPath,
} from '../../src/domain/branch-layout.ts';
import { makeRecordId } from '../../src/domain/record-id.ts';

const id = '20261122T092530Z-7f3a9c04e1';
const folder = `records/7f/3a/${id}`;
const anyId = fc
  .tuple(
    fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
    fc.uint8Array({ minLength: 5, maxLength: 5 }),
  )
  .map(([now, random]) => makeRecordId(now, random));

test('the paths are those of the design', () => {
  expect([
    recordPath(id),
    inputPath(id, 'a/b'),
    outputPath(id, 'c'),
    logPath(id),
    patchPath(id),
    recordContainerPath(id),
    diffPath(id),
  ]).toEqual([
    `${folder}/record.yml`,
    `${folder}/inputs/a/b`,
    `${folder}/outputs/c`,
    `${folder}/log.txt`,
    `${folder}/source.patch`,
    `${folder}/container.yml`,
    `diffs/7f/3a/${id}.yml`,
  ]);
});

test('every path is read as what it was made of', () => {
  fc.assert(
    fc.property(anyId, fc.string({ minLength: 1 }), (one, path) => {
      expect(parseBranchPath(recordPath(one))).toEqual({ kind: 'record', id: one });
      expect(parseBranchPath(logPath(one))).toEqual({ kind: 'log', id: one });
      expect(parseBranchPath(patchPath(one))).toEqual({ kind: 'patch', id: one });
      expect(parseBranchPath(recordContainerPath(one))).toEqual({ kind: 'container', id: one });
      expect(parseBranchPath(diffPath(one))).toEqual({ kind: 'diff', id: one });
      expect(parseBranchPath(inputPath(one, path))).toEqual({ kind: 'input', id: one, path });
      expect(parseBranchPath(outputPath(one, path))).toEqual({ kind: 'output', id: one, path });
    }),
  );
  for (const [path, kind] of [
    ['README.md', 'readme'],
    ['project.yml', 'project'],
    ['history.yml', 'history'],
    ['assessment.yml', 'assessment'],
  ])
    expect(parseBranchPath(path!)).toEqual({ kind });
});

test('nothing else is a path of the branch', () => {
  const strays = [
    '',
    '/',
    'readme.md',
    './README.md',
    '/README.md',
    'README.md/',
    'toString',
    '__proto__',
    'records',
    'diffs',
    folder,
    `${folder}/`,
    `${folder}/toString`,
    `${folder}/inputs`,
    `${folder}/inputs/`,
    `${folder}/record.yml/x`,
    `${folder}/Record.yml`,
    `/${folder}/record.yml`,
    `./${folder}/record.yml`,
    `x/${folder}/record.yml`,
    `records/7f/3b/${id}/record.yml`,
    `records/7F/3A/${id}/record.yml`,
    `records/${id}/record.yml`,
    `records/7f/3a/${id.toUpperCase()}/record.yml`,
    `diffs/7f/3b/${id}.yml`,
    `diffs/${id}.yml`,
    `diffs/7f/3a/${id}.yaml`,
    `diffs/7f/3a/${id}.yml/x`,
    `diffs/7f/3a/${id}.yml\n`,
    `diffs/7f/3a/${id}`,
    `records/7f/3a/${id}\n/record.yml`,
  ];
  expect(strays.filter(path => parseBranchPath(path) !== null)).toEqual([]);
  fc.assert(
    fc.property(
      anyId,
      fc.string({ unit: fc.constantFrom(...'./-Zz07f\n'), maxLength: 3 }),
      fc.nat(),
      (one, piece, at) => {
        const path = recordPath(one);
        const place = at % (path.length + 1);
        const changed = path.slice(0, place) + piece + path.slice(place + piece.length);
        const parsed = parseBranchPath(changed);
        // Whatever is read as a record's is where that record's own files stand.
        if (parsed && 'id' in parsed) expect(changed.startsWith(`${recordFolder(parsed.id)}/`)).toBe(true);
        if (parsed?.kind === 'record') expect(recordPath(parsed.id)).toBe(changed);
      },
    ),
    { numRuns: 1000 },
  );
});
