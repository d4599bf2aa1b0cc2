import { readFileSync } from 'node:fs';
import type { GitHubUser } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import type { RepositoryName } from '../../store/github-store/github-calls.ts';

/** What the runner tells of the job: https://docs.github.com/actions/reference/variables */
export interface Context {
  /** `https://github.com` */
  readonly server: string;
  /** `https://api.github.com` */
  readonly api: string;
  readonly repository: RepositoryName;
  /** Null where the event does not tell. */
  readonly isFork: boolean | null;
  readonly isPrivate: boolean | null;
  /** Whoever set the workflow run off. */
  readonly actor: GitHubUser;
  readonly runId: number;
  /** The checkout. */
  readonly workspace: string;
  /** Emptied by the runner after the job. */
  readonly temporary: string;
}

/** @throws Problem USAGE where this is no job of GitHub Actions */
export function readContext(environment: NodeJS.ProcessEnv): Context {
  const told = (name: string) => {
    const value = environment[name];
    if (value) return value;
    throw new Problem(
      'USAGE',
      `${name} is not set: this is meant to run as a step of a GitHub workflow (\`uses: …/corroborate@v1\`). On the command line it is \`corroborate run\`.`,
    );
  };
  const fullName = told('GITHUB_REPOSITORY');
  const [owner = '', name = ''] = fullName.split('/');
  const repository = repositoryOfEvent(environment.GITHUB_EVENT_PATH, fullName);
  return {
    server: told('GITHUB_SERVER_URL').replace(/\/$/, ''),
    api: told('GITHUB_API_URL').replace(/\/$/, ''),
    repository: { owner, name },
    isFork: booleanOrNull(repository.fork),
    isPrivate: booleanOrNull(repository.private),
    actor: { login: told('GITHUB_ACTOR'), id: numberOf('GITHUB_ACTOR_ID', told('GITHUB_ACTOR_ID')) },
    runId: numberOf('GITHUB_RUN_ID', told('GITHUB_RUN_ID')),
    workspace: told('GITHUB_WORKSPACE'),
    temporary: told('RUNNER_TEMP'),
  };
}

function numberOf(name: string, text: string): number {
  if (/^[1-9]\d{0,15}$/.test(text)) return Number(text);
  throw new Problem('USAGE', `${name} is ${JSON.stringify(text)} and no number, as GitHub has it.`);
}

/** Of a schedule little is told; then GitHub is asked. */
function repositoryOfEvent(path: string | undefined, fullName: string): { fork?: unknown; private?: unknown } {
  try {
    const { repository } = JSON.parse(readFileSync(path!, 'utf8'));
    return repository.full_name === fullName ? repository : {};
  } catch {
    return {};
  }
}

function booleanOrNull(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
