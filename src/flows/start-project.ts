import { assertDocument } from '../domain/documents.ts';
import type { Project, User } from '../domain/generated/shapes.ts';
import type { RecordStore, Snapshot } from '../store/record-store.ts';
import { rootFiles } from './branch-documents.ts';
import { signatureOf } from './world.ts';

export interface ProjectWords {
  readonly name: string;
  readonly description: string;
  readonly goals: string;
  readonly private: boolean;
}

/**
 * Makes the records branch with its root commit (design, section 3).
 * @throws Problem BRANCH_MOVED where there is one already, FOREIGN_BRANCH where the name is taken by something else
 */
export async function startProject(
  store: RecordStore,
  words: ProjectWords,
  owner: User,
  now: Date,
): Promise<{ project: Project; snapshot: Snapshot }> {
  const { name, description, goals } = words;
  const project: Project = { created: now.toISOString(), private: words.private, name, description, goals, owner };
  assertDocument('project', project);
  const snapshot = await store.start({
    message: `Start the records of ${name}`,
    author: signatureOf(owner, now),
    files: rootFiles(project),
  });
  return { project, snapshot };
}
