import { describe, expect, test } from 'vitest';
import {
  diffPath,
  inputPath,
  logPath,
  outputPath,
  patchPath,
  recordContainerPath,
  recordPath,
} from '../../src/domain/branch-layout.ts';
import type { DiffRequest, RecordAtom } from '../../src/domain/generated/shapes.ts';
import { defaultLimits, logLimit } from '../../src/domain/limits.ts';
import type { ProposedChange, RequestFacts, RuleId } from '../../src/domain/rules/rule.ts';
import { judge, mayBeAnswered, rules, rulesOfSettled } from '../../src/domain/rules/rules.ts';
import { yamlLimit } from '../../src/domain/yaml-reading.ts';
import {
  ada,
  added,
  container,
  diffOf,
  factsOf,
  file,
  grace,
  ids,
  project,
  recordOf,
  storedWith,
} from './good-request.ts';

const other = '20260101T000000Z-0000000000';
const results = (change: Partial<DiffRequest['diff']['results'][number]>) => ({
  ...diffOf().diff,
  results: [{ ...diffOf().diff.results[0]!, ...change }],
});

function findingOf(rule: RuleId, facts: RequestFacts) {
  return judge(facts).findings.find(finding => finding.rule === rule)!;
}

function withChanges(...changes: ProposedChange[]): RequestFacts {
  const good = factsOf();
  return { ...good, proposal: { ...good.proposal!, changes: [...good.proposal!.changes, ...changes] } };
}

/** The good request with other changes in place of those of its commit. */
function withOnly(changes: ProposedChange[], more: Partial<RequestFacts> = {}): RequestFacts {
  const good = factsOf();
  return { ...good, ...more, proposal: { ...good.proposal!, changes } };
}

function withFrom(change: Partial<RecordAtom>): RequestFacts {
  return factsOf({}, recordOf(ids.from, change));
}

function withToward(change: Partial<RecordAtom>): RequestFacts {
  return factsOf({}, recordOf(ids.from), recordOf(ids.toward, change));
}

function withDiff(change: Partial<DiffRequest>): RequestFacts {
  return factsOf({}, recordOf(ids.from), recordOf(ids.toward), diffOf(change));
}

test('a good request holds every rule of the design, in its order', () => {
  const judgement = judge(factsOf());
  expect(judgement.findings.map(({ rule, is }) => `${rule} ${is}`)).toEqual(
    'layout schema sender records finished container integrity proposed fresh method observation table-1'
      .split(' ')
      .map(rule => `${rule} holds`),
  );
  expect(judgement.verdict).toBe('holds');
  expect(mayBeAnswered(judgement)).toBe(true);
});

test('every rule promises something, and says why in whatever it finds', () => {
  for (const rule of rules) expect(rule.promise).toMatch(/^\S.*[^.]$/);
  for (const finding of judge(factsOf()).findings) expect(finding.because).not.toBe('');
});

