import { expect } from 'vitest';
import { writeCommit } from '../../support/github/git/commit.ts';
import { editTree } from '../../support/github/git/tree.ts';
import { recordStoreContract, type rootChange } from '../record-store.contract.ts';
import { temporaryRepository } from './temporary-repository.ts';

/** As a push would bring it: with its own author and time. */
async function foreignRoot(
  { repository }: Awaited<ReturnType<typeof temporaryRepository>>,
  change: typeof rootChange,
): Promise<string> {
  const { objects, refs } = repository.git;
  const changes = [];
  for (const [path, content] of change.files) {
    changes.push({ path, to: { mode: '100644', id: await objects.write('blob', Buffer.from(content as Uint8Array)) } });
  }
  const who = { name: change.author.name, email: change.author.email, date: change.author.at, zone: '+0000' };
  const tree = await editTree(objects, null, changes);
  const root = await writeCommit(objects, {
    tree,
    parents: [],
    author: who,
    committer: who,
    message: `${change.message}\n`,
  });
  await refs.write('refs/heads/elsewhere', root);
  return root;
}

/** Waits cost nothing here, and must not run out where the machine is slow. */
const patience = 86_400_000;

recordStoreContract(
  'a repository on GitHub',
  async () => {
    const place = await temporaryRepository();
    return {
      store: place.store({ patience }),
      another: () => place.store({ patience }),
      foreignRoot: change => foreignRoot(place, change),
      async dispose() {
        expect(place.github.crashes).toEqual([]);
        await place[Symbol.asyncDispose]();
      },
    };
  },
  { keepsAuthors: false },
);
