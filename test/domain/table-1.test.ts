import { describe, expect, test } from 'vitest';
import type { DiffRequest, Proposition } from '../../src/domain/generated/shapes.ts';
import { judge } from '../../src/domain/rules/rules.ts';
import { assess, propositionFor } from '../../src/domain/table-1.ts';
import { diffOf, factsOf, file, ids, recordOf } from './good-request.ts';

// The table as it stands in the paper (SciPy 2015, p. 189), with its line breaks.
const paper = ` Output Files Source Code and Input Files
Same and Same Same and Different Different and Same Different and Different

Same Repeatable Reproducible Reproducible Reproducible
Different non-repeatable Unknown Unknown Unknown

TABLE 1: Reproducibility assessment based on source code, inputs and outputs`;

const lines = paper.split('\n').filter(line => line.trim() !== '');
const heads = [...lines[1]!.matchAll(/(Same|Different) and (Same|Different)/g)].map(([, source, inputs]) => ({
  source: source!.toLowerCase() as 'same' | 'different',
  inputs: inputs!.toLowerCase() as 'same' | 'different',
}));
const cells = lines.slice(2, 4).flatMap(line => {
  const [outputs, ...words] = line.split(' ');
  return words.map((word, column) => ({
    ...heads[column]!,
    outputs: outputs!.toLowerCase() as 'same' | 'different',
    says: word.toLowerCase(),
  }));
});

// The paper's words for what is claimed of each, p. 189: "repeated, reproduced, non-reproduced and non-repeated".
const claimOf: Record<string, Proposition> = {
  repeatable: 'repeated',
  reproducible: 'reproduced',
  'non-repeatable': 'non-repeated',
  unknown: 'non-reproduced',
};
const propositions: Proposition[] = ['repeated', 'reproduced', 'non-repeated', 'non-reproduced'];
const methods = [
  { method: 'default', name: null },
  { method: 'visual', name: null },
  { method: 'custom', name: 'structured' },
  { method: 'custom', name: 'my-program' },
] as const;

test('the table of the paper has eight cells', () => {
  expect(cells).toHaveLength(8);
  expect(new Set(cells.map(({ source, inputs, outputs }) => `${source} ${inputs} ${outputs}`)).size).toBe(8);
});

describe.each(cells)('$source source, $inputs inputs, $outputs outputs', ({ source, inputs, outputs, says }) => {
  test('is what the paper says', () => {
    expect(assess({ source, inputs, outputs })).toBe(says);
    expect(propositionFor(assess({ source, inputs, outputs }))).toBe(claimOf[says]);
  });

  const combinations = methods.flatMap(method =>
    propositions.flatMap(proposition => [true, false].map(observed => ({ ...method, proposition, observed }))),
  );
  test.each(combinations)(
    '$method $name, $proposition, observed: $observed',
    ({ method, name, proposition, observed }) => {
      const toward = recordOf(ids.toward);
      const from = recordOf(ids.from);
      if (source === 'different') from.program.source = '9'.repeat(40);
      if (inputs === 'different') from.inputs = [file('default.param', '8')];
      if (outputs === 'different') from.outputs = [file('Data/example2.dat', '7')];
      const same = outputs === 'same';
      const diff: DiffRequest = diffOf({
        proposition,
        diff: {
          method,
          name,
          options: {},
          observation: observed ? 'The histograms look alike.' : null,
          results: [{ path: 'Data/example2.dat', same, identical: same }],
        },
      });
      const facts = factsOf({}, from, toward, diff);
      const byRule = new Map(judge(facts).findings.map(finding => [finding.rule, finding]));
      expect(byRule.get('table-1')!.is).toBe(proposition === claimOf[says] ? 'holds' : 'broken');
      if (proposition !== claimOf[says]) {
        expect(byRule.get('table-1')!.because).toContain(says);
        expect(byRule.get('table-1')!.because).toContain(claimOf[says]);
      }
      const needed = method === 'visual' || says === 'unknown';
      expect(byRule.get('observation')!.is).toBe(needed && !observed ? 'broken' : 'holds');
    },
  );

  test('is the same in both directions', () => {
    const one = recordOf(ids.from);
    const other = recordOf(ids.toward);
    if (source === 'different') one.program.source = '9'.repeat(40);
    if (inputs === 'different') one.program.command = ['python3', 'main.py', 'other.param'];
    const same = outputs === 'same';
    if (!same) one.outputs = [file('Data/example2.dat', '7')];
    const results = [{ path: 'Data/example2.dat', same, identical: same }];
    const diff = diffOf({ diff: { method: 'default', name: null, options: {}, observation: null, results } });
    const says = [factsOf({}, one, other, diff), factsOf({}, other, one, diff)].map(
      facts => judge(facts).findings.find(({ rule }) => rule === 'table-1')!.because,
    );
    expect(says[0]).toBe(says[1]);
  });
});

describe('inputs are other inputs', () => {
  const changes: [string, (record: ReturnType<typeof recordOf>) => void][] = [
    ['with another content', record => (record.inputs = [file('default.param', '9')])],
    ['with another path', record => (record.inputs = [file('other.param', '2')])],
    ['with one more', record => (record.inputs = [file('default.param', '2'), file('more.param', '2')])],
    ['with none', record => (record.inputs = [])],
    ['with other arguments', record => (record.program.command = ['python3', 'main.py', 'other.param'])],
    ['with one argument more', record => record.program.command.push('-v')],
    ['with a stdin', record => (record.program.stdin = { sha256: '0'.repeat(64), size: 0 })],
    ['with another variable', record => (record.program.environment.OMP_NUM_THREADS = '2')],
    ['with a variable that was not set', record => (record.program.environment.OMP_NUM_THREADS = null)],
    ['with a variable set that was not', record => (record.program.environment.UNSET = 'not set')],
    ['with a variable more', record => (record.program.environment.MORE = null)],
  ];
  test.each(changes)('%s', (_, change) => {
    const from = recordOf(ids.from);
    change(from);
    const finding = judge(factsOf({}, from)).findings.find(({ rule }) => rule === 'table-1')!;
    expect(finding).toMatchObject({ is: 'broken', because: expect.stringContaining('different inputs') });
  });

  const alike: [string, (record: ReturnType<typeof recordOf>) => void][] = [
    ['another name of the executable', record => (record.program.command[0] = '/opt/bin/python3')],
    ['another executable', record => (record.program.executable = null)],
    ['other dependencies', record => (record.dependencies = [])],
    ['another system', record => (record.system.os = 'macOS')],
    ['another commit of the same source', record => (record.program.version_control.commit = '0'.repeat(40))],
    ['content that is not stored', record => (record.inputs = [{ ...file('default.param', '2'), stored: false }])],
  ];
  test.each(alike)('but not with %s', (_, change) => {
    const from = recordOf(ids.from);
    change(from);
    expect(judge(factsOf({}, from)).findings.find(({ rule }) => rule === 'table-1')!.is).toBe('holds');
  });
});