const notice = container;
const faulty: [RuleId, string, RequestFacts, string][] = [
  ['layout', 'has two parents', factsOf({ proposal: { ...factsOf().proposal!, parents: ['1', '2'] } }), 'one commit'],
  ['layout', 'has no parent', factsOf({ proposal: { ...factsOf().proposal!, parents: [] } }), 'one commit'],
  [
    'layout',
    'stands on a foreign commit',
    factsOf({ proposal: { ...factsOf().proposal!, parentOnBranch: false } }),
    'one commit',
  ],
  [
    'layout',
    'adds a symlink',
    withChanges(added(outputPath(ids.from, 'l'), { after: { mode: '120000', id: '1', size: 1 } })),
    'no regular file',
  ],
  [
    'layout',
    'adds an executable',
    withChanges(added(outputPath(ids.from, 'x'), { after: { mode: '100755', id: '1', size: 1 } })),
    'no regular file',
  ],
  [
    'layout',
    'adds a submodule',
    withChanges(added(outputPath(ids.from, 's'), { after: { mode: '160000', id: '1', size: 0 } })),
    'no regular file',
  ],
  [
    'layout',
    'changes a file',
    withChanges(added(recordPath(ids.toward), { before: true, onBranch: 'e' })),
    'is changed',
  ],
  [
    'layout',
    'removes a file',
    withChanges({ ...added(recordPath(ids.toward), { before: true, onBranch: 'e' }), after: null }),
    'is removed',
  ],
  ['layout', 'adds a second diff', withChanges(added(diffPath(other))), 'second diff'],
  ['layout', 'adds no diff', withOnly([added(recordPath(ids.from))]), 'no diff request'],
  ['layout', 'adds nothing', withOnly([]), 'no diff request'],
  ['layout', "adds another record's file", withChanges(added(outputPath(ids.toward, 'more.dat'))), 'another record'],
  ['layout', "adds another record's log", withChanges(added(logPath(other))), 'another record'],
  ...[
    'README.md',
    'project.yml',
    'history.yml',
    'assessment.yml',
    'more.txt',
    '.github/workflows/w.yml',
    `records/00/00/${ids.from}/record.yml`,
    `${recordPath(ids.from)}.bak`,
    `records/0a/1b/${ids.from}/more.txt`,
  ].map((path): [RuleId, string, RequestFacts, string] => [
    'layout',
    `adds ${path}`,
    withChanges(added(path)),
    'no place',
  ]),
  ...['../x', 'a/../../x', 'a//b', '.git/config', 'a/.GIT/x', 'con', 'nul.txt', 'a\\b', 'git~1'].map(
    (path): [RuleId, string, RequestFacts, string] => [
      'layout',
      `adds the output ${path}`,
      withChanges(added(outputPath(ids.from, path))),
      'no safe path',
    ],
  ),
  [
    'layout',
    'adds what the branch has otherwise',
    withChanges(added(logPath(ids.from), { onBranch: 'e'.repeat(40) })),
    'other content',
  ],
  [
    'layout',
    'adds to a record of the branch',
    { ...withChanges(added(logPath(ids.from))), from: { ...factsOf().from!, onBranch: true } },
    'on the branch already',
  ],
  [
    'layout',
    'has a file over the limit',
    withChanges(added(outputPath(ids.from, 'big'), {}, defaultLimits.file + 1)),
    'at most 262144',
  ],
  [
    'layout',
    'has a record over the limit',
    withChanges(
      ...Array.from({ length: 9 }, (_, index) =>
        added(outputPath(ids.from, `big${index}`), {}, index === 8 ? 1 : defaultLimits.file),
      ),
    ),
    'at most 2097152',
  ],
  ['layout', 'has a log over the limit', withChanges(added(logPath(ids.from), {}, logLimit + 1)), 'at most 65536'],
  ['layout', 'has YAML over the limit', withOnly([added(diffPath(ids.diff), {}, yamlLimit + 1)]), 'at most 16777216'],
  ['layout', 'brings a patch of a clean source', withChanges(added(patchPath(ids.from))), 'not dirty'],
  [
    'layout',
    'brings the container of another record',
    { ...withChanges(added(recordContainerPath(ids.from))), brought: { ...notice, id: 'c-0000000000' } },
    'ran in',
  ],
  [
    'layout',
    'brings a container that the history has otherwise',
    {
      ...withChanges(added(recordContainerPath(ids.from))),
      brought: { ...notice, created: '2026-11-22T09:20:00.001Z' },
    },
    'has the container',
  ],
  [
    'schema',
    'has a fault',
    factsOf({ faults: [{ path: 'f.yml', line: 3, column: 2, field: 'status', because: 'is wrong' }] }),
    'line 3',
  ],
  ['schema', 'has no diff that can be read', factsOf({ diff: null }), 'no diff request'],
  ['sender', 'was opened by somebody else', factsOf({ author: { user: ada } }), 'ada opened'],
  ['sender', 'was opened by one of the same name', factsOf({ author: { user: { login: 'grace', id: 7 } } }), 'opened'],
  [
    'sender',
    'was opened by a git user of that name',
    factsOf({ author: { user: { name: 'grace', email: 'g@x.org' } } }),
    'opened',
  ],
  ['sender', "comes from another's record", withFrom({ owner: ada }), 'belongs to ada'],
  [
    'sender',
    "comes from a bot's record, and the sender does not own the project",
    withFrom({ owner: { login: 'x[bot]', id: 5 } }),
    'belongs to ada',
  ],
  ['records', 'names a targeted record that is not there', factsOf({ toward: null }), 'not on the branch'],
  [
    'records',
    'brings the targeted record itself',
    factsOf({ toward: { ...factsOf().toward!, onBranch: false } }),
    'not on the branch',
  ],
  ['records', 'names a record that is not there', factsOf({ from: null }), 'neither'],
  ['records', 'compares a record with itself', withDiff({ from: ids.toward }), 'with itself'],
  ...(['started', 'paused', 'failed', 'cancelled', 'unknown'] as const).flatMap(
    (status): [RuleId, string, RequestFacts, string][] => [
      ['finished', `comes from a run that is ${status}`, withFrom({ status }), status],
      ['finished', `is toward a run that is ${status}`, withToward({ status }), status],
    ],
  ),
  ['finished', 'comes from a run without outputs', withFrom({ outputs: [] }), 'no outputs'],
  ['finished', 'is toward a run without outputs', withToward({ outputs: [] }), 'no outputs'],
  ['container', 'names a container that nobody knows', withFrom({ image: 'c-0000000000' }), 'neither in the history'],
  [
    'container',
    'is toward a record whose container nobody knows',
    withToward({ image: 'c-0000000000' }),
    'neither in the history',
  ],
  [
    'container',
    'has a container of another source',
    withFrom({ program: { ...recordOf(ids.from).program, source: '9'.repeat(40) } }),
    'was made from',
  ],
  [
    'container',
    'has a container younger than its record',
    withFrom({ created: '2026-11-22T09:19:59.999Z' }),
    'younger',
  ],
  [
    'container',
    'is toward a record older than its container',
    withToward({ created: '2026-11-22T09:19:59.999Z' }),
    'younger',
  ],
  ['integrity', 'lacks a stored file', factsOf({ from: { ...factsOf().from!, stored: [] } }), 'not there'],
  [
    'integrity',
    'is toward a record that lacks a stored file',
    factsOf({ toward: { ...factsOf().toward!, stored: [] } }),
    'not there',
  ],
  [
    'integrity',
    'has another content',
    factsOf({
      from: {
        ...factsOf().from!,
        stored: storedWith(recordOf(ids.from)).map(one => ({ ...one, sha256: '0'.repeat(64) })),
      },
    }),
    'bytes with sha256',
  ],
  [
    'integrity',
    'has another size',
    factsOf({
      from: { ...factsOf().from!, stored: storedWith(recordOf(ids.from)).map(one => ({ ...one, size: 11 })) },
    }),
    '11 bytes',
  ],
  [
    'integrity',
    'has a file that the record does not name',
    factsOf({
      from: {
        ...factsOf().from!,
        stored: [...storedWith(recordOf(ids.from)), { path: outputPath(ids.from, 'more'), sha256: '1', size: 1 }],
      },
    }),
    'names no such',
  ],
  [
    'integrity',
    'has an input where its record names an output',
    factsOf({
      from: {
        ...factsOf().from!,
        stored: [
          ...storedWith(recordOf(ids.from)),
          { path: inputPath(ids.from, 'Data/example2.dat'), sha256: '3'.repeat(64), size: 10 },
        ],
      },
    }),
    'names no such',
  ],
  [
    'integrity',
    'stores what its record says is not stored',
    factsOf({
      from: {
        ...factsOf().from!,
        record: recordOf(ids.from, { outputs: [{ ...file('Data/example2.dat', '3'), stored: false }] }),
      },
    }),
    'names no such',
  ],
  ['proposed', 'is agreed already', withDiff({ status: 'agreed' }), 'agreed already'],
  ['proposed', 'is denied already', withDiff({ status: 'denied' }), 'denied already'],
  [
    'proposed',
    'brings its answer',
    withDiff({ answer: { by: ada, at: '2026-11-24T00:00:00.000Z', reason: null, commit: 'f'.repeat(40) } }),
    'answer',
  ],
  [
    'fresh',
    'is about a settled pair',
    factsOf({ settled: [diffOf({ id: other, status: 'denied' })] }),
    `denied with the method default already, by the request ${other}`,
  ],
  ['method', 'has a method that is not allowed', factsOf({ methodRefusal: 'rtol is over 1e-4' }), 'rtol is over'],
  [
    'method',
    'has a visual method that is not allowed',
    { ...withDiff({ diff: { ...diffOf().diff, method: 'visual' } }), methodRefusal: 'no' },
    'no',
  ],
  [
    'method',
    'has other results',
    factsOf({ recomputation: { is: 'different', because: 'distance is 3' } }),
    'distance is 3',
  ],
  [
    'observation',
    'is visual without an observation',
    withDiff({ diff: { ...diffOf().diff, method: 'visual' } }),
    'visual',
  ],
  [
    'observation',
    'is visual with a blank observation',
    withDiff({ diff: { ...diffOf().diff, method: 'visual', observation: ' \n ' } }),
    'visual',
  ],
  ['table-1', 'claims what Table 1 forbids', withDiff({ proposition: 'reproduced' }), 'only "repeated"'],
];

