import { Octokit } from '@octokit/rest';
import { describe, expect, test } from 'vitest';
import type { GitHubApi } from '../../../src/store/github-store/github-calls.ts';
import type { RecordStore } from '../../../src/store/record-store.ts';
import type { GitHub } from '../../support/github/github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { bytes, change, problem, rootChange } from '../record-store.contract.ts';
import { hastyClock, storeOn, temporaryRepository } from './temporary-repository.ts';

async function start(circumstances: Parameters<typeof temporaryRepository>[0] = {}) {
  const place = await temporaryRepository(circumstances);
  const clock = hastyClock();
  const store = place.store({ clock });
  const root = await store.start(rootChange);
  place.github.calls.clear();
  const routes = () => place.github.calls.all.map(({ route, status }) => `${status} ${route}`);
  const messages = async () => {
    const list: string[] = [];
    for await (const { message } of place.store().history(place.repository.branch('records')!))
      list.push(message.trim());
    return list;
  };
  return { ...place, open: place.store, clock, store, root, routes, messages };
}

const graphql = 'POST /graphql';
const record = (name: string) => change(name, { [`records/${name}/record.yml`]: `id: ${name}\n` });

/** A request from a fork, as a pull request brings it: one commit on top of the root. */
async function forkRequest({ github, ada, repository, root }: Awaited<ReturnType<typeof start>>) {
  const grace = github.user('grace', 1906);
  const fork = await grace.forks(repository);
  await grace.branches(fork, 'diffs/x', root.commit);
  const head = await grace.commits(fork, 'diffs/x', {
    'diffs/7f/3a/x.yml': 'proposed\n',
    'records/7f/3a/r/out': 'é\0',
  });
  const pull = await ada.opensPull(repository, { from: fork, head: 'diffs/x', base: 'records' });
  github.calls.clear();
  return { head, pull };
}

describe('what storing costs', () => {
  test('a record of a hundred files takes one call, and is signed by GitHub', async () => {
    const { store, repository, routes, ...place } = await start();
    await using _ = place;
    const files = Object.fromEntries(
      Array.from({ length: 99 }, (_, n) => [`records/r/outputs/${n}`, new Uint8Array([n, 255])]),
    );
    const [prepared] = await store.prepare([bytes('prepared\n')]);
    const named = { 'records/r/prepared': { blob: prepared! } };
    const tip = await store.append(async () => change('Record r\n\nwith a body\n', { ...files, ...named }));
    expect(routes()).toEqual([`200 ${graphql}`]);
    expect((await tip.files('records/r')).length).toBe(100);
    expect(repository.signed.has(tip.commit)).toBe(true);
    expect((await store.commitInfo(tip.commit)).message.trim()).toBe('Record r\n\nwith a body');
  });

  test('where one call does not take so many files, others do', async () => {
    const { github, repository, routes, ...place } = await start();
    await using _ = place;
    const octokit = new Octokit({ baseUrl: github.api, auth: github.workflowToken(repository) });
    const store = place.open({
      api: {
        request: (route, parameters) => octokit.request(route, parameters),
        graphql: () => Promise.reject({ errors: [{ type: 'UNPROCESSABLE', message: 'Too many files' }] }),
      },
    });
    const files = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`r/${n}`, `${n}`]));
    const tip = await store.append(async () => change('many', files(101)));
    expect(await tip.files('r')).toHaveLength(101);
    expect(routes()).toHaveLength(3);
    await expect(store.append(async () => change('few', files(3)))).rejects.toEqual(problem('REMOTE_FAILED'));
  });

  test('a blob that the branch has goes along as it is, in the same one call', async () => {
    const { store, root, routes, ...place } = await start();
    await using _ = place;
    const [readme] = (await root.folder('')).filter(({ path }) => path === 'README.md');
    const tip = await store.append(async () => change('again', { again: { blob: readme!.id } }));
    expect((await tip.folder('')).find(({ path }) => path === 'again')!.id).toBe(readme!.id);
    expect(routes()).toEqual([`200 ${graphql}`]);
  });

  test('a merge takes three calls, all writes', async () => {
    const { store, root, routes, github, ...place } = await start();
    await using _ = place;
    const request = await store.commit(root.commit, change('request', { 'diffs/x.yml': 'proposed\n' }));
    await store.move('diffs/x', null, request.commit);
    await store.append(async () => record('between'));
    github.calls.clear();
    const merge = await store.append(async () =>
      change('agree', { 'diffs/x.yml': 'agreed\n' }, { merges: request.commit }),
    );
    expect(routes()).toEqual([
      '201 POST /repos/{owner}/{repo}/git/trees',
      '201 POST /repos/{owner}/{repo}/git/commits',
      '200 PATCH /repos/{owner}/{repo}/git/refs/{ref}',
    ]);
    expect((await store.commitInfo(merge.commit)).parents[1]).toBe(request.commit);
  });

  test('bytes that are no text come as they are in a merge too', async () => {
    const { store, root, ...place } = await start();
    await using _ = place;
    const request = await store.commit(root.commit, change('request', { x: new Uint8Array([0, 1, 254, 255]) }));
    const contents = { z: new Uint8Array([255, 0, 13, 10]), zero: 'a\0b', bom: '\ufeffa', cr: '\r\n' };
    const merge = await store.append(async () => change('agree', contents, { merges: request.commit }));
    const found = await merge.readAll(Object.keys(contents));
    const expected = Object.values(contents).map(one => (typeof one === 'string' ? bytes(one) : one));
    expect(found.map(one => Uint8Array.from(one!))).toEqual(expected);
    expect(Uint8Array.from((await (await store.snapshot(request.commit)).read('x'))!)).toEqual(
      new Uint8Array([0, 1, 254, 255]),
    );
  });
});

