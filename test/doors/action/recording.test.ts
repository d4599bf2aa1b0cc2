import { expect, test } from 'vitest';
import { startGitHub } from '../../support/github/start-github.ts';
import { Job, onGitHub } from '../../support/runner.ts';
import { simulation } from '../../support/simulation.ts';

const command = 'sh simulate.sh default.param';

test('nothing but a command: the run is on the branch, and the branch is made', async () => {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files: simulation });
  await using job = new Job(github, { actor: ada, repository });
  github.calls.clear();
  const first = await job.run({ command });
  expect(first, first.log).toMatchObject({ code: 0, outputs: { status: 'finished' } });
  expect(github.calls.count().calls).toBeLessThanOrEqual(5);
  expect(onGitHub(repository, `${first.outputs['record-path']}/record.yml`)).toContain('status: finished');
  github.calls.clear();
  const second = await job.run({ command });
  expect(second, second.log).toMatchObject({ code: 0 });
  expect(github.calls.count().calls).toBe(1);
});
