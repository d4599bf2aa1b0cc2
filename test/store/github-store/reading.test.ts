import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openGitHubStore } from '../../../src/store/github-store/github-store.ts';
import { objectCache } from '../../../src/store/github-store/object-cache.ts';
import { objectLoader } from '../../../src/store/github-store/object-loader.ts';
import { basicAuthorization, uploadPack } from '../../../src/store/github-store/smart-http/upload-pack.ts';
import { change, problem, rootChange } from '../record-store.contract.ts';
import { hastyClock, temporaryRepository } from './temporary-repository.ts';

/** A `fetch` that takes down what went over git: one line a request, the ids that were wanted. */
function watched() {
  const requests: string[] = [];
  const watching: typeof fetch = (url, init) => {
    const body = Buffer.from(init?.body as Uint8Array).toString('latin1');
    requests.push([...body.matchAll(/want ([0-9a-f]{40})/g)].map(([, id]) => id!.slice(0, 7)).join(' ') || 'refs');
    return fetch(url, init);
  };
  return { requests, fetch: watching };
}

async function start() {
  const place = await temporaryRepository();
  const { github, repository } = place;
  const writer = place.store();
  await writer.start(rootChange);
  const git = watched();
  const token = github.workflowToken(repository);
  const reader = (more: Parameters<typeof place.store>[0] = {}) =>
    place.store({
      token,
      git: {
        url: `${github.origin}/acme/demo.git`,
        fetch: git.fetch,
        authorization: async () => basicAuthorization(token),
      },
      ...more,
    });
  return { ...place, writer, git, reader };
}

