// A process of its own that brings an index to the tip and answers a query: FILE GIT_DIR WORD…
import { parseQuery } from '../../../src/domain/query.ts';
import { userGit } from '../../../src/machine/git/user-git.ts';
import { gitStore } from '../../../src/store/git-store/git-store.ts';
import { openIndex } from '../../../src/store/index/open-index.ts';
import { clock } from '../temporary-clone.ts';

const [file, gitDir, ...words] = process.argv.slice(2) as [string, string];
const environment = process.env;
const store = gitStore({
  git: userGit(gitDir, environment),
  gitDir,
  branch: 'records',
  objectFormat: 'sha1',
  environment,
  clock,
  warn: console.error,
});
const index = await openIndex({ file });
await index.follow(store, (await store.tip())!, done => console.error(`read ${done}`));
const found = await index.search(parseQuery(words));
console.log(JSON.stringify({ note: index.note, ids: found.map(({ id }) => id) }));
index.close();
await store.close();
