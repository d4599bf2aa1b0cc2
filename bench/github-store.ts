import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { recordPath } from '../src/domain/branch-layout.ts';
import { makeRecordId } from '../src/domain/record-id.ts';
import { writeYaml } from '../src/domain/yaml-writing.ts';
import { openGitHubStore } from '../src/store/github-store/github-store.ts';
import { objectCache } from '../src/store/github-store/object-cache.ts';
import { basicAuthorization } from '../src/store/github-store/smart-http/upload-pack.ts';
import type { Change } from '../src/store/record-store.ts';
import type { GitHub } from '../test/support/github/github.ts';
import { startGitHub } from '../test/support/github/start-github.ts';
import type { Repository } from '../test/support/github/state/repository.ts';
import { generateRecord, generateStore } from './generated-store.ts';
import { absoluteRow, median, type Row, ratioRow } from './row.ts';
import { git } from './timing.ts';

const sizes = [0, 1000, Number(process.env.CORROBORATE_BENCH_RECORDS ?? 100_000)];
const rounds = 9;
const writers = 64;
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** Storing one record on a GitHub on this machine, as a job does that has never read the branch before; in turns. */
export async function measureGitHubStore(): Promise<Row[]> {
  const places = await Promise.all(sizes.map(gitHubWith));
  const seen = places.map(() => ({ seconds: [] as number[], calls: [] as number[], requests: [] as number[] }));
  try {
    for (let round = -2; round < rounds; round++) {
      for (const [index, { github, repository }] of places.entries()) {
        github.calls.clear();
        const job = jobOn(github, repository);
        const begun = performance.now();
        await job.store.append(async () => recordChange(round + 100));
        if (round < 0) continue;
        seen[index]!.seconds.push((performance.now() - begun) / 1000);
        seen[index]!.calls.push(github.calls.count().calls);
        seen[index]!.requests.push(job.requests());
      }
    }
  } finally {
    for (const { github } of places) await github[Symbol.asyncDispose]();
  }
  const many = await manyWriters();
  const one = 'for one record at';
  const seconds = seen.map(each => median(each.seconds));
  return [
    ...seen.flatMap(({ calls, requests }, index) => [
      absoluteRow(`github-store: API calls ${one} ${sizes[index]}`, Math.max(...calls), 5, 'calls'),
      absoluteRow(`github-store: git requests ${one} ${sizes[index]}`, Math.max(...requests), 7, 'calls'),
      absoluteRow(`github-store: seconds ${one} ${sizes[index]}`, seconds[index]!, 1),
    ]),
    ratioRow(`github-store: add one record at ${sizes[2]}, beside at ${sizes[1]}`, seconds[2]!, seconds[1]!, 1.5),
    absoluteRow(`github-store: API calls of ${writers} writers at once`, many.calls, 400, 'calls'),
    absoluteRow(`github-store: ${writers} writers at once, none lost`, many.seconds, 120),
  ];
}

async function manyWriters(): Promise<{ calls: number; seconds: number }> {
  const { github, repository } = await gitHubWith(0);
  await using _ = github;
  const stores = Array.from({ length: writers }, () => jobOn(github, repository).store);
  github.calls.clear();
  const begun = performance.now();
  await Promise.all(stores.map((store, index) => store.append(async () => recordChange(index))));
  const seconds = (performance.now() - begun) / 1000;
  const { calls } = github.calls.count();
  const files = await (await stores[0]!.tip())!.files('records');
  if (files.length !== writers) throw new Error(`${writers - files.length} records were lost`);
  return { calls, seconds };
}

async function gitHubWith(records: number): Promise<{ github: GitHub; repository: Repository }> {
  const github = await startGitHub();
  const repository = await github.user('ada', 1815).createRepository('acme/demo', { files: { 'main.py': '1\n' } });
  await generateStore(repository.git.folder, records);
  // As a server keeps what is large.
  git(repository.git.folder, 'repack', '-adq');
  return { github, repository };
}

function jobOn(github: GitHub, repository: Repository) {
  const auth = github.workflowToken(repository);
  let requests = 0;
  const store = openGitHubStore({
    repository: { owner: 'acme', name: 'demo' },
    branch: 'records',
    api: new Octokit({ baseUrl: github.api, log, auth }),
    git: {
      url: `${github.origin}/acme/demo.git`,
      authorization: async () => basicAuthorization(auth),
      fetch(url, init) {
        requests++;
        return fetch(url, init);
      },
    },
    objects: objectCache(32 * 1024 * 1024),
    clock: { now: () => new Date(), random: Math.random, sleep: milliseconds => sleep(milliseconds) },
    patience: 3_600_000,
  });
  return { store, requests: () => requests };
}

function recordChange(index: number): Change {
  const at = new Date(Date.UTC(2026, 10, 22) + index * 1000);
  const id = makeRecordId(
    at,
    Uint8Array.from({ length: 5 }, (_, byte) => (index * 2654435761) >>> (byte * 5)),
  );
  const record = { ...generateRecord(index, 1000), id, created: at.toISOString() };
  return {
    message: `Record ${id}`,
    author: { name: 'Ada', email: 'ada@example.org', at },
    files: new Map([[recordPath(id), Buffer.from(writeYaml(record))]]),
  };
}
