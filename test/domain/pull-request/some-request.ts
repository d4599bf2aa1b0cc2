import { createHash } from 'node:crypto';
import { diffPath, outputPath, recordPath } from '../../../src/domain/branch-layout.ts';
import { commentBudget, requestComparisonMarkdown } from '../../../src/domain/comparison-report/comparison-markdown.ts';
import type { Answer, User } from '../../../src/domain/generated/shapes.ts';
import type { Attempt } from '../../../src/domain/pull-request/attempt.ts';
import type { JudgedRequest } from '../../../src/domain/pull-request/judged-request.ts';
import type { PullRequest, TargetRepository } from '../../../src/domain/pull-request/pull-request.ts';
import type { Shown } from '../../../src/domain/pull-request/pull-request-page.ts';
import type { Stage } from '../../../src/domain/pull-request/stage.ts';
import type { RequestFacts } from '../../../src/domain/rules/rule.ts';
import { type Judgement, judge } from '../../../src/domain/rules/rules.ts';
import { spokesperson } from '../../../src/domain/user.ts';
import { someReport } from '../comparison-report/some-report.ts';
import { ada, factsOf, grace, ids } from '../good-request.ts';

/* A pull request that asks for an agreement, as the App sees it; each test changes what it is about. */

export const head = 'f'.repeat(40);
export const tip = '7'.repeat(40);

export const repository: TargetRepository = {
  owner: 'acme',
  name: 'demo',
  url: 'https://github.com/acme/demo',
  isPrivate: false,
};

export const person = (user: { login: string; id: number }) => ({ ...user, isBot: false });

export const pull: PullRequest = {
  number: 7,
  url: 'https://github.com/acme/demo/pull/7',
  author: person(grace),
  isOpen: true,
  isMerged: false,
  base: { branch: 'records', defaultBranch: 'main' },
  head: { commit: head, branch: `diffs/${ids.diff}`, repository: 'grace/demo' },
  labels: [],
  reviewers: [],
  comments: [],
  reviews: [],
  unread: 0,
  checks: [],
};

/** What the rules really say of the facts. */
export function judgedOf(facts: RequestFacts = factsOf(), change: Partial<JudgedRequest> = {}): JudgedRequest {
  const report = someReport(facts.diff?.diff.results ?? [], { from: ids.from, toward: ids.toward });
  return {
    commit: head,
    tip,
    judgement: judge(facts),
    faults: facts.faults,
    changed: (facts.proposal?.changes ?? []).filter(({ after }) => after !== null).map(({ path }) => path),
    path: facts.path,
    diff: facts.diff,
    from: facts.from?.record ?? null,
    toward: facts.toward?.record ?? null,
    fromOnBranch: facts.from?.onBranch ?? false,
    standing: null,
    answerer: facts.toward ? spokesperson(facts.toward.record.owner, facts.project.owner) : null,
    projectOwner: facts.project.owner,
    comparison: facts.diff ? requestComparisonMarkdown(report, commentBudget) : null,
    pictures: [],
    ...change,
  };
}

export const answer: Answer = { by: ada, at: '2026-11-24T10:11:12.000Z', reason: null, commit: head };

export const stages: Readonly<{ [name: string]: Stage }> = {
  refused: { is: 'refused' },
  waiting: { is: 'waiting' },
  agreed: { is: 'agreed', answer, outside: false },
  'agreed outside': { is: 'agreed', answer, outside: true },
  'agreed to another commit': { is: 'agreed', answer: { ...answer, commit: 'e'.repeat(40) }, outside: true },
  denied: { is: 'denied', answer: { ...answer, reason: 'The seed was another one.' }, outside: false },
  'merged by hand': { is: 'merged-by-hand', answerable: true },
  'merged by hand, rules broken': { is: 'merged-by-hand', answerable: false },
  withdrawn: { is: 'withdrawn' },
  'held up': {
    is: 'held-up',
    answer,
    status: 'agreed',
    because:
      'the branch `records` is protected: put this App on the bypass list of its rule, under Settings, Branches.',
  },
};

export function judgement(is: Judgement['verdict'], because = 'for a reason'): Judgement {
  const { findings } = judge(factsOf());
  return {
    verdict: is,
    findings: findings.map(finding => (finding.rule === 'method' ? { ...finding, is, because } : finding)),
  };
}

export function attempt(by: { login: string; id: number }, change: Partial<Attempt> = {}): Attempt {
  return {
    key: 'comment-12',
    by: person(by),
    at: '2026-11-24T10:11:12Z',
    wants: 'agreed',
    commit: head,
    reason: null,
    isEdited: false,
    ...change,
  };
}

export function shown(stage: Stage, change: Partial<Shown> = {}): Shown {
  return {
    repository,
    pull,
    judged: judgedOf(),
    stage,
    attempts: [],
    askings: [],
    mentions: false,
    digestOf: text => createHash('sha256').update(text).digest('hex').slice(0, 16),
    ...change,
  };
}

export const picture = (path: string) => ({
  path,
  from: outputPath(ids.from, path),
  toward: outputPath(ids.toward, path),
});

/** By git alone. */
export const mary: User = { name: 'Mary Somerville', email: 'mary@example.org' };

export { ada, diffPath, grace, ids, recordPath };
