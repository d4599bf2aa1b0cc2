import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { recordPath } from '../src/domain/branch-layout.ts';
import { writeYaml } from '../src/domain/yaml-writing.ts';
import { registerApp, startApp } from '../test/support/app-process.ts';
import { isSwept, newestCheck } from '../test/support/app-story.ts';
import { startGitHub } from '../test/support/github/start-github.ts';
import type { PullRequest } from '../test/support/github/state/pull-request.ts';
import type { Repository } from '../test/support/github/state/repository.ts';
import { handMade } from '../test/support/hand-made.ts';
import { online, sharedProject } from '../test/support/shared-project.ts';
import { generateRecord } from './generated-store.ts';
import { absoluteRow, type Row, ratioRow } from './row.ts';

const sizes = [10, 10_000];
const atOnce = 20;
/** Times that so many arrive at once, after the first. */
const bursts = 5;
/** 2,000 for the whole of it. */
const judgements = Number(process.env.CORROBORATE_BENCH_JUDGEMENTS ?? 300);

/** The built App on the GitHub for tests, without throttling. */
export async function measureApp(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await measureCalls(size, 'shared')));
  rows.push(...(await measureCalls(sizes[0]!, 'refused')).slice(-2));
  return [...rows, ...(await measureMany())];
}

async function place(records: number, forkObjects: 'shared' | 'refused') {
  const github = await startGitHub({ forkObjects });
  github.limits.hourly.installation = Number.POSITIVE_INFINITY;
  const project = await sharedProject(github);
  await grow(project.repository, records);
  const app = registerApp(github);
  github.installs(app, project.repository);
  const running = await startApp(github, app);
  await isSwept(running);
  await running.settles();
  return { github, project, running };
}

/** Adds generated records in one commit. */
async function grow(repository: Repository, count: number): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], {
    cwd: repository.git.folder,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const head = `commit refs/heads/records\ncommitter Ada <ada@example.org> ${Math.floor(Date.now() / 1000)} +0000\n`;
  child.stdin.write(`${head}${data('records')}from refs/heads/records^0\n`);
  for (let index = 0; index < count; index++) {
    const record = generateRecord(index, count);
    child.stdin.write(`M 100644 inline ${recordPath(record.id)}\n${data(writeYaml(record))}`);
  }
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
}

async function measureCalls(size: number, forkObjects: 'shared' | 'refused'): Promise<Row[]> {
  const { github, project, running } = await place(size, forkObjects);
  await using _ = github;
  await using __ = project;
  await using ___ = running;
  const counted = async (work: () => Promise<unknown> | unknown) => {
    github.calls.clear();
    await work();
    await running.settles();
    const calls = github.calls.all.filter(({ kind }) => kind === 'installation');
    return { calls: calls.length, writes: calls.filter(({ writes }) => writes).length };
  };
  // What is asked for once in a process is no part of a judgement.
  await project.opensRequest();
  await running.settles();
  const { branch } = await project.pushesRequest();
  let pull: PullRequest | undefined;
  const first = await counted(async () => {
    pull = await project.opensPull(branch);
  });
  const { grace, fork, ada } = project;
  const later = await counted(async () => {
    const parent = grace.at.git('rev-parse', `${branch}^`);
    const commit = grace.at.git('commit-tree', `${branch}^{tree}`, '-p', parent, '-m', 'again');
    await online(grace, 'push', '-q', '-f', grace.person.remote(fork), `${commit}:refs/heads/${branch}`);
  });
  const answer = await counted(() => ada.person.comments(pull!, `/agree ${pull!.headSha}`));
  if (pull!.merged === null) throw new Error('the request was not agreed on');
  // GitHub does not promise that a fork's objects may be built on; where it refuses, they are brought over first.
  const at = `at ${size} records${forkObjects === 'refused' ? ", a fork's objects refused" : ''}`;
  return [
    absoluteRow(`app: API calls of the first judgement ${at}`, first.calls, 10, 'calls'),
    absoluteRow(`app: writes among them ${at}`, first.writes, 6, 'calls'),
    absoluteRow(`app: API calls of a later judgement ${at}`, later.calls, 10, 'calls'),
    absoluteRow(`app: writes among them, later, ${at}`, later.writes, 3, 'calls'),
    absoluteRow(`app: API calls of an answer ${at}`, answer.calls, 12, 'calls'),
    absoluteRow(`app: writes among them, answer, ${at}`, answer.writes, 6, 'calls'),
  ];
}

