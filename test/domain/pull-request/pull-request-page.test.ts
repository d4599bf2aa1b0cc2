import { describe, expect, test } from 'vitest';
import { diffPath } from '../../../src/domain/branch-layout.ts';
import { pullRequestView } from '../../../src/domain/pull-request/pull-request-page.ts';
import { commentMark } from '../../../src/domain/pull-request/pull-request-view.ts';
import { diffOf, factsOf } from '../good-request.ts';
import { rendered } from './rendered.ts';
import {
  ada,
  attempt,
  grace,
  head,
  ids,
  judgedOf,
  judgement,
  mary,
  person,
  pull,
  shown,
  stages,
} from './some-request.ts';

const view = (...given: Parameters<typeof shown>) => pullRequestView(shown(...given));
const judged = (is: Parameters<typeof judgement>[0], because?: string) =>
  judgedOf(factsOf(), { judgement: judgement(is, because) });
const check = (name: string, ...given: Parameters<typeof shown>) =>
  view(...given).checks.find(one => one.name === name)!;

describe('the check Table 1', () => {
  test.each([
    ['holds', 'success'],
    ['attested', 'neutral'],
    ['broken', 'failure'],
    ['unknown', 'failure'],
  ] as const)('a rule that %s: %s, whatever the stage', (is, conclusion) => {
    for (const stage of Object.values(stages)) {
      expect(check('Table 1', stage, { judged: judged(is) })).toMatchObject({ status: 'completed', conclusion });
    }
  });

  test('broken and attested together fail, and no finding at all does', () => {
    const { findings } = judgement('attested');
    const both = findings.map(finding => (finding.rule === 'layout' ? { ...finding, is: 'broken' as const } : finding));
    for (const one of [both, []]) {
      const change = { judged: judgedOf(factsOf(), { judgement: { verdict: 'holds', findings: one } }) };
      expect(check('Table 1', stages.waiting!, change).conclusion).toBe('failure');
    }
  });

  test('one table with one row a rule, then Table 1, then the promises', () => {
    const { summary, title } = check('Table 1', stages.refused!, { judged: judged('broken', 'a | b\n`c`') });
    expect(title).toBe('11 of 12 rules hold, 1 broken');
    expect(summary).toMatchInlineSnapshot(`
      "| rule | finding | because |
      | --- | --- | --- |
      | layout | holds | one commit adds 4 files |
      | schema | holds | every file is strict YAML and valid |
      | sender | holds | grace owns 20261123T101112Z-0a1b2c3d4e |
      | records | holds | both exist |
      | finished | holds | both finished, with outputs |
      | container | holds | both containers have their record's source |
      | integrity | holds | 4 stored files are what their records say |
      | proposed | holds | it waits for its answer |
      | fresh | holds | the pair is not settled with this method |
      | method | broken | a \\| b \`c\` |
      | observation | holds | none is needed |
      | table-1 | holds | with same source, same inputs and same outputs, Table 1 says repeatable |

      ### Table 1

      <table>
      <tr><th>source code</th><th colspan="2">same</th><th colspan="2">different</th></tr>
      <tr><th>input files</th><th>same</th><th>different</th><th>same</th><th>different</th></tr>
      <tr><th>same outputs</th><td align="center">👉 <b>repeatable</b></td><td align="center">reproducible</td><td align="center">reproducible</td><td align="center">reproducible</td></tr>
      <tr><th>different outputs</th><td align="center">non-repeatable</td><td align="center">unknown</td><td align="center">unknown</td><td align="center">unknown</td></tr>
      </table>

      <details><summary>What each rule promises</summary>

      - **layout**: the request is one commit on top of a commit of the records branch, and only adds its diff and its record, as regular files with safe names, within the limits
      - **schema**: every YAML file of the request is strict and valid, and stands where its id says
      - **sender**: whoever opened the request is its sender and owns the record that the claim comes from
      - **records**: both records exist
      - **finished**: both runs finished and have outputs
      - **container**: both records' containers stand in the history or come with the request, have their record's source, and are not younger than their record
      - **integrity**: every stored file has the sha256 and size that its record says, and none is there that the record does not name
      - **proposed**: its status is proposed and it has no answer yet
      - **fresh**: the pair, in either direction, is not settled with this method already
      - **method**: the method is known and allowed, its options are valid, and the results are those computed again
      - **observation**: a visual comparison and a claim where Table 1 knows nothing say in words what was observed
      - **table-1**: the proposition is the one in the cell of Table 1

      </details>"
    `);
    const rows = summary.match(/^\| [a-z0-9-]+ \| (?:holds|attested|broken|unknown) \| .* \|$/gm);
    expect(rows).toHaveLength(12);
    expect(summary.match(/^\| --- /gm)).toHaveLength(1);
    expect(rendered(summary).match(/<td>broken<\/td>/g)).toHaveLength(1);
  });

  test('what cannot be read has no cell', () => {
    const unreadable = judgedOf(factsOf({ diff: null, from: null, toward: null }));
    const { summary, conclusion } = check('Table 1', stages.refused!, { judged: unreadable });
    expect(conclusion).toBe('failure');
    expect(summary).not.toContain('👉');
    expect(check('Table 1', stages.waiting!).summary.match(/👉 <b>repeatable<\/b>/g)).toHaveLength(1);
  });
});

