import { expect, test } from 'vitest';
import { answerRequest } from '../../../src/flows/answer-request.ts';
import { judgeRequest } from '../../../src/flows/judge-request.ts';
import { reportProject } from '../../../src/flows/report-project.ts';
import { verifyBranch } from '../../../src/flows/verify-branch.ts';
import { scientist } from '../../support/scientist.ts';
import { simulate } from '../../support/simulation.ts';
import { temporaryRepository } from './temporary-repository.ts';

test('the flows do on GitHub what they do in a clone: judge, answer, report, verify', async () => {
  await using place = await temporaryRepository();
  await using ada = await scientist('ada');
  const { github, repository } = place;
  const first = await ada.records(...simulate);
  const again = await ada.records(...simulate);
  const request = await ada.requests(again.id, first.id);
  const push = (...branches: string[]) =>
    ada.git('push', '-q', repository.git.folder, ...branches.map(name => `${name}:${name}`));
  push('records', request.branch);

  const seen: string[] = [];
  const judging = place.store({
    git: {
      url: `${github.origin}/acme/demo.git`,
      authorization: async () => null,
      fetch(url, init) {
        seen.push(Buffer.from(init?.body as Uint8Array).toString('latin1'));
        return fetch(url, init);
      },
    },
  });
  const refs = await judging.refs(['refs/heads/']);
  const at = (name: string) => refs.find(one => one.name === `refs/heads/${name}`)!.id;
  await judging.prefetch(at(request.branch), [at('records')]);
  const before = seen.length;
  const brought = await judging.differences(await judging.root(at(request.branch)), at(request.branch));
  expect(brought.length).toBeGreaterThan(0);
  await judging.contents(brought.map(({ after }) => after!.id));
  // The root and its folder, which are not the request's own.
  expect(seen.slice(before).join('').match(/want /g)!.length).toBeLessThanOrEqual(3);
  await expect(judging.prefetch('f'.repeat(40), [])).resolves.toBeUndefined();
  const { judgement } = await judgeRequest(judging, request.id, {});
  expect(judgement.findings.filter(({ is }) => is !== 'holds')).toEqual([]);
  expect(github.calls.count().calls).toBe(0);

  const answering = place.store();
  const words = { status: 'agreed', by: request.sender, reason: null, at: new Date() } as const;
  const { commit } = await answerRequest(answering, request.id, words, {});
  expect((await answering.commitInfo(commit)).parents[1]).toBe(request.commit);
  // The tree, the commit, the branch, and the request's branch, which is done with.
  expect(github.calls.count()).toEqual({ calls: 4, reads: 0, writes: 4 });
  expect(repository.branch(request.branch)).toBeUndefined();

  const reading = place.store();
  expect((await reportProject(reading)).assessment).toMatchObject({ property: 'repeatable', counts: { repeated: 1 } });
  expect(await verifyBranch(reading, {}, new Date())).toEqual({
    verdict: 'holds',
    records: 2,
    problems: [],
  });
  expect(github.calls.count().calls).toBe(4);
});
