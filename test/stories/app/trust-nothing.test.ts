import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordFolder } from '../../../src/domain/branch-layout.ts';
import { proseOf, rendered } from '../../domain/pull-request/rendered.ts';
import { type AppStory, faultsOf, newestCheck, startStory, summaryOf } from '../../support/app-story.ts';
import type { PullRequest } from '../../support/github/state/pull-request.ts';
import { type HandMadeFiles, handMade } from '../../support/hand-made.ts';
import type { ShownRequest } from '../../support/scientist.ts';
import { online } from '../../support/shared-project.ts';
import { until } from '../../support/until.ts';

/* Requests that no `corroborate request` makes: each is one good request, with one thing changed by plain git. */

interface Attack {
  readonly what: string;
  change(files: HandMadeFiles, on: Circumstances): void;
  /** Its tree, where no list of files could hold it. */
  tree?(on: Circumstances): string;
  /** Its commit's parents, where they are not the request's own. */
  parents?(on: Circumstances): string[];
  /** The rule that must refuse it. */
  readonly rule: string;
  /** A file's end, and what stands in the annotated line of it; null where there is no place to name. */
  readonly at: readonly [file: string, line: string | null] | null;
}

interface Circumstances {
  readonly git: (...args: string[]) => string;
  readonly input: (input: string, ...args: string[]) => string;
  /** The good request's. */
  readonly branch: string;
  readonly root: string;
  readonly tip: string;
  /** `records/7f/3a/<id>` of either side. */
  readonly from: string;
  readonly toward: string;
  /** Path of a request that was agreed on before. */
  readonly settled: string;
}