describe('the check Owner agreement', () => {
  test.each([
    ['refused', 'failure', 0],
    ['waiting', 'action_required', 2],
    ['agreed', 'success', 0],
    ['agreed outside', 'success', 0],
    ['agreed to another commit', 'failure', 0],
    ['denied', 'failure', 0],
    ['merged by hand', 'action_required', 2],
    ['merged by hand, rules broken', 'failure', 0],
    ['withdrawn', 'failure', 0],
    ['held up', 'action_required', 0],
  ])('%s: %s with %i buttons', (name, conclusion, buttons) => {
    for (const is of ['holds', 'attested', 'broken', 'unknown'] as const) {
      const found = check('Owner agreement', stages[name]!, { judged: judged(is) });
      expect(found).toMatchObject({ status: 'completed', conclusion });
      expect(found.actions.map(({ identifier }) => identifier)).toEqual(buttons === 0 ? [] : ['agree', 'deny']);
      for (const { label, description, identifier } of found.actions) {
        expect(label.length).toBeLessThanOrEqual(20);
        expect(description.length).toBeLessThanOrEqual(40);
        expect(identifier.length).toBeLessThanOrEqual(20);
      }
    }
  });

  test('there is a test of every stage above', () => expect(Object.keys(stages)).toHaveLength(10));

  test('no button for an owner whom no account can press it for', () => {
    const change = { judged: judgedOf(factsOf(), { answerer: mary }) };
    expect(check('Owner agreement', stages.waiting!, change)).toMatchObject({
      conclusion: 'action_required',
      actions: [],
    });
  });

  test('it mentions nobody', () => {
    expect(check('Owner agreement', stages.waiting!, { mentions: true }).summary).not.toContain('@');
  });
});

