import type { GitHubUser } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import type { TargetRepository } from '../domain/pull-request/pull-request.ts';
import { type Api, ask } from './api.ts';
import { readAccount } from './read-account.ts';

/**
 * For whom a workflow run of the repository speaks: whoever set it off, also where somebody else runs it again, as
 * GITHUB_ACTOR has it. Where nobody can be named, why not, in a sentence.
 */
export async function actorOfRun(
  api: Api,
  { owner, name }: TargetRepository,
  run: number | string,
): Promise<{ readonly user: GitHubUser } | { readonly unknown: string }> {
  if (!/^[1-9]\d{0,15}$/.test(String(run))) return { unknown: `${JSON.stringify(run)} is no number of a workflow run` };
  const parameters = { owner, repo: name, run_id: Number(run) };
  try {
    const answer = await ask(api, 'GET /repos/{owner}/{repo}/actions/runs/{run_id}', parameters, [404]);
    if (answer.status === 404) return { unknown: `${owner}/${name} has no workflow run ${run}` };
    const { login, id, isBot } = readAccount(answer.data.field('actor'));
    if (id === 0) return { unknown: `whoever set off the workflow run ${run} has no account any more` };
    if (isBot) return { unknown: `the workflow run ${run} was set off by ${login}, which is nobody's account` };
    return { user: { login, id } };
  } catch (error) {
    if (error instanceof Problem && error.code === 'FORBIDDEN') return { unknown: error.message };
    throw error;
  }
}