describe.each(['default', 'visual', 'custom'] as const)('whatever the method (%s), no word changes', method => {
  const name = method === 'custom' ? 'my-program' : null;
  const observation = 'seen';
  const impossible = { recomputation: { is: 'impossible', because: 'a program of the requester' } } as const;
  const judged = (diff: DiffRequest['diff'], from = recordOf(ids.from)) =>
    findingOf(
      'method',
      factsOf(impossible, from, recordOf(ids.toward), diffOf({ diff: { ...diff, method, name, observation } })),
    );
  const differing = recordOf(ids.from, { outputs: [file('Data/example2.dat', '4')] });

  test.each([
    ['that equal files are identical', judged(results({ identical: false }))],
    ['that equal files are the same', judged(results({ same: false }))],
    ['that different files are not identical', judged(results({}), differing)],
    [
      'that a file on one side is different',
      judged(results({ identical: false }), recordOf(ids.from, { outputs: [] })),
    ],
    ['which files there are', judged(results({ path: 'Data/other.dat' }))],
    ['that each file is spoken of', judged({ ...diffOf().diff, results: [] })],
    [
      'that each file is spoken of once',
      judged({ ...diffOf().diff, results: [...diffOf().diff.results, ...diffOf().diff.results] }),
    ],
  ])('%s', (_, finding) => expect(finding.is).toBe('broken'));

  test('what nobody can compute is attested', () => {
    expect(judged(results({ identical: false }), differing).is).toBe('attested');
  });

  test('files of equal digest need no content', () => {
    expect(judged(diffOf().diff).is).toBe(method === 'visual' ? 'attested' : 'holds');
  });
});