describe('the comment', () => {
  test('to the owner who has the word', () => {
    const visual = diffOf({
      proposition: 'non-repeated',
      diff: {
        method: 'visual',
        name: null,
        options: {},
        observation: 'The peak is lower.',
        results: [{ path: 'Data/example2.dat', same: false, identical: false }],
      },
    });
    const facts = factsOf({ diff: visual });
    const ours = judgedOf(facts, { judgement: judgement('attested', "what was seen is the requester's word") });
    expect(view(stages.waiting!, { judged: ours, mentions: true }).comment).toMatchInlineSnapshot(`
      "<!-- corroborate:request -->
      **grace** claims that the run [\`20261123T101112Z-0a1b2c3d4e\`](https://github.com/acme/demo/tree/ffffffffffffffffffffffffffffffffffffffff/records/0a/1b/20261123T101112Z-0a1b2c3d4e) does **not repeat** the run [\`20261122T092530Z-7f3a9c04e1\`](https://github.com/acme/demo/tree/records/records/7f/3a/20261122T092530Z-7f3a9c04e1) of **ada**: same source, same inputs, other outputs, by the method \`visual\`.

      What **grace** observed:

      > The peak is lower.

      > [!IMPORTANT]
      > **Waiting for the owner of the targeted record**
      >
      > 11 of 12 rules hold, 1 attested. Now **ada**, who owns the targeted record, has the word.

      ### What happens next

      @ada, please look at both runs and answer. Nobody else's answer counts, and a later push voids it.

      **By agreeing you also vouch for what could not be computed again** and is the requester's word:

      - **method**: what was seen is the requester's word

      **To agree**, approve this pull request in a review, press *Agree* on the check \`Owner agreement\`, or comment

      \`\`\`
      /agree ffffffffffffffffffffffffffffffffffffffff
      \`\`\`

      **To deny**, request changes in a review, with the reason in it, or comment (the button *Deny* gives no reason)

      \`\`\`
      /deny ffffffffffffffffffffffffffffffffffffffff because …
      \`\`\`

      ### Table 1

      <table>
      <tr><th>source code</th><th colspan="2">same</th><th colspan="2">different</th></tr>
      <tr><th>input files</th><th>same</th><th>different</th><th>same</th><th>different</th></tr>
      <tr><th>same outputs</th><td align="center">repeatable</td><td align="center">reproducible</td><td align="center">reproducible</td><td align="center">reproducible</td></tr>
      <tr><th>different outputs</th><td align="center">👉 <b>non-repeatable</b></td><td align="center">unknown</td><td align="center">unknown</td><td align="center">unknown</td></tr>
      </table>

      ### Rules that rest on the requester's word

      | rule | finding | because |
      | --- | --- | --- |
      | method | attested | what was seen is the requester's word |

      ### Source and inputs, side by side

      Nothing differs.

      <details><summary>11 the same</summary>

      |  | from, by **grace** | toward, by **ada** |
      | --- | --- | --- |
      | source | \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\` | \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\` |
      | commit | \`bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\` | \`bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\` |
      | arguments | \`main.py default.param\` | \`main.py default.param\` |
      | variable OMP\\_NUM\\_THREADS | \`"1"\` | \`"1"\` |
      | variable UNSET | \`not set\` | \`not set\` |
      | executable | \`/usr/bin/python3.11\` | \`/usr/bin/python3.11\` |
      | container | \`c-5d41402abc\` | \`c-5d41402abc\` |
      | project | \`demo-sumatra\` | \`demo-sumatra\` |
      | started | \`2026-11-23T10:11:12.000Z\` | \`2026-11-23T10:11:12.000Z\` |
      | took | \`1.5 s\` | \`1.5 s\` |
      | input default.param | \`2222222222222222…, 10 bytes\` | \`2222222222222222…, 10 bytes\` |

      </details>

      ### Outputs, dependencies and machine

      ❌ **The output differs (by content). Table 1 says non-repeatable.**

      **Rule.** \`numeric\`: \\|from - toward\\| &lt;= atol + rtol \\* \\|toward\\| for every number
      Options: \`rtol 1e-6, atol 0, columns none, column_rtol none, column_atol none\`

      ### What differs

      <details open><summary><code>Data/example2.dat</code></summary>

      | measure | value |
      | --- | --- |

      </details>

      ### Dependencies: 1 difference

      |  | from | toward |
      | --- | --- | --- |
      | numpy (pip) | \`1.26.4\` | \`2.0.1\` |

      <details><summary>1 the same</summary>

      |  | from | toward |
      | --- | --- | --- |
      | scipy (pip) | \`1.13.0\` | \`1.13.0\` |

      </details>

      ### Machine: 1 difference

      |  | from | toward |
      | --- | --- | --- |
      | architecture | \`arm64\` | \`x86_64\` |"
    `);
  });

  test.each(Object.keys(stages))('%s: its mark first, the claim, the state, and nobody mentioned', name => {
    const { comment } = view(stages[name]!);
    const [mark, claim] = comment.split('\n');
    expect(mark).toBe(commentMark);
    expect(claim).toMatch(/^\*\*grace\*\* claims that the run .* \*\*repeats\*\* the run .* of \*\*ada\*\*/);
    expect(comment).toMatch(/^> \[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$/m);
    expect(comment).not.toMatch(/@\w/);
    expect(comment).not.toContain('corroborate request');
    expect(comment.match(/👉/g)).toHaveLength(1);
  });

  test.each(Object.keys(stages))('%s: commands stand there exactly while they count', name => {
    const { comment } = view(stages[name]!);
    const asked = name === 'waiting' || name === 'merged by hand';
    expect(comment.includes(`\n/agree ${head}\n`)).toBe(asked);
    expect(comment.includes(`\n/deny ${head} `)).toBe(asked);
  });

  test('what rests on a word is said to whoever is asked to agree', () => {
    const { comment } = view(stages.waiting!, { judged: judged('attested', 'Data/x.csv is not stored') });
    expect(comment).toContain('By agreeing you also vouch for');
    expect(comment).toContain('- **method**: Data/x.csv is not stored');
    expect(view(stages.waiting!).comment).not.toContain('vouch');
  });

  test('rules that do not hold stand in it, others do not', () => {
    const { comment } = view(stages.refused!, { judged: judged('broken', 'the results are others') });
    expect(comment).toContain('| method | broken | the results are others |');
    expect(comment).not.toContain('| layout |');
  });

  test('the records are linked to where they stand', () => {
    const onBranch = judgedOf(factsOf(), { fromOnBranch: true });
    const folder = `records/0a/1b/${ids.from}`;
    expect(view(stages.waiting!).comment).toContain(`(https://github.com/acme/demo/tree/${head}/${folder})`);
    expect(view(stages.waiting!, { judged: onBranch }).comment).toContain(
      `(https://github.com/acme/demo/tree/records/${folder})`,
    );
  });

  test('mentioned is only who is asked, and only by a login that is one', () => {
    const mention = (login: string, name = 'waiting') =>
      view(stages[name]!, { mentions: true, judged: judgedOf(factsOf(), { answerer: { login, id: 1815 } }) }).comment;
    expect(mention('ada')).toContain('@ada, please');
    expect(mention('ada_acme')).toContain('@ada_acme, please');
    for (const login of ['acme/team', 'ada b', '-ada', 'a'.repeat(40), 'ada>', '']) {
      expect(mention(login)).not.toMatch(/@\w/);
    }
    for (const name of Object.keys(stages).filter(one => one !== 'waiting' && one !== 'merged by hand'))
      expect(mention('ada', name)).not.toMatch(/@\w/);
  });

  test('an owner by git alone is told of the way in a clone', () => {
    const { comment } = view(stages.waiting!, { judged: judgedOf(factsOf(), { answerer: mary }) });
    expect(comment).toContain(`git fetch origin pull/7/head:diffs/${ids.diff}`);
    expect(comment).toContain(`corroborate agree ${ids.diff}`);
    expect(comment).not.toContain('/agree ');
  });

  test('nobody is asked to review what is merged', () => {
    const merged = { pull: { ...pull, isOpen: false, isMerged: true } };
    expect(view(stages['merged by hand']!, merged).comment).not.toContain('in a review');
    expect(view(stages.waiting!).comment).toContain('in a review');
  });
});

test('labels follow the branch and the claim', () => {
  const labels = Object.fromEntries(Object.entries(stages).map(([name, stage]) => [name, view(stage).labels]));
  expect(labels).toEqual({
    refused: ['diff: proposed', 'diff: repeated'],
    waiting: ['diff: proposed', 'diff: repeated'],
    agreed: ['diff: agreed', 'diff: repeated'],
    'agreed outside': ['diff: agreed', 'diff: repeated'],
    'agreed to another commit': ['diff: agreed', 'diff: repeated'],
    denied: ['diff: denied', 'diff: repeated'],
    'merged by hand': ['diff: proposed', 'diff: repeated'],
    'merged by hand, rules broken': ['diff: proposed', 'diff: repeated'],
    withdrawn: ['diff: proposed', 'diff: repeated'],
    'held up': ['diff: proposed', 'diff: repeated'],
  });
  const unreadable = judgedOf(factsOf({ diff: null, from: null, toward: null }));
  expect(view(stages.refused!, { judged: unreadable }).labels).toEqual(['diff: proposed']);
});

test('only a denied request that is open is closed', () => {
  for (const [name, stage] of Object.entries(stages)) expect(view(stage).closes).toBe(name === 'denied');
  expect(view(stages.denied!, { pull: { ...pull, isOpen: false } }).closes).toBe(false);
});

describe('the reviewer', () => {
  test.each(Object.keys(stages))('%s', name => {
    expect(view(stages[name]!).reviewer).toEqual(name === 'waiting' ? ada : null);
  });

  test('is asked once, and never for his own', () => {
    const review = { id: 1, author: person(ada), state: 'commented' as const, body: '', commit: head, submitted: '' };
    for (const change of [{ reviewers: [ada.id] }, { author: person(ada) }, { reviews: [review] }])
      expect(view(stages.waiting!, { pull: { ...pull, ...change } }).reviewer).toBeNull();
    const others = { reviewers: [grace.id], reviews: [{ ...review, author: person(grace) }] };
    expect(view(stages.waiting!, { pull: { ...pull, ...others } }).reviewer).toEqual(ada);
  });

  test('is somebody with an account', () => {
    for (const answerer of [mary, null])
      expect(view(stages.waiting!, { judged: judgedOf(factsOf(), { answerer }) }).reviewer).toBeNull();
  });
});

describe('shown twice', () => {
  test('it is the same', () => expect(view(stages.waiting!)).toEqual(view(stages.waiting!)));

  test('a digest is that of everything in its check', () => {
    const one = view(stages.waiting!).checks.map(({ digest }) => digest);
    expect(view(stages.agreed!).checks[0]!.digest).toBe(one[0]);
    expect(view(stages.agreed!).checks[1]!.digest).not.toBe(one[1]);
    const at = { path: diffPath(ids.diff), line: 4, column: 1, field: 'toward' };
    const { findings } = judgement('broken');
    const lines = [4, 5].map(line => ({
      verdict: 'broken' as const,
      findings: findings.map(finding => ({ ...finding, at: finding.is === 'broken' ? { ...at, line } : null })),
    }));
    const digests = lines.map(
      judgement => view(stages.refused!, { judged: judgedOf(factsOf(), { judgement }) }).checks[0]!.digest,
    );
    expect(digests[0]).not.toBe(digests[1]);
  });

  test('a verdict is never shown on another commit', () => {
    const moved = { ...pull, head: { ...pull.head, commit: 'e'.repeat(40) } };
    expect(() => view(stages.waiting!, { pull: moved })).toThrow(/cannot be shown/);
  });

  test('attempts change nothing but the replies', () => {
    const { replies, ...rest } = view(stages.waiting!, { attempts: [attempt(grace)] });
    expect(replies).toHaveLength(1);
    expect({ ...rest, replies: [] }).toEqual(view(stages.waiting!));
  });
});
