import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { branchName } from '../../domain/branch-layout.ts';
import { configurationPath, readConfiguration } from '../../domain/configuration.ts';
import type { Configuration, User } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { resolveRecordId } from '../../domain/record-id.ts';
import type { UserGit } from '../../domain/user-git.ts';
import { requireTip } from '../../flows/branch-documents.ts';
import type { FindEngine } from '../../flows/container/container-world.ts';
import { listRequests } from '../../flows/list-requests.ts';
import type { ProjectWords } from '../../flows/start-project.ts';
import { workFolder } from '../../machine/files/working-directory.ts';
import { ownerOf, type Repository } from '../../machine/git/repository.ts';
import { heartbeatFolder } from '../../machine/process/heartbeat.ts';
import { type Exchange, exchange } from '../../store/git-store/exchange.ts';
import { gitStore } from '../../store/git-store/git-store.ts';
import type { RecordIndex } from '../../store/index/record-index.ts';
import type { RecordStore } from '../../store/record-store.ts';
import type { Call } from './command.ts';
import { type FoundRepository, findRepository } from './found-repository.ts';

/** The clone that a command was called in, with everything that it may ask of it. Made here, handed to the flows. */
export interface Clone {
  readonly git: UserGit;
  readonly repository: Repository;
  /** The working tree's top level; that of the git folder where there is no working tree. */
  readonly topLevel: string;
  readonly store: RecordStore;
  /** How the project is called where nobody says: as the folder, on one line. */
  readonly folderName: string;
  /** corroborate.yml of the working tree. */
  readonly configuration: Configuration;
  /** Who is calling. @throws Problem where git knows nobody */
  owner(): User;
  /** corroborate.yml of the default branch, which a request must keep to; what the working tree has does not count. */
  targetConfiguration(): Promise<Configuration>;
  /** The index of the records, brought up to the branch's tip. */
  index(): Promise<RecordIndex>;
  /** The one record that a person means by some part of its id. */
  recordId(text: string): Promise<string>;
  requestId(text: string): Promise<string>;
  /** Where the runs that go on have their heartbeats. */
  readonly runsFolder: string;
  /** Where isolated runs have their working directories. */
  readonly workFolder: string;
  exchange(): Exchange;
  /** The container engine that is wanted, or else one that is here. */
  readonly engine: FindEngine;
  readonly progress: (what: string, done: number, of: number | null) => void;
}

/** @throws Problem NOT_A_REPOSITORY, INVALID for a corroborate.yml with faults */
export async function openClone(call: Call, found: FoundRepository = findRepository(call)): Promise<Clone> {
  const { environment, terminal } = call;
  const { git } = found;
  const repository = await found.repository;
  const topLevel = repository.topLevel ?? repository.gitDir;
  const configuration = readConfiguration(await readOrNull(join(topLevel, configurationPath)));
  const store = gitStore({
    git,
    gitDir: repository.commonDir,
    branch: branchName,
    objectFormat: repository.objectFormat,
    environment,
    clock: { now: () => new Date(), random: Math.random, sleep: milliseconds => sleep(milliseconds) },
    warn: sentence => terminal.say(`${terminal.paint('yellow', 'note:')} ${sentence}`),
  });
  const progress = slowProgress((what, done, of) =>
    terminal.progress(of === null ? `${what}: ${done}` : `${what}: ${done} of ${of}`),
  );
  const index = async () => {
    const { openIndex } = await import('../../store/index/open-index.ts');
    const opened = await openIndex({ file: join(repository.commonDir, 'corroborate', 'index.sqlite') });
    await opened.follow(store, await requireTip(store), (done, total) => progress('indexing records', done, total));
    terminal.done();
    return opened;
  };
  return {
    git,
    repository,
    topLevel,
    folderName:
      basename(topLevel)
        .replace(/[\u0000-\u001f\u007f]+/g, ' ')
        .trim() || 'simulation',
    store,
    configuration,
    owner: () => ownerOf(repository),
    targetConfiguration: () => defaultConfiguration(git),
    index,
    recordId: async text => resolveRecordId(text, await (await index()).findIds(text)),
    requestId: async text => {
      const { requests, damaged } = await listRequests(store);
      const ids = [...requests.map(({ diff }) => diff.id), ...damaged.map(({ id }) => id)].sort().reverse();
      return resolveRecordId(text, ids, 'diff request');
    },
    runsFolder: heartbeatFolder(repository.commonDir),
    workFolder: workFolder(repository.commonDir),
    exchange: () =>
      exchange(
        { git, gitDir: repository.commonDir, objectFormat: repository.objectFormat, environment },
        branchName,
        terminal.isTerminal,
      ),
    engine: async wanted => {
      const { findEngine } = await import('../../machine/containers/find-engine.ts');
      return findEngine(wanted, environment, tmpdir());
    },
    progress,
  };
}

/** How the project is called where its branch has to be made first. */
export function projectWords({ configuration, folderName }: Pick<Clone, 'configuration' | 'folderName'>): ProjectWords {
  return {
    name: configuration.project ?? folderName,
    description: configuration.description ?? '',
    goals: configuration.goals ?? '',
    private: configuration.private ?? false,
  };
}

/** Progress is shown for what takes over a second, and then ten times a second. */
function slowProgress(show: (what: string, done: number, of: number | null) => void) {
  let next = performance.now() + 1000;
  return (what: string, done: number, of: number | null) => {
    const now = performance.now();
    if (now < next) return;
    next = now + 100;
    show(what, done, of);
  };
}

async function readOrNull(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Problem('UNREADABLE', `${path} cannot be read: ${message}`, { cause });
  }
}

/**
 * The default branch is the one that the remote's HEAD names, else the remote's or the clone's `main` or `master`; in a
 * clone that has none of them, the one that is checked out. Nothing is configured where that branch has no file.
 */
async function defaultConfiguration(git: UserGit): Promise<Configuration> {
  for (const branch of [
    'refs/remotes/origin/HEAD',
    'refs/remotes/origin/main',
    'refs/remotes/origin/master',
    'refs/heads/main',
    'refs/heads/master',
    'HEAD',
  ]) {
    if (!(await isThere(git, `${branch}^{commit}`))) continue;
    const file = `${branch}:${configurationPath}`;
    if (!(await isThere(git, file))) return {};
    return readConfiguration((await git.run(['cat-file', 'blob', file])).stdout);
  }
  return {};
}

async function isThere(git: UserGit, revision: string): Promise<boolean> {
  return (await git.run(['rev-parse', '--quiet', '--verify', revision], { accept: [1] })).code === 0;
}