test.each(faulty)('%s: a request that %s', (rule, _, facts, because) => {
  const finding = findingOf(rule, facts);
  expect(finding.is).toBe('broken');
  expect(finding.because).toContain(because);
  expect(judge(facts).verdict).toBe('broken');
  expect(mayBeAnswered(judge(facts))).toBe(false);
});

describe('a request may', () => {
  const fine: [RuleId, string, RequestFacts][] = [
    ['layout', 'have a file at the limit', withChanges(added(outputPath(ids.from, 'big'), {}, defaultLimits.file))],
    [
      'layout',
      'have content at the limit of a record',
      withOnly([
        added(diffPath(ids.diff)),
        ...Array.from({ length: 8 }, (_, index) => added(outputPath(ids.from, `big${index}`), {}, defaultLimits.file)),
      ]),
    ],
    ['layout', 'have a log at its limit', withChanges(added(logPath(ids.from), {}, logLimit))],
    [
      'layout',
      'have a kept file over every limit',
      { ...withChanges(added(outputPath(ids.from, 'kept.bin'), {}, 50_000_000)), isKept: path => path === 'kept.bin' },
    ],
    [
      'layout',
      'keep files beside content at the limit',
      {
        ...withOnly([
          added(diffPath(ids.diff)),
          added(inputPath(ids.from, 'kept.bin'), {}, 50_000_000),
          ...Array.from({ length: 8 }, (_, index) =>
            added(outputPath(ids.from, `big${index}`), {}, defaultLimits.file),
          ),
        ]),
        isKept: path => path === 'kept.bin',
      },
    ],
    ['layout', 'bring what the branch has, alike', withChanges(added(logPath(ids.from), { onBranch: 'd'.repeat(40) }))],
    [
      'layout',
      'add its diff alone, where the branch has its record',
      withOnly([added(diffPath(ids.diff))], { from: { ...factsOf().from!, onBranch: true } }),
    ],
    [
      'layout',
      'bring its record again as the branch has it',
      withOnly([added(diffPath(ids.diff)), added(recordPath(ids.from), { onBranch: 'd'.repeat(40) })], {
        from: { ...factsOf().from!, onBranch: true },
      }),
    ],
    [
      'layout',
      'bring the patch of a dirty source',
      {
        ...withChanges(added(patchPath(ids.from))),
        from: {
          ...factsOf().from!,
          record: recordOf(ids.from, {
            program: {
              ...recordOf(ids.from).program,
              version_control: { ...recordOf(ids.from).program.version_control, dirty: true },
            },
          }),
        },
      },
    ],
    [
      'layout',
      'bring a container that the history lacks',
      { ...withChanges(added(recordContainerPath(ids.from))), brought: container, containers: new Map() },
    ],
    [
      'layout',
      'bring a container that the history has just so',
      { ...withChanges(added(recordContainerPath(ids.from))), brought: container },
    ],
    ['container', 'bring its container', factsOf({ containers: new Map(), brought: container })],
    ['container', 'have a container made in the same millisecond', withFrom({ created: container.created })],
    ['records', 'come from a record of another project', withFrom({ project: 'other' })],
    [
      'sender',
      "come from a bot's record, when the project's owner sends",
      {
        ...factsOf(
          { author: { user: ada } },
          recordOf(ids.from, { owner: { login: 'x[bot]', id: 5 } }),
          recordOf(ids.toward),
          diffOf({ sender: ada }),
        ),
      },
    ],
  ];
  test.each(fine)('%s: %s', (rule, _, facts) => expect(findingOf(rule, facts)).toMatchObject({ is: 'holds' }));

  test('and the foreign project is named', () => {
    expect(findingOf('records', withFrom({ project: 'other' })).because).toContain('another project, "other"');
  });
});