async function measureMany(): Promise<Row[]> {
  const { github, project, running } = await place(100, 'shared');
  await using _ = github;
  await using __ = project;
  await using ___ = running;
  const { grace, fork, repository, ada } = project;
  const { branch } = await project.pushesRequest();
  const branches = Array.from({ length: atOnce * (bursts + 1) }, (_, index) => `many/${index}`);
  for (const name of branches) {
    grace.at.git('branch', '-q', name, branch);
    handMade(grace.at, name, files =>
      files.edit(files.path(/^diffs\//), /^run: null$/m, `run: ${branches.indexOf(name) + 1}`),
    );
  }
  await online(grace, 'push', '-q', grace.person.remote(fork), 'refs/heads/many/*');
  // One is the beginning of the GitHub for tests, too.
  const warm = await project.opensPull(branch);
  await running.settles();
  const cpu = () => {
    const fields = readFileSync(`/proc/${running.process.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  const pulls: PullRequest[] = [];
  /** Seconds from the deliveries to each verdict. */
  const arrive = async (names: readonly string[]): Promise<number[]> => {
    github.webhooks.way = () => 'held';
    const opened: PullRequest[] = [];
    for (const name of names) opened.push(await project.opensPull(name));
    github.webhooks.way = () => 'once';
    const held = github.webhooks.held
      .splice(0)
      .filter(({ event, action }) => event === 'pull_request' && action === 'opened');
    const begun = Date.now();
    await Promise.all(held.map(delivery => github.webhooks.send(delivery)));
    await running.settles();
    pulls.push(...opened);
    return opened.map(pull => (newestCheck(pull, 'Table 1')!.startedAt.getTime() - begun) / 1000);
  };
  const first = await arrive(branches.slice(0, atOnce));
  const spent = cpu();
  const later: number[] = [];
  for (let burst = 1; burst <= bursts; burst++) {
    later.push(...(await arrive(branches.slice(burst * atOnce, (burst + 1) * atOnce))));
  }
  const processor = (cpu() - spent) / later.length;
  const p95 = (seconds: readonly number[]) =>
    seconds.toSorted((one, other) => one - other)[Math.ceil(seconds.length * 0.95) - 1]!;

  const memory = () =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${running.process.pid}/status`, 'utf8'))![1]) / 1024;
  const judges = async (count: number) => {
    for (let done = 0; done < count; done += atOnce) {
      for (const pull of pulls.slice(0, atOnce)) ada.person.reruns(newestCheck(pull, 'Table 1')!);
      await running.settles();
      github.calls.clear();
      github.webhooks.log.length = 0;
    }
  };
  const third = Math.ceil(judgements / 3);
  await judges(third);
  const before = memory();
  await judges(judgements - third);
  const after = memory();
  if (warm.merged !== null || repository.branch('records') === undefined) throw new Error('the branch was changed');
  return [
    absoluteRow(`app: from delivery to verdict, ${atOnce} at once, 95th percentile`, p95(later), 0.3),
    absoluteRow(`app: the same, the first ${atOnce} after a start`, p95(first), 0.3),
    absoluteRow('app: processor time of one of them, in the App itself', processor, 0.1),
    absoluteRow(`app: memory after ${judgements} judgements`, after, 600, 'MiB'),
    ratioRow(`app: memory after ${judgements} judgements, beside after ${third}`, after, before, 1.15),
  ];
}