describe("a fork's request", () => {
  const agreed = (head: string) => change('agree', { 'diffs/7f/3a/x.yml': 'agreed\n' }, { merges: head });
  const scratch = (names: Iterable<string>) => [...names].filter(name => name.includes('scratch'));

  test('is merged though GitHub lets nothing be built on its objects; GitHub then marks it merged', async () => {
    const place = await start();
    await using _ = place;
    const { store, repository, github } = place;
    const { head, pull } = await forkRequest(place);
    const [file] = await (await store.snapshot(head)).folder('records/7f/3a/r');
    const more = { ...agreed(head) };
    const files = new Map([...more.files, ['records/7f/3a/r/out', { blob: file!.id }] as const]);
    const merge = await store.append(async () => ({ ...more, files }));
    expect((await store.commitInfo(merge.commit)).parents).toEqual([place.root.commit, head]);
    expect(new TextDecoder().decode((await merge.read('records/7f/3a/r/out'))!)).toBe('é\0');
    expect(pull.merged?.commit).toBe(merge.commit);
    expect(scratch(repository.git.refs.list().keys())).toEqual([]);
    expect(github.calls.count()).toEqual({ calls: 7, reads: 0, writes: 7 });
    expect(repository.git.refs.read('refs/heads/records')).toBe(merge.commit);
  });

  test('costs three calls where GitHub shares its objects', async () => {
    const place = await start({ forkObjects: 'shared' });
    await using _ = place;
    const { head } = await forkRequest(place);
    await place.store.append(async () => agreed(head));
    expect(place.github.calls.count()).toEqual({ calls: 3, reads: 0, writes: 3 });
  });

  test('leaves no scratch branch where bringing it over fails', async () => {
    const place = await start();
    await using _ = place;
    const { head } = await forkRequest(place);
    place.github.trouble.fails('POST /repos/{owner}/{repo}/merges', { status: 500, times: 100 });
    await expect(place.store.append(async () => agreed(head))).rejects.toEqual(problem('UNREACHABLE'));
    expect(scratch(place.repository.git.refs.list().keys())).toEqual([]);
    expect(place.repository.branch('records')).toBe(place.root.commit);
  });

  test('its bytes are read and written again in a commit that does not merge it', async () => {
    const place = await start();
    await using _ = place;
    const { head } = await forkRequest(place);
    const [file] = await (await place.store.snapshot(head)).folder('records/7f/3a/r');
    const tip = await place.store.append(async () => change('deny', { kept: { blob: file!.id } }));
    expect(new TextDecoder().decode((await tip.read('kept'))!)).toBe('é\0');
    expect(place.routes()).toEqual([`200 ${graphql}`]);
  });
});