describe('nothing fails open', () => {
  const missing: [string, Partial<RequestFacts>, readonly RuleId[]][] = [
    ['the request itself', { proposal: null }, ['layout']],
    ['the diff', { diff: null }, ['sender', 'records', 'proposed', 'fresh', 'method', 'observation', 'table-1']],
    [
      'the record that it comes from',
      { from: null },
      ['sender', 'finished', 'container', 'integrity', 'method', 'observation', 'table-1'],
    ],
    [
      'the targeted record',
      { toward: null },
      ['finished', 'container', 'integrity', 'method', 'observation', 'table-1'],
    ],
    ['who opened it', { author: { unknown: 'the run cannot be read' } }, ['sender']],
  ];
  test.each(missing)('without %s', (_, change, unknown) => {
    const judgement = judge(factsOf(change));
    for (const rule of unknown)
      expect(
        judgement.findings.find(one => one.rule === rule),
        rule,
      ).toMatchObject({ is: 'unknown' });
    expect(mayBeAnswered(judgement)).toBe(false);
  });

  test('with nothing known at all, no rule holds but that nobody claimed anything false', () => {
    const facts = factsOf({
      proposal: null,
      diff: null,
      path: null,
      from: null,
      toward: null,
      author: { unknown: 'x' },
    });
    for (const { is } of judge(facts).findings) expect(['unknown', 'broken']).toContain(is);
  });

  test('one unknown outweighs what is attested, one broken outweighs all', () => {
    const visual = withDiff({ diff: { ...diffOf().diff, method: 'visual', observation: 'alike' } });
    expect(judge(visual).verdict).toBe('attested');
    expect(mayBeAnswered(judge(visual))).toBe(true);
    expect(judge({ ...visual, author: { unknown: 'x' } }).verdict).toBe('unknown');
    expect(judge({ ...visual, author: { unknown: 'x' }, methodRefusal: 'no' }).verdict).toBe('broken');
  });

  test('a settled request is judged by all rules but those of a proposal', () => {
    const without = rules.filter(({ id }) => !rulesOfSettled.some(rule => rule.id === id)).map(({ id }) => id);
    expect(without).toEqual(['layout', 'proposed']);
    const settled = factsOf(
      { proposal: null, author: { user: grace }, project },
      recordOf(ids.from),
      recordOf(ids.toward),
      diffOf({ status: 'agreed' }),
    );
    expect(judge(settled, rulesOfSettled).verdict).toBe('holds');
  });
});
