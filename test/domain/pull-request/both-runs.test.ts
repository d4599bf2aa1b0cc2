import { expect, test } from 'vitest';
import { bothRuns } from '../../../src/domain/pull-request/both-runs.ts';
import { factsOf, file, recordOf } from '../good-request.ts';
import { rendered } from './rendered.ts';
import { ids, judgedOf } from './some-request.ts';

const { program } = recordOf(ids.from);

test('what differs stands first, what is equal is folded', () => {
  const from = recordOf(ids.from, {
    inputs: [file('default.param', '4'), file('new.param')],
    program: { ...program, command: ['python3', 'main.py', 'a b'], environment: { OMP_NUM_THREADS: '8', UNSET: null } },
  });
  const toward = recordOf(ids.toward, { program: { ...program, command: ['python3', 'main.py', 'a', 'b'] } });
  const [differing, same] = bothRuns(judgedOf(factsOf({}, from, toward))).split('<details>');
  expect(differing).toMatchInlineSnapshot(`
    "### Source and inputs, side by side

    |  | from, by **grace** | toward, by **ada** |
    | --- | --- | --- |
    | arguments | \`main.py 'a b'\` | \`main.py a b\` |
    | variable OMP\\_NUM\\_THREADS | \`"8"\` | \`"1"\` |
    | input default.param | \`4444444444444444…, 10 bytes\` | \`2222222222222222…, 10 bytes\` |
    | input new.param | \`1111111111111111…, 10 bytes\` | — |

    "
  `);
  expect(same).toContain(`| source | \`${program.source}\` | \`${program.source}\` |`);
  expect(same).toContain('| variable UNSET | `not set` | `not set` |');
  expect(same).not.toContain('standard input');
});

test('equal runs differ in nothing', () => {
  const [differing, same] = bothRuns(judgedOf()).split('<details>');
  expect(differing).toContain('Nothing differs.');
  expect(same).toContain('input default.param');
});

test('one that cannot be read is not compared', () => {
  expect(bothRuns(judgedOf(factsOf(), { toward: null }))).toBe('');
});

test('ten thousand inputs are counted', () => {
  const many = (digit: string) => Array.from({ length: 10_000 }, (_, at) => file(`sweep/${at}.param`, digit));
  const [from, toward] = [recordOf(ids.from, { inputs: many('1') }), recordOf(ids.toward, { inputs: many('2') })];
  const said = bothRuns(judgedOf(factsOf({}, from, toward)));
  expect(said.length).toBeLessThan(7000);
  expect(rendered(said)).toMatch(/<td>and 9,?\d\d\d rows more<\/td>/);
});
