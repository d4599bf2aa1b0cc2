// A process of its own that appends commits: `node append-in-a-loop.ts TOP NAME COUNT`. Prints the number of each when
// it is done.
import { join } from 'node:path';
import { userGit } from '../../src/machine/git/user-git.ts';
import { gitStore } from '../../src/store/git-store/git-store.ts';
import { clock } from './temporary-clone.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const [top, name, count] = process.argv.slice(2) as [string, string, string];
const store = gitStore({
  git: userGit(top, process.env),
  gitDir: join(top, '.git'),
  branch: 'records',
  objectFormat: 'sha1',
  environment: process.env,
  clock,
  warn: sentence => console.error(sentence),
});
const author = { name: 'Ada', email: 'ada@example.org', at: clock.now() };
for (let n = 0; n < Number(count); n++) {
  const files = new Map([
    [`records/${name}/${n}/record.yml`, bytes(`run: ${name} ${n}\n`)],
    [`records/${name}/${n}/outputs/out`, bytes(`${name} ${n}\n`.repeat(200))],
  ]);
  await store.append(async () => ({ message: `${name} ${n}`, author, files }));
  console.log(n);
}
