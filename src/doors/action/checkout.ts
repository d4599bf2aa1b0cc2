import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationPath, readConfiguration } from '../../domain/configuration.ts';
import type { Configuration } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import type { UserGit } from '../../domain/user-git.ts';
import { type Repository, readRepository } from '../../machine/git/repository.ts';
import { userGit } from '../../machine/git/user-git.ts';
import { withGitSettings } from './git-settings.ts';

/** The simulation, as actions/checkout put it there. */
export interface Checkout {
  readonly git: UserGit;
  readonly repository: Repository;
  readonly configuration: Configuration;
}

/** @throws Problem NOT_A_REPOSITORY, INVALID for a corroborate.yml with faults */
export async function openCheckout(workspace: string, environment: NodeJS.ProcessEnv): Promise<Checkout> {
  const git = userGit(workspace, trusting(workspace, environment));
  const repository = await readRepository(git, workspace).catch(cause => {
    if (!(cause instanceof Problem) || cause.code !== 'NOT_A_REPOSITORY') throw cause;
    throw new Problem(
      'NOT_A_REPOSITORY',
      `there is no git repository in ${workspace}, and a record names the commit that ran: let \`- uses: actions/checkout@v5\` go before this step.`,
      { cause },
    );
  });
  const top = repository.topLevel ?? workspace;
  return { git, repository, configuration: readConfiguration(await readOrNull(join(top, configurationPath))) };
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new Problem('UNREADABLE', `${path} cannot be read: ${message}`, { cause });
  }
}

/** In a job's container the checkout is another user's, which git would not touch: it is the one that is meant. */
function trusting(workspace: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return withGitSettings(environment, [['safe.directory', workspace]]);
}