describe('reading', () => {
  test('takes no call of the API, and asks for a path by its folders alone', async () => {
    const { writer, reader, git, github, ...place } = await start();
    await using _ = place;
    const paths = ['aa', 'ab', 'ba'].map(name => `records/${name[0]}/${name[1]}/${name}/record.yml`);
    await writer.append(async () => change('some', Object.fromEntries(paths.map(path => [path, `${path}\n`]))));
    github.calls.clear();
    const objects = objectCache(1e6);
    const store = reader({ objects });
    const tip = (await store.tip())!;
    // The refs, the commit; then one request a level, whatever the number of paths.
    expect(git.requests).toHaveLength(2);
    const found = await tip.readAll(paths);
    expect(found.map(bytes => new TextDecoder().decode(bytes!))).toEqual(paths.map(path => `${path}\n`));
    expect(git.requests).toHaveLength(2 + 6);
    await tip.readAll(paths);
    expect(git.requests).toHaveLength(2 + 6);
    // Another record: what stayed as it was is not read again.
    await writer.append(async () => change('another', { 'records/b/a/bb/record.yml': 'x\n' }));
    git.requests.length = 0;
    const later = (await reader({ objects }).tip())!;
    await later.read('records/a/a/aa/record.yml');
    expect(git.requests).toHaveLength(2 + 2);
    expect(github.calls.all.filter(({ route }) => route !== 'POST /graphql')).toEqual([]);
  });

  test('what is wanted at once is asked for once: a folder, what is in it, and the same again', async () => {
    const { writer, reader, git, ...place } = await start();
    await using _ = place;
    const tip = await writer.append(async () => change('deep', { 'a/b/c': '1' }));
    const ids = [await tip.folder(''), await tip.folder('a'), await tip.folder('a/b')].flat();
    const blobs = ids.filter(({ mode }) => mode === '100644').map(({ id }) => id);
    const store = reader();
    const [a, b, again, contents] = await Promise.all([
      store.snapshot(tip.commit).then(snapshot => snapshot.folder('a')),
      store.snapshot(tip.commit).then(snapshot => snapshot.folder('a/b')),
      store.snapshot(tip.commit).then(snapshot => snapshot.folder('a')),
      store.contents(blobs),
    ]);
    expect([a, again].map(([entry]) => entry!.path)).toEqual(['a/b', 'a/b']);
    expect(b.map(({ path }) => path)).toEqual(['a/b/c']);
    expect(contents).toHaveLength(blobs.length);
    const before = git.requests.length;
    const objects = objectCache(1e6);
    await Promise.all([1, 2, 3].map(() => reader({ objects }).commitInfo(tip.commit)));
    expect(git.requests.splice(before)).toHaveLength(1);
    const wants = git.requests.flatMap(request => request.split(' '));
    expect(new Set(wants).size).toBe(wants.length);
  });

  test('gives a folder and what is in it in one answer, though git leaves the inner one out at first', async () => {
    const { writer, github, ...place } = await start();
    await using _ = place;
    const tip = await writer.append(async () => change('deep', { 'a/b/c': '1' }));
    const [entry] = (await tip.folder('')).filter(({ path }) => path === 'a');
    const [inner] = await tip.folder('a');
    const [file] = await tip.folder('a/b');
    const limits = { answer: 1e6, object: 1e6, unpacked: 1e6, objects: 1000, time: 60_000 };
    const address = { url: `${github.origin}/acme/demo.git`, fetch, authorization: async () => null };
    const git = uploadPack(address, 'acme/demo', limits, { clock: hastyClock(), patience: 1000, repeats: true });
    const objects = objectLoader(git, objectCache(1e6));
    const found = await Promise.all([entry!, inner!, file!].map(({ id }) => objects.object(id)));
    expect(found.map(object => object?.type)).toEqual(['tree', 'tree', 'blob']);
  });

  test('an object that is not there, or is too large, takes no other with it', async () => {
    const { writer, reader, ...place } = await start();
    await using _ = place;
    const noise = randomBytes(300_000);
    const tip = await writer.append(async () => change('big', { big: noise, small: 'small\n' }));
    const [big, small] = await Promise.all(
      ['big', 'small'].map(async name => (await tip.folder('')).find(({ path }) => path === name)!.id),
    );
    const store = reader({ limits: { answer: 100_000 } });
    const [missing, large, fine] = await Promise.allSettled([
      store.contents(['f'.repeat(40)]),
      store.contents([big!]),
      store.contents([small!]),
    ]);
    expect(missing).toEqual({ status: 'rejected', reason: problem('DAMAGED') });
    expect(large).toEqual({ status: 'rejected', reason: problem('UNSUPPORTED') });
    expect(fine).toMatchObject({ status: 'fulfilled' });
  });

  test('lists sizes with the content of small files, and of large ones by one call that brings none', async () => {
    const { writer, reader, git, github, ...place } = await start();
    await using _ = place;
    const large = new Uint8Array(5000).fill(7);
    const tip = await writer.append(async () =>
      change('x', { 'r/small': '12345', 'r/in/large': large, 'r/empty': '' }),
    );
    github.calls.clear();
    const sizes = async (limits: object) => {
      const files = await (await reader({ limits }).snapshot(tip.commit)).files('r');
      return files.map(({ path, size }) => `${path} ${size}`);
    };
    const expected = ['r/empty 0', 'r/in/large 5000', 'r/small 5'];
    expect(await sizes({})).toEqual(expected);
    expect(git.requests).toHaveLength(3);
    expect(github.calls.all).toHaveLength(0);
    expect(await sizes({ largestFile: 4999 })).toEqual(expected);
    expect(github.calls.all.map(({ route }) => route)).toEqual(['GET /repos/{owner}/{repo}/git/trees/{tree_sha}']);
    expect(await sizes({ unpacked: 1000 })).toEqual(expected);
    expect(github.calls.all).toHaveLength(2);
  });

  test('a tree that holds itself many times over is refused before it fills the memory', async () => {
    const { reader, repository, ...place } = await start();
    await using _ = place;
    const { objects } = repository.git;
    let id = await objects.write('blob', Buffer.from('x'));
    for (let level = 0; level < 12; level++) {
      const mode = level === 0 ? '100644' : '40000';
      const entries = Array.from({ length: 10 }, (_, n) => [Buffer.from(`${mode} ${n}\0`), Buffer.from(id, 'hex')]);
      id = await objects.write('tree', Buffer.concat(entries.flat()));
    }
    const who = 'ada <a@example.org> 1795340730 +0000';
    const commit = await objects.write('commit', Buffer.from(`tree ${id}\nauthor ${who}\ncommitter ${who}\n\nbomb\n`));
    const store = reader();
    await expect((await store.snapshot(commit)).files('')).rejects.toEqual(problem('UNSUPPORTED'));
    await expect(store.differences(null, commit)).rejects.toEqual(problem('UNSUPPORTED'));
  });

  test('finds pull requests by their refs, and what HEAD stands for', async () => {
    const { ada, repository, reader, writer, ...place } = await start();
    await using _ = place;
    const request = await writer.commit((await writer.tip())!.commit, change('request', { 'diffs/x.yml': 'x' }));
    await writer.move('diffs/x', null, request.commit);
    const pull = await ada.opensPull(repository, { head: 'diffs/x', base: 'records' });
    const refs = await reader().refs(['HEAD', 'refs/heads/records', `refs/pull/${pull.number}/head`]);
    expect(refs).toEqual([
      { name: 'HEAD', id: repository.branch('main'), symref: 'refs/heads/main' },
      { name: 'refs/heads/records', id: repository.branch('records'), symref: null },
      { name: `refs/pull/${pull.number}/head`, id: request.commit, symref: null },
    ]);
  });
});