describe('when GitHub misbehaves', () => {
  test('a commit whose answer was lost is found, not made twice', async () => {
    const { store, github, messages, routes, ...place } = await start();
    await using _ = place;
    github.trouble.fails(graphql, { status: 502, applied: true });
    const tip = await store.append(async () => record('a'));
    expect(tip.commit).toBe(place.repository.branch('records'));
    expect(await messages()).toEqual(['Begin the records', 'a']);
    expect(routes()).toEqual([`502 ${graphql}`]);
  });

  test('it is found although others have built on it since', async () => {
    const { github, messages, ...place } = await start();
    await using _ = place;
    const other = place.open();
    const token = github.workflowToken(place.repository);
    let lost = false;
    const store = place.open({
      token,
      git: {
        url: `${github.origin}/acme/demo.git`,
        authorization: async () => null,
        async fetch(url, init) {
          if (lost) {
            lost = false;
            await other.append(async () => record('b'));
          }
          return fetch(url, init);
        },
      },
    });
    const tip = await store.append(async () => {
      github.trouble.fails(graphql, { status: 504, applied: true });
      github.trouble.before(graphql, () => {
        lost = true;
      });
      return record('a');
    });
    expect(await messages()).toEqual(['Begin the records', 'a', 'b']);
    expect((await store.commitInfo(place.repository.branch('records')!)).parents).toEqual([tip.commit]);
  });

  test('a commit that was not made is made again, on the same tip', async () => {
    const { store, github, messages, clock, ...place } = await start();
    await using _ = place;
    github.trouble.fails(graphql, { status: 502, times: 2 });
    let asked = 0;
    await store.append(async () => {
      asked++;
      return record('a');
    });
    expect(asked).toBe(1);
    expect(clock.slept).toHaveLength(2);
    expect(await messages()).toEqual(['Begin the records', 'a']);
  });

  test('a failure without end is said, and nothing was written', async () => {
    const { store, github, root, repository, ...place } = await start();
    await using _ = place;
    github.trouble.fails('*', { status: 500, times: 1000 });
    await expect(store.append(async () => record('a'))).rejects.toEqual(problem('UNREACHABLE'));
    const merging = change('m', { x: '1' }, { merges: root.commit });
    await expect(store.append(async () => merging)).rejects.toEqual(problem('UNREACHABLE'));
    expect(repository.branch('records')).toBe(root.commit);
  });

  test('lost answers to the calls of a merge, and of a start, change nothing', async () => {
    const { store, root, github, messages, repository, ...place } = await start();
    await using _ = place;
    for (const method of ['POST', 'PATCH']) github.trouble.fails(method, { status: 502, applied: true });
    const request = await store.commit(root.commit, change('request', { x: '1' }));
    github.trouble.fails('POST /repos/{owner}/{repo}/git/refs', { status: 502, applied: true });
    await store.move('diffs/x', null, request.commit);
    const merge = await store.append(async () => change('agree', { x: '2' }, { merges: request.commit }));
    expect(repository.branch('records')).toBe(merge.commit);
    expect(await messages()).toEqual(['Begin the records', 'request', 'agree']);
    github.trouble.fails('DELETE', { status: 502, applied: true });
    await store.remove('diffs/x', request.commit);
    expect(repository.branch('diffs/x')).toBeUndefined();
    github.trouble.fails('POST /repos/{owner}/{repo}/git/refs', { status: 502, applied: true });
    const elsewhere = place.open({ branch: 'more-records' });
    expect((await elsewhere.start(rootChange)).commit).toBe(repository.branch('more-records'));
  });

  test('a merge whose answer was lost counts though others have built on it before the second try', async () => {
    const { store, root, github, messages, ...place } = await start();
    await using _ = place;
    const other = place.open();
    const request = await store.commit(root.commit, change('request', { x: '1' }));
    github.trouble.fails('PATCH', { status: 502, applied: true });
    let moves = 0;
    const quicker = async () => {
      if (++moves === 2) await other.append(async () => record('theirs'));
    };
    github.trouble.before('PATCH', quicker, { times: 2 });
    const merge = await store.append(async () => change('agree', { x: '2' }, { merges: request.commit }));
    expect(moves).toBe(2);
    expect(await messages()).toEqual(['Begin the records', 'request', 'agree', 'theirs']);
    expect(await store.isAncestor(merge.commit, place.repository.branch('records')!)).toBe(true);
  });

  test('a branch that moves just before it is moved is built on again', async () => {
    const { store, root, github, repository, messages, ...place } = await start();
    await using _ = place;
    const other = place.open();
    const request = await store.commit(root.commit, change('request', { x: '1' }));
    github.trouble.movesBranch(
      repository,
      'records',
      async () => void (await other.append(async () => record('theirs'))),
    );
    const seen: string[] = [];
    const merge = await store.append(async tip => {
      seen.push(tip.commit);
      return change('agree', { x: '2' }, { merges: request.commit });
    });
    expect(seen).toHaveLength(2);
    expect((await store.commitInfo(merge.commit)).parents).toEqual([seen[1], request.commit]);
    expect(await merge.read('records/theirs/record.yml')).not.toBeNull();
    github.trouble.movesBranch(
      repository,
      'records',
      async () => void (await other.append(async () => record('again'))),
    );
    await store.append(async () => record('ours'));
    expect((await messages()).sort()).toEqual(['Begin the records', 'again', 'agree', 'ours', 'request', 'theirs']);
  });

  test('a writer that never gets its turn gives up when its patience ends', async () => {
    const { store, github, repository, ...place } = await start();
    await using _ = place;
    const other = place.open();
    let n = 0;
    const work = async () => void (await other.append(async () => record(`other${n++}`)));
    let turns = 0;
    const busy = store.append(async () => {
      if (turns++ < 200) await work();
      return record('ours');
    });
    await expect(busy).rejects.toEqual(problem('BUSY'));
    expect(repository.branch('records')).not.toBeUndefined();
    expect(turns).toBeLessThan(200);
    github.trouble.ends();
  });

  test('many writers, while nearly every other answer is lost, lose nothing and make nothing twice', async () => {
    const { github, root, messages, ...place } = await start();
    await using _ = place;
    const request = await place.store.commit(root.commit, change('request', { 'diffs/x.yml': 'proposed\n' }));
    let seed = 7;
    const chance = () => {
      seed = (seed * 16807) % 2147483647;
      return seed / 2147483647;
    };
    const often = (share: number) => (route: string) => !route.startsWith('GET') && chance() < share;
    github.trouble.fails(often(0.4), { status: 502, times: 1000, applied: true });
    github.trouble.fails(often(0.15), { status: 500, times: 1000 });
    const expected = ['Begin the records', 'request', 'agree'];
    const agreed = { ...change('agree', { 'diffs/x.yml': 'agreed\n' }), merges: request.commit };
    const patience = 86_400_000;
    await Promise.all([
      place.open({ patience }).append(async () => agreed),
      ...Array.from({ length: 5 }, async (_, w) => {
        const writer = place.open({ patience });
        for (let n = 0; n < 3; n++) {
          expected.push(`${w}-${n}`);
          await writer.append(async () => record(`${w}-${n}`));
        }
      }),
    ]);
    github.trouble.ends();
    expect((await messages()).sort()).toEqual(expected.sort());
  });

  test('a secondary limit is waited out, and then the branch looked at anew', async () => {
    const { store, github, clock, routes, ...place } = await start();
    await using _ = place;
    github.trouble.limits(graphql, 'secondary', { retryAfter: 9 });
    const seen: string[] = [];
    await store.append(async tip => {
      seen.push(tip.commit);
      return record('a');
    });
    expect(seen).toHaveLength(2);
    expect(clock.slept[0]).toBeGreaterThanOrEqual(9000);
    expect(routes()).toEqual([`403 ${graphql}`, `200 ${graphql}`]);
    github.trouble.limits('POST', 'secondary', { retryAfter: null });
    await store.commit(seen[0]!, change('x', { x: '1' }));
    expect(clock.slept.at(-1)).toBeGreaterThanOrEqual(60_000);
  });

  test('an hour’s limit that ends after patience does is said with its time', async () => {
    const { store, root, github, ...place } = await start();
    await using _ = place;
    github.trouble.limits('*', 'primary', { retryAfter: 1800, times: 2 });
    await expect(store.append(async () => record('a'))).rejects.toEqual(problem('RATE_LIMITED'));
    const said = await store.commit(root.commit, change('x', { x: '1' })).catch((error: Error) => error.message);
    expect(said).toMatch(/Try again after \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/);
    github.trouble.ends();
    github.trouble.limits('*', 'primary', { retryAfter: 30 });
    await store.append(async () => record('a'));
  });

  test('where Octokit repeats by itself nothing is repeated here, and a lost answer is found all the same', async () => {
    const { github, root, messages, ...place } = await start();
    await using _ = place;
    const clock = hastyClock();
    const store = place.open({ repeats: false, clock });
    github.trouble.fails(graphql, { status: 502 });
    await expect(store.append(async () => record('a'))).rejects.toEqual(problem('UNREACHABLE'));
    github.trouble.limits('*', 'secondary', { times: 2 });
    await expect(store.append(async () => record('a'))).rejects.toEqual(problem('RATE_LIMITED'));
    await expect(store.commit(root.commit, record('a'))).rejects.toEqual(problem('RATE_LIMITED'));
    expect(clock.slept).toEqual([]);
    // As the retry plugin does it: the first try was done, and only the second is heard of.
    const twice = place.open({
      repeats: false,
      api: impatient(github, place.repository),
    });
    const tip = await twice.append(async () => record('a'));
    expect(tip.commit).toBe(place.repository.branch('records'));
    expect(await messages()).toEqual(['Begin the records', 'a']);
  });
});

