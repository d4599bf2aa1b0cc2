import { describe, expect, test } from 'vitest';
import {
  nudgeOfCheckRun,
  nudgeOfCheckSuite,
  nudgeOfComment,
  nudgeOfPullRequest,
  nudgeOfPush,
  nudgeOfReview,
} from '../../../src/doors/app/nudge.ts';

const head = 'a'.repeat(40);
const memory = (known: readonly (readonly [number, boolean])[] = []) => new Map(known);

/** As much of a payload as is looked at. */
const pullRequest = (action: string, base: string, more = {}) =>
  ({ action, number: 7, pull_request: { base: { ref: base } }, ...more }) as never;
const comment = (body: string, more: { type?: string; labels?: readonly string[]; isIssue?: boolean } = {}) =>
  ({
    action: 'created',
    issue: {
      number: 7,
      labels: (more.labels ?? []).map(name => ({ name })),
      ...(more.isIssue ? {} : { pull_request: {} }),
    },
    comment: { body, user: { type: more.type ?? 'User' } },
  }) as never;

describe('a pull request', () => {
  test.each(['opened', 'reopened', 'synchronize', 'closed'])('that is %s is looked at', action => {
    const nudge = { at: 'pull-request', number: 7, closed: action === 'closed' };
    expect(nudgeOfPullRequest(pullRequest(action, 'records'), 'records', memory())).toEqual(nudge);
  });

  test('of another branch is left alone, and remembered as such', () => {
    const known = memory();
    expect(nudgeOfPullRequest(pullRequest('opened', 'main'), 'records', known)).toBeNull();
    expect(known.get(7)).toBe(false);
  });

  test('that is labelled, or has another title, is no reason to look', () => {
    expect(nudgeOfPullRequest(pullRequest('labeled', 'records'), 'records', memory())).toBeNull();
    const titled = pullRequest('edited', 'records', { changes: { title: { from: 'old' } } });
    expect(nudgeOfPullRequest(titled, 'records', memory())).toBeNull();
  });

  test('that was turned to the records branch is looked at', () => {
    const turned = pullRequest('edited', 'records', { changes: { base: { ref: { from: 'main' } } } });
    expect(nudgeOfPullRequest(turned, 'records', memory())).toMatchObject({ number: 7 });
  });

  test('that was reviewed is looked at where it is ours', () => {
    const review = (ref: string) => ({ pull_request: { number: 7, base: { ref } } }) as never;
    expect(nudgeOfReview(review('records'), 'records', memory())).toMatchObject({ number: 7 });
    expect(nudgeOfReview(review('main'), 'records', memory())).toBeNull();
  });
});

describe('a comment', () => {
  test.each(['/agree abcdef1', ' /deny abcdef1 no', '/recheck', '/help\nplease'])('%j is a command', body => {
    expect(nudgeOfComment(comment(body), memory([[7, true]]))).toMatchObject({ number: 7 });
  });

  test.each(['I agree', 'see /agree', '/agreed', '/help-me', '/merge'])('%j is none', body => {
    expect(nudgeOfComment(comment(body), memory([[7, true]]))).toBeNull();
  });

  test('by a bot, or on an issue, is none either', () => {
    expect(nudgeOfComment(comment('/help', { type: 'Bot' }), memory([[7, true]]))).toBeNull();
    expect(nudgeOfComment(comment('/help', { isIssue: true }), memory([[7, true]]))).toBeNull();
  });

  test('on what is known to be for another branch costs nothing; on what nobody knows, one look', () => {
    expect(nudgeOfComment(comment('/recheck'), memory([[7, false]]))).toBeNull();
    expect(nudgeOfComment(comment('/recheck'), memory())).toMatchObject({ number: 7 });
  });
});

describe('a check run', () => {
  const sender = { login: 'ada', id: 1815, type: 'User' };
  const run = (action: string, more = {}, name = 'Owner agreement', pulls: readonly unknown[] = []) =>
    ({ action, sender, check_run: { name, head_sha: head, pull_requests: pulls }, ...more }) as never;
  const now = new Date('2026-11-23T04:00:00.000Z');

  test('whose button was pressed says who pressed it, for which commit', () => {
    const pressed = run('requested_action', { requested_action: { identifier: 'deny' } });
    expect(nudgeOfCheckRun(pressed, 'records', now)).toEqual({
      at: 'commit',
      commit: head,
      numbers: [],
      press: {
        button: 'deny',
        by: { login: 'ada', id: 1815, isBot: false },
        commit: head,
        at: '2026-11-23T04:00:00.000Z',
      },
      afresh: false,
    });
  });

  test('that is to be run again is written afresh', () => {
    const pulls = [
      { number: 7, base: { ref: 'records' } },
      { number: 8, base: { ref: 'main' } },
    ];
    const nudge = nudgeOfCheckRun(run('rerequested', {}, 'Table 1', pulls), 'records', now);
    expect(nudge).toMatchObject({ numbers: [7], press: null, afresh: true });
  });

  test('of another name, with another button, or that is done, is nothing to us', () => {
    expect(nudgeOfCheckRun(run('rerequested', {}, 'build'), 'records', now)).toBeNull();
    const other = run('requested_action', { requested_action: { identifier: 'fix' } });
    expect(nudgeOfCheckRun(other, 'records', now)).toBeNull();
    expect(nudgeOfCheckRun(run('completed'), 'records', now)).toBeNull();
  });

  test('comes with its whole suite, unless that is for other branches', () => {
    const suite = (pulls: readonly unknown[]) =>
      ({ action: 'rerequested', check_suite: { head_sha: head, pull_requests: pulls } }) as never;
    expect(nudgeOfCheckSuite(suite([]), 'records')).toMatchObject({ commit: head, afresh: true });
    expect(nudgeOfCheckSuite(suite([{ number: 8, base: { ref: 'main' } }]), 'records')).toBeNull();
  });
});

describe('a push', () => {
  const push = (ref: string, before = 'b'.repeat(40), deleted = false) =>
    ({ ref, before, after: head, deleted }) as never;

  test('to the records branch moves it', () => {
    expect(nudgeOfPush(push('refs/heads/records'), 'records')).toEqual({
      at: 'branch',
      before: 'b'.repeat(40),
      after: head,
    });
    expect(nudgeOfPush(push('refs/heads/records', '0'.repeat(40)), 'records')).toMatchObject({ before: null });
  });

  test('elsewhere, or that removes it, does not', () => {
    expect(nudgeOfPush(push('refs/heads/main'), 'records')).toBeNull();
    expect(nudgeOfPush(push('refs/tags/records'), 'records')).toBeNull();
    expect(nudgeOfPush(push('refs/heads/records', head, true), 'records')).toBeNull();
  });
});