describe('the past', () => {
  test('a root is found in a long history by what GitHub lists for project.yml, and then remembered', async () => {
    const { reader, writer, git, github, repository, ...place } = await start();
    await using _ = place;
    const root = (await writer.tip())!;
    const { objects, refs } = repository.git;
    const tree = (await repository.git.commit(root.commit))!.tree;
    const who = 'ada <a@example.org> 2000000000 +0000';
    let tip = root.commit;
    for (let n = 0; n < 1100; n++) {
      const text = `tree ${tree}\nparent ${tip}\nauthor ${who}\ncommitter ${who}\n\n${n}\n`;
      tip = await objects.write('commit', Buffer.from(text));
    }
    await refs.write('refs/heads/records', tip);
    github.calls.clear();
    const store = reader();
    expect(await store.root(tip)).toBe(root.commit);
    expect(github.calls.all.map(({ route }) => route)).toEqual(['GET /repos/{owner}/{repo}/commits']);
    const more = await store.append(async () => change('one more', { x: '1' }));
    const request = await store.commit(root.commit, change('request', { y: '1' }));
    github.calls.clear();
    expect(await store.root(more.commit)).toBe(root.commit);
    expect(await store.root(request.commit)).toBe(root.commit);
    expect(await store.isAncestor(root.commit, more.commit)).toBe(true);
    expect(await store.isAncestor(root.commit, request.commit)).toBe(true);
    expect(await store.mergeBase(more.commit, root.commit)).toBe(root.commit);
    expect(await store.mergeBase(request.commit, root.commit)).toBe(root.commit);
    expect(github.calls.all).toEqual([]);
    git.requests.length = 0;
    expect(await store.isAncestor(root.commit, more.commit)).toBe(true);
    expect(git.requests).toEqual([]);
    // A no is GitHub's to say, once.
    for (let n = 0; n < 2; n++) {
      expect(await store.isAncestor(request.commit, more.commit)).toBe(false);
      expect(await store.mergeBase(request.commit, more.commit)).toBe(root.commit);
    }
    expect(github.calls.all.map(({ route }) => route)).toEqual(['GET /repos/{owner}/{repo}/compare/{basehead}']);
  });

  test('a clock that was wrong does not make an ancestor a stranger', async () => {
    const { reader, repository, ...place } = await start();
    await using _ = place;
    const { objects, refs } = repository.git;
    const tree = (await repository.git.commit(repository.branch('records')!))!.tree;
    const at = async (seconds: number, ...parents: string[]) => {
      const who = `ada <a@example.org> ${seconds} +0000`;
      const lines = parents.map(parent => `parent ${parent}\n`).join('');
      return objects.write('commit', Buffer.from(`tree ${tree}\n${lines}author ${who}\ncommitter ${who}\n\nx\n`));
    };
    const first = await at(2_000_000_000);
    let tip = first;
    for (let n = 0; n < 20; n++) tip = await at(1_000_000_000 + n, tip);
    const other = await at(3_000_000_000);
    await refs.write('refs/heads/records', tip);
    await refs.write('refs/heads/other', other);
    const store = reader();
    expect(await store.isAncestor(first, tip)).toBe(true);
    expect(await store.mergeBase(first, tip)).toBe(first);
    expect(await store.mergeBase(tip, first)).toBe(first);
    expect(await store.isAncestor(tip, first)).toBe(false);
    expect(await store.mergeBase(other, tip)).toBeNull();
    expect(await store.isAncestor(other, tip)).toBe(false);
  });
});