/** An Octokit that says nothing of the first answer to a mutation and makes the call again. */
function impatient(github: GitHub, repository: Repository): GitHubApi {
  const octokit = new Octokit({ baseUrl: github.api, auth: github.workflowToken(repository) });
  return {
    request: (route, parameters) => octokit.request(route, parameters),
    async graphql(query, variables) {
      await octokit.graphql(query, variables);
      return octokit.graphql(query, variables);
    },
  };
}

describe('refusals', () => {
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing was refused',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
  async function all(store: RecordStore, root: string) {
    return Promise.all([
      refused(store.append(async () => record('a'))),
      refused(store.append(async () => change('m', { x: '1' }, { merges: root }))),
    ]);
  }

  test('a token that may only read: the permission is named', async () => {
    const { github, repository, root, ...place } = await start();
    await using _ = place;
    const store = place.open({ token: github.workflowToken(repository, { contents: 'read' }) });
    for (const said of await all(store, root.commit)) expect(said).toMatch(/^FORBIDDEN: .*`contents: write`/);
    expect(repository.branch('records')).toBe(root.commit);
  });

  test('a token that is none', async () => {
    const { root, ...place } = await start();
    await using _ = place;
    const store = place.open({ token: 'ghs_nonsense' });
    expect(await refused(store.tip())).toMatch(/^FORBIDDEN: GitHub does not take the token/);
    expect(await refused(store.snapshot(root.commit))).toMatch(/^FORBIDDEN/);
  });

  test('a protected branch: the setting is named', async () => {
    const { store, ada, repository, root, ...place } = await start();
    await using _ = place;
    for (const rules of [{ pushers: [] }, { requiresPull: true }, { requiredChecks: ['x'] }]) {
      ada.protects(repository, 'records', rules);
      for (const said of await all(store, root.commit)) expect(said).toMatch(/^PROTECTED: .*bypass list/);
    }
    expect(repository.branch('records')).toBe(root.commit);
  });

  test('a repository that is not there, or not for this token', async () => {
    const { github, ...place } = await start();
    await using _ = place;
    const hidden = await github.user('eve', 7).createRepository('eve/secret', { files: { a: 'a' }, isPrivate: true });
    const store = storeOn(github, hidden, { token: github.workflowToken(place.repository) });
    expect(await refused(store.tip())).toMatch(/^NOT_FOUND/);
  });
});