const diff = (files: HandMadeFiles) => files.path(/^diffs\//);
const record = (files: HandMadeFiles) => files.path('/record.yml');
const result = (files: HandMadeFiles) => files.path('outputs/Data/result.txt');
/** The branch's tip below, so that what stands there can be changed or removed. */
function onTip(files: HandMadeFiles, { tip }: Circumstances): void {
  const own = files.paths
    .filter(path => /^(?:diffs|records)\//.test(path))
    .map(path => [path, files.read(path)] as const);
  files.git('read-tree', tip);
  for (const [path, text] of own) files.write(path, `${text}\n`);
}
const levels = (count: number) =>
  Array.from(
    { length: count },
    (_, at) =>
      `b${at}: &b${at} [${Array(9)
        .fill(at === 0 ? 'lol' : `*b${at - 1}`)
        .join(', ')}]`,
  );
const huge = () => Buffer.alloc(100 * 1024 * 1024, 'x');

const attacks: Attack[] = [
  {
    what: 'a YAML bomb',
    change: files => files.write(diff(files), `${levels(9).join('\n')}\n${files.read(diff(files))}\n`),
    rule: 'schema',
    at: ['.yml', 'b0: &b0'],
  },
  {
    what: 'a directive',
    change: files => files.write(diff(files), `%YAML 1.1\n---\n${files.read(diff(files))}\n`),
    rule: 'schema',
    at: ['.yml', '%YAML 1.1'],
  },
  {
    what: 'an anchor and an alias',
    change(files) {
      files.edit(record(files), /^project: (.*)$/m, 'project: &p demo');
      files.edit(record(files), /^ {2}reason: .*$/m, '  reason: *p');
    },
    rule: 'schema',
    at: ['record.yml', 'project: &p'],
  },
  {
    what: 'a tag',
    change: files => files.edit(record(files), /^status: finished$/m, 'status: !!str finished'),
    rule: 'schema',
    at: ['record.yml', 'status: !!str'],
  },
  {
    what: 'a key twice',
    change: files =>
      files.edit(diff(files), /^proposition: repeated$/m, 'proposition: reproduced\nproposition: repeated'),
    rule: 'schema',
    at: ['.yml', 'proposition: repeated'],
  },
  {
    what: 'depth without end',
    change: files => files.edit(diff(files), /^run: null$/m, `run: ${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    rule: 'schema',
    at: ['.yml', 'run: [['],
  },
  {
    what: 'a field that nobody knows',
    change: files => files.edit(record(files), /^tags: .*$|^ {2}tags: .*$/m, '  tags: []\n  trusted: true'),
    rule: 'schema',
    at: ['record.yml', 'trusted: true'],
  },
  {
    what: 'a file of 100 MB',
    change: files => files.write(result(files), huge()),
    rule: 'layout',
    at: ['result.txt', null],
  },
  {
    what: 'a diff request of 100 MB',
    change: files => files.write(diff(files), huge()),
    rule: 'layout',
    at: ['.yml', null],
  },
  {
    what: 'a recorded path that escapes',
    change: files => files.edit(record(files), /path: Data\/result.txt/, 'path: ../../../../README.md'),
    rule: 'schema',
    at: ['record.yml', '../../../../README.md'],
  },
  {
    what: 'a file that escapes on Windows',
    change: (files, { from }) => files.write(`${from}/outputs/..\\..\\evil.txt`, 'x'),
    rule: 'layout',
    at: ['evil.txt', null],
  },
  {
    what: "a file in another record's shard",
    change: (files, { from }) => files.write(`${from.replace(/^records\/..\/../, 'records/00/00')}/log.txt`, 'x'),
    rule: 'layout',
    at: ['log.txt', null],
  },
  {
    what: 'paths that are one where case does not count',
    change(files, { from }) {
      const entry = /^outputs:\n((?: {2}|- )[\s\S]*?\n)(?=\w)/m.exec(`${files.read(record(files))}\n`)![1]!;
      const upper = entry.replace('Data/result.txt', 'Data/RESULT.txt');
      files.edit(record(files), entry, `${upper}${entry}`);
      files.write(`${from}/outputs/Data/RESULT.txt`, `${files.read(result(files))}\n`);
    },
    rule: 'layout',
    at: ['RESULT.txt', null],
  },
  {
    what: "a change to another's record",
    change(files, on) {
      onTip(files, on);
      files.edit(`${on.toward}/record.yml`, /^ {2}exit_code: 0$/m, '  exit_code: 1');
    },
    parents: ({ tip }) => [tip],
    rule: 'layout',
    at: ['record.yml', null],
  },
  {
    what: "the removal of another's file",
    change(files, on) {
      onTip(files, on);
      files.remove(`${on.toward}/outputs/Data/result.txt`);
    },
    parents: ({ tip }) => [tip],
    rule: 'layout',
    at: ['.yml', null],
  },
  {
    what: "a file more in another's record",
    change: (files, { toward }) => files.write(`${toward}/outputs/more.txt`, 'x'),
    rule: 'layout',
    at: ['more.txt', null],
  },
  {
    what: 'a status and an answer of its own',
    change(files) {
      files.edit(diff(files), /^status: proposed$/m, 'status: agreed');
      const answer = `answer:\n  by:\n    login: ada\n    id: 1815\n  at: 2026-11-22T09:25:31.077Z\n  reason: null\n  commit: ${'a'.repeat(40)}`;
      files.edit(diff(files), /^answer: null$/m, answer);
    },
    rule: 'proposed',
    at: ['.yml', 'status: agreed'],
  },
  {
    what: 'a forged sender',
    change: files => files.edit(diff(files), /login: grace\n( +)id: 1906/, 'login: ada\n  id: 1815'),
    rule: 'sender',
    at: ['.yml', 'login: ada'],
  },
  {
    what: 'a forged owner',
    change: files => files.edit(record(files), /login: grace\n( +)id: 1906/, 'login: ada\n  id: 1815'),
    rule: 'sender',
    at: ['.yml', 'login: grace'],
  },
  {
    what: 'stored bytes that are others',
    change: files => files.write(result(files), '1\n2\n3\n'),
    rule: 'integrity',
    at: ['record.yml', 'sha256: '],
  },
  {
    what: 'a stored file that is not there',
    change: files => files.remove(result(files)),
    rule: 'integrity',
    at: ['record.yml', 'stored: true'],
  },
  {
    what: 'a stored file that nobody names',
    change: (files, { from }) => files.write(`${from}/outputs/Data/more.txt`, 'x'),
    rule: 'integrity',
    at: ['more.txt', null],
  },
  {
    what: 'a symlink',
    change: (files, { from }) => files.write(`${from}/outputs/Data/link`, '/etc/passwd', '120000'),
    rule: 'layout',
    at: ['link', null],
  },
  {
    what: 'a symlink in the place of the request',
    change: files => files.write(diff(files), '../../../README.md', '120000'),
    rule: 'layout',
    at: ['.yml', null],
  },
  {
    what: 'a submodule',
    change: (files, { from, root }) => files.write(`${from}/outputs/module`, root, '160000'),
    rule: 'layout',
    at: ['module', null],
  },
  {
    what: 'a program',
    change: (files, { from }) => files.write(`${from}/log.txt`, 'x', '100755'),
    rule: 'layout',
    at: ['log.txt', null],
  },
  {
    what: 'a history with more in it than the tree',
    change: () => {},
    parents({ git, root }) {
      const tree = git('rev-parse', `main^{tree}`);
      return [git('commit-tree', tree, '-p', root, '-m', 'what nobody sees')];
    },
    rule: 'layout',
    at: null,
  },
  {
    what: 'a merge of something else',
    change: () => {},
    parents: ({ git, root }) => [root, git('rev-parse', 'main')],
    rule: 'layout',
    at: null,
  },
  {
    what: 'a few trees that stand for more files than anybody can list',
    change: () => {},
    tree({ git, input, branch }) {
      let bomb = git('rev-parse', `${branch}:assessment.yml`);
      for (let level = 0; level < 5; level++) {
        const [mode, type] = level === 0 ? ['100644', 'blob'] : ['040000', 'tree'];
        const lines = Array.from({ length: 11 }, (_, at) => `${mode} ${type} ${bomb}\t${at.toString(16)}`);
        bomb = input(lines.join('\n'), 'mktree');
      }
      return input(`${git('ls-tree', branch)}\n040000 tree ${bomb}\tbomb`, 'mktree');
    },
    rule: 'layout',
    at: null,
  },
  {
    what: 'a workflow',
    change: files => files.write('.github/workflows/own.yml', 'on: push\n'),
    rule: 'layout',
    at: ['own.yml', null],
  },
  {
    what: 'an assessment of its own',
    change: files => files.edit('assessment.yml', /property: .*/, 'property: reproducible'),
    rule: 'layout',
    at: ['assessment.yml', null],
  },
  {
    what: 'a copy of a settled request, with more files',
    change(files, { git, settled, tip, from }) {
      const text = `${git('cat-file', 'blob', `${tip}:${settled}`)}\n`;
      files.remove(diff(files));
      files.write(
        settled,
        text.replace(/^status: agreed$/m, 'status: proposed').replace(/^answer:[\s\S]*/m, 'answer: null\n'),
      );
      files.write(`${from}/outputs/more.txt`, 'more');
    },
    rule: 'layout',
    at: ['.yml', null],
  },
  {
    what: 'another request under an id that is taken',
    change(files, { settled }) {
      const [, id] = /([^/]+)\.yml$/.exec(settled)!;
      const text = files.read(diff(files)).replace(/^id: .*$/m, `id: ${id}`);
      files.remove(diff(files));
      files.write(settled, `${text}\n`);
    },
    rule: 'layout',
    at: ['.yml', null],
  },
  {
    what: 'results that are others',
    change: files => files.edit(diff(files), /same: true/, 'same: false'),
    rule: 'method',
    at: ['.yml', 'path: Data/result.txt'],
  },
  {
    what: 'another cell of Table 1',
    change: files => files.edit(diff(files), /^proposition: repeated$/m, 'proposition: reproduced'),
    rule: 'table-1',
    at: ['.yml', 'proposition: reproduced'],
  },
  {
    what: 'a record that is not there',
    change: files => files.edit(diff(files), /^toward: .*$/m, 'toward: 20260101T000000Z-0123456789'),
    rule: 'records',
    at: ['.yml', 'toward: 2026'],
  },
  {
    what: 'a run that failed',
    change: files => files.edit(record(files), /^status: finished$/m, 'status: failed'),
    rule: 'finished',
    at: ['record.yml', 'status: failed'],
  },
  {
    what: 'a container that nobody knows',
    change: files => files.edit(record(files), /^image: .*$/m, 'image: c-0123456789'),
    rule: 'container',
    at: ['record.yml', 'image: c-0123456789'],
  },
];

let story: AppStory;
let good: ShownRequest;
const pulls = new Map<string, PullRequest>();

beforeAll(async () => {
  story = await startStory();
  const before = await story.opens();
  story.ada.comments(before, `/agree ${before.headSha}`);
  await story.settles();
  const { grace, fork } = story.project;
  await online(grace, 'fetch', '-q', story.grace.remote(story.repository), '+records:refs/remotes/upstream/records');
  good = await story.project.pushesRequest();
  const { at } = grace;
  const git = (...args: string[]) => at.git(...args);
  const on: Circumstances = {
    git,
    input: (input, ...args) => at.gitWith({ input }, ...args).trim(),
    branch: good.branch,
    root: git('rev-parse', `${good.branch}^`),
    tip: git('rev-parse', 'refs/remotes/upstream/records'),
    from: recordFolder(good.from),
    toward: recordFolder(good.toward),
    settled: git('ls-tree', '-r', '--name-only', 'refs/remotes/upstream/records', 'diffs/'),
  };
  for (const [index, { change, parents, tree }] of attacks.entries()) {
    const branch = `attack/${index}`;
    if (tree !== undefined) {
      git('branch', '-q', branch, git('commit-tree', tree(on), '-p', on.root, '-m', 'by hand'));
      continue;
    }
    git('branch', '-q', branch, good.branch);
    handMade(at, branch, files => change(files, on), parents?.(on));
  }
  await online(grace, 'push', '-q', story.grace.remote(fork), 'refs/heads/attack/*');
  // All at once.
  for (const [index, { what }] of attacks.entries()) {
    const from = { from: fork, head: `attack/${index}`, base: 'records' };
    pulls.set(what, await story.grace.opensPull(story.repository, from));
  }
  await story.settles();
}, 300_000);
afterAll(() => story[Symbol.asyncDispose]());

/** The annotated line of a pull request's file. */
async function lineOf(pull: PullRequest, path: string, line: number): Promise<string> {
  const text = await story.git('cat-file', 'blob', `${pull.headSha}:${path}`);
  return text.split('\n')[line - 1] ?? '';
}

describe.each(attacks)('$what', ({ what, rule, at }) => {
  test(`is refused by the rule ${rule}`, async () => {
    const pull = pulls.get(what)!;
    expect(story.page(pull)).toMatchObject({ state: 'open', table: 'failure', owner: 'failure', comments: 1 });
    expect(faultsOf(pull)).toContain(`${rule}: broken`);
    const annotations = newestCheck(pull, 'Table 1')!.annotations.filter(one => one.title?.startsWith(`Rule ${rule}`));
    if (at === null) return;
    const [file, words] = at;
    const placed = await Promise.all(
      annotations.map(
        async one => [one.path, words === null ? '' : await lineOf(pull, one.path, one.start_line)] as const,
      ),
    );
    expect(placed).toContainEqual([
      expect.stringMatching(`${file.replaceAll('.', '\\.')}$`),
      words === null ? '' : expect.stringContaining(words),
    ]);
  });

  test('its comment is harmless', () => {
    isHarmless(story.report(pulls.get(what)!));
    isHarmless(summaryOf(pulls.get(what)!, 'Table 1'));
    isHarmless(summaryOf(pulls.get(what)!, 'Owner agreement'));
  });
});

const tags =
  /^<\/?(?:p|a|code|pre|strong|em|blockquote|table|thead|tbody|tr|th|td|ul|ol|li|h[1-6]|br|hr|details|summary|img|sub|sup|del|b|span|kbd)(?: [^>]*)?\/?>$/;

/** What GitHub shows of it can run nothing, load nothing from elsewhere and call nobody. */
function isHarmless(markdown: string): void {
  const html = rendered(markdown).replace(/<!-- corroborate:[\w :-]+ -->/g, '');
  for (const tag of html.match(/<[^>]*>/g) ?? []) {
    expect(tag).toMatch(tags);
    expect(tag).not.toMatch(/\son\w+=|javascript:/i);
    for (const [, address = ''] of tag.matchAll(/(?:href|src)="([^"]*)"/g)) {
      expect(address.startsWith(story.github.origin) || address.startsWith('#')).toBe(true);
    }
  }
  expect(proseOf(html)).not.toMatch(/(?:^|[^\w`])@(?:[\w-]+)/);
}

test('none of them can be answered, and none has left anything on the branch', async () => {
  const before = story.repository.branch('records');
  for (const pull of pulls.values()) story.ada.comments(pull, `/agree ${pull.headSha}`);
  await story.settles();
  expect(story.repository.branch('records')).toBe(before);
  expect([...pulls.values()].filter(pull => pull.merged !== null || pull.state === 'closed')).toEqual([]);
  expect(await story.verified()).toEqual({ verdict: 'holds', problems: [] });
});

const nasty = '<img src=x onerror=alert(1)>@ada [x](https://evil.example) ![y](https://evil.example/p.png) `*_|';

test('Markdown, HTML and mentions in names and observations are shown as they are', async () => {
  const pull = await story.opensByHand(files => {
    const name = `${nasty.replaceAll('/', '_').replaceAll('|', '!')}.txt`;
    files.write(`${recordFolder(good.from)}/x`, 'x');
    files.remove(`${recordFolder(good.from)}/x`);
    const own = result(files);
    files.write(own.replace('result.txt', name), `${files.read(own)}\n`);
    files.remove(own);
    files.edit(record(files), 'path: Data/result.txt', `path: ${JSON.stringify(`Data/${name}`)}`);
    files.edit(record(files), /^ {2}reason: .*$/m, `  reason: ${JSON.stringify(nasty)}`);
    files.edit(record(files), /^ {2}host: .*$/m, `  host: ${JSON.stringify(nasty)}`);
    files.edit(record(files), /^project: .*$/m, `project: ${JSON.stringify(`${nasty}\n# x`)}`);
    files.edit(
      diff(files),
      /^ {2}observation: null$/m,
      `  observation: ${JSON.stringify(`${nasty}\n\n</details># @grace`)}`,
    );
  });
  expect(story.report(pull)).toContain('onerror');
  isHarmless(story.report(pull));
  isHarmless(summaryOf(pull, 'Table 1'));
  isHarmless(summaryOf(pull, 'Owner agreement'));
});

test('a good request of another repository is not kept waiting by hostile ones', async () => {
  const { github, app } = story;
  const other = await github.user('mary', 1780).createRepository('mary/other');
  github.installs(app, other);
  await story.settles();
  const { ada, grace } = story.project;
  await online(ada, 'push', '-q', github.user('mary').remote(other), 'main', '+records:records');
  await online(grace, 'push', '-q', github.user('mary').remote(other), good.branch);
  github.user('mary').invites(story.grace, other);
  const comments = [...pulls.values()].slice(0, 12).map(pull => story.grace.comments(pull, '/recheck'));
  const pull = await story.grace.opensPull(other, { head: good.branch, base: 'records' });
  await until(() => newestCheck(pull, 'Owner agreement')?.conclusion === 'action_required');
  expect(comments).toHaveLength(12);
  await story.settles();
});

test('nothing went wrong on the way', () => {
  expect(story.github.crashes).toEqual([]);
  expect(story.running.process.log.filter(({ level }) => level >= 50)).toEqual([]);
});