describe('over HTTP', () => {
  async function serverThat(answer: (url: string) => null | [number, object, string | Buffer]) {
    const seen: { url: string; authorization: string | undefined }[] = [];
    const server = createServer((request, response) => {
      seen.push({ url: request.url!, authorization: request.headers.authorization });
      const answered = answer(request.url!);
      if (answered === null) return;
      const [status, headers, body] = answered;
      request.resume().on('end', () => response.writeHead(status, headers as { [name: string]: string }).end(body));
    });
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = hastyClock();
    const store = openGitHubStore({
      repository: { owner: 'acme', name: 'demo' },
      branch: 'records',
      api: { request: () => Promise.reject(new Error('none')), graphql: () => Promise.reject(new Error('none')) },
      git: { url: `${origin}/acme/demo.git`, fetch, authorization: async () => basicAuthorization('secret') },
      objects: objectCache(1e6),
      clock,
      limits: { answer: 100_000, time: 500 },
    });
    return {
      seen,
      origin,
      store,
      clock,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise(done => server.close(done));
      },
    };
  }
  const result = { 'content-type': 'application/x-git-upload-pack-result' };
  const id = 'a'.repeat(40);

  test('the token goes to no other host, whatever a redirect says', async () => {
    await using other = await serverThat(() => [200, result, '0000']);
    await using server = await serverThat(url => [301, { location: `${other.origin}${url}` }, '']);
    await expect(server.store.tip()).rejects.toEqual(problem('REMOTE_FAILED'));
    expect(other.seen).toEqual([]);
  });

  test('a renamed repository is followed on the same host', async () => {
    await using server = await serverThat(url =>
      url.startsWith('/acme/new') ? [200, result, '0000'] : [301, { location: '/acme/new.git/git-upload-pack' }, ''],
    );
    expect(await server.store.tip()).toBeNull();
    expect(server.seen.map(({ authorization }) => authorization)).toEqual(Array(2).fill(basicAuthorization('secret')));
  });

  test('a circle of redirects ends', async () => {
    await using server = await serverThat(url => [302, { location: url }, '']);
    await expect(server.store.tip()).rejects.toEqual(problem('REMOTE_FAILED'));
  });

  test.each([
    ['nothing of git’s', '<html>', 'REMOTE_FAILED'],
    ['a packet that is cut off', '00ff', 'REMOTE_FAILED'],
    ['a packet of an impossible length', '0003', 'REMOTE_FAILED'],
    ['a ref that is none', '0009nope\n0000', 'REMOTE_FAILED'],
    ['an error', '0011ERR go away\n0000', 'REMOTE_FAILED'],
    ['more than anybody asked for', 'x'.repeat(200_000), 'REMOTE_FAILED'],
  ] as const)('an answer with %s', async (_, body, code) => {
    await using server = await serverThat(() => [200, result, body]);
    await expect(server.store.tip()).rejects.toEqual(problem(code));
  });

  test('an answer of another kind is none of git’s', async () => {
    await using server = await serverThat(() => [200, { 'content-type': 'text/html' }, 'hello']);
    await expect(server.store.tip()).rejects.toEqual(problem('REMOTE_FAILED'));
  });

  test('objects other than those asked for are not taken for them', async () => {
    const empty = Buffer.from('PACK\0\0\0\x02\0\0\0\x029d08a82cd98a3f4d9a4ba4cb5c2a1ea2d0c3e', 'latin1').subarray(
      0,
      12,
    );
    const pack = Buffer.concat([empty, createHash('sha1').update(empty).digest()]);
    const line = (text: Buffer) => Buffer.concat([Buffer.from((text.length + 4).toString(16).padStart(4, '0')), text]);
    const body = Buffer.concat([
      line(Buffer.from('packfile\n')),
      line(Buffer.concat([Buffer.from([1]), pack])),
      Buffer.from('0000'),
    ]);
    await using server = await serverThat(() => [200, result, body]);
    await expect(server.store.contents([id])).rejects.toEqual(problem('DAMAGED'));
  });

  test.each([
    [401, 'FORBIDDEN'],
    [403, 'FORBIDDEN'],
    [404, 'NOT_FOUND'],
  ] as const)('a refusal with %i is said at once', async (status, code) => {
    await using server = await serverThat(() => [status, {}, 'no']);
    await expect(server.store.tip()).rejects.toEqual(problem(code));
    expect(server.seen).toHaveLength(1);
  });

  test('failures of the server are waited out, with growing waits, until patience ends', async () => {
    let failures = 3;
    await using server = await serverThat(() => (failures-- > 0 ? [503, {}, 'busy'] : [200, result, '0000']));
    expect(await server.store.tip()).toBeNull();
    expect(server.clock.slept).toHaveLength(3);
    failures = Number.POSITIVE_INFINITY;
    await expect(server.store.tip()).rejects.toEqual(problem('UNREACHABLE'));
    const total = server.clock.slept.reduce((sum, one) => sum + one, 0);
    expect(total).toBeLessThan(2 * 120_000);
  });

  test('a host that nobody can reach', async () => {
    const server = await serverThat(() => [200, result, '0000']);
    await server[Symbol.asyncDispose]();
    await expect(server.store.tip()).rejects.toEqual(problem('UNREACHABLE'));
  });

  test('a host that never answers', async () => {
    await using server = await serverThat(() => null);
    await expect(server.store.tip()).rejects.toEqual(problem('UNREACHABLE'));
  });

  test('a limit is waited out as long as it says', async () => {
    let first = true;
    await using server = await serverThat(() => {
      const limited = first;
      first = false;
      return limited ? [429, { 'retry-after': '17' }, 'slow down'] : [200, result, '0000'];
    });
    await server.store.tip();
    expect(server.clock.slept[0]).toBeGreaterThanOrEqual(17_000);
  });
});
