import { expect, test } from 'vitest';
import { actorOfRun } from '../../src/github/workflow-run.ts';
import { problemOf, startWithPull } from './pull-on-github.ts';

test('a run speaks for whoever set it off, in this repository only', async () => {
  const { github, ada, grace, demo, fork, api, repository } = await startWithPull();
  await using _ = github;
  const run = ada.startsWorkflow(demo);
  demo.workflowRuns.set(run.id, { ...run, triggeringActor: grace.account });
  expect(await actorOfRun(api, repository, run.id)).toEqual({ user: { login: 'ada', id: 1815 } });
  expect(await actorOfRun(api, repository, String(run.id))).toEqual({ user: { login: 'ada', id: 1815 } });
  const elsewhere = grace.startsWorkflow(fork);
  expect(await actorOfRun(api, repository, elsewhere.id)).toEqual({
    unknown: `acme/demo has no workflow run ${elsewhere.id}`,
  });
  demo.workflowRuns.set(run.id, { ...run, actor: github.actionsApp.bot });
  expect(await actorOfRun(api, repository, run.id)).toEqual({
    unknown: `the workflow run ${run.id} was set off by github-actions[bot], which is nobody's account`,
  });
});

test('what is no number is not asked for', async () => {
  const { github, api, repository, counted } = await startWithPull();
  await using _ = github;
  const count = await counted(async () => {
    for (const run of ['1/../../../users/ada', '', '0', -1, 1.5, '1e3', Number.NaN]) {
      expect(await actorOfRun(api, repository, run)).toHaveProperty('unknown');
    }
  });
  expect(count.calls).toBe(0);
});

test('a missing permission is the reason; trouble is a problem', async () => {
  const { github, ada, demo, api, repository } = await startWithPull({ contents: 'read' });
  await using _ = github;
  const run = ada.startsWorkflow(demo);
  const actor = await actorOfRun(api, repository, run.id);
  expect(actor).toEqual({ unknown: expect.stringContaining('`actions: read`') });
  github.trouble.fails('GET', { status: 502 });
  expect(await problemOf(actorOfRun(api, repository, run.id))).toMatchObject({ code: 'UNREACHABLE' });
});
