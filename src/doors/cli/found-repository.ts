import type { UserGit } from '../../domain/user-git.ts';
import { type Repository, readRepository } from '../../machine/git/repository.ts';
import { userGit } from '../../machine/git/user-git.ts';
import type { Call } from './command.ts';

/** The repository that a command was called in, while git looks for it. */
export interface FoundRepository {
  readonly git: UserGit;
  readonly repository: Promise<Repository>;
}

/**
 * Asks git where the command was called; what the answer is needed for can be loaded meanwhile.
 * @param apart whether git is kept away from what is typed at the terminal (`UserGit`)
 */
export function findRepository({ folder, environment }: Call, apart = false): FoundRepository {
  const git = userGit(folder, environment, apart);
  const repository = readRepository(git, folder);
  // Told to whoever opens the clone.
  repository.catch(() => {});
  return { git, repository };
}
