import { parentPort } from 'node:worker_threads';
import { answerPullRequest, judgePullRequest } from '../../flows/judge-pull-request.ts';
import type { CommitReader, Snapshot } from '../../store/record-store.ts';
import { LimitedMap } from './limited-map.ts';
import { practiceTimes, practiseJudging } from './practice.ts';
import {
  type FromThread,
  hearFailure,
  type OutsideCall,
  type OutsideCalls,
  type ToThread,
  tellFailure,
} from './thread-messages.ts';

/*
 * The entry of a judging thread: one task at a time, with everything that it reads asked of the thread that started it.
 * It holds no token and opens nothing itself, so that a hostile file has nothing to gain here but its own end.
 */

const port = parentPort!;
const open = new Map<number, { fulfil(value: unknown): void; reject(error: Error): void }>();
let lastCall = 0;

const say = (message: FromThread) => port.postMessage(message);

/** Calls to the outside, in the name of one task. */
function outsideOf(task: number) {
  return <Name extends OutsideCall>(
    name: Name,
    ...words: Parameters<OutsideCalls[Name]>
  ): ReturnType<OutsideCalls[Name]> => {
    const call = ++lastCall;
    const answered = new Promise<unknown>((fulfil, reject) => open.set(call, { fulfil, reject }));
    say({ is: 'call', task, call, name, words });
    return answered as ReturnType<OutsideCalls[Name]>;
  };
}

/** What every request of a burst reads alike, `project.yml` and the settled requests first of all: asked for once. */
const keptSnapshots = new LimitedMap<string, Kept>(4);
/** Bytes of files, and other answers, of one commit. */
const mostKept = { file: 256 * 1024, bytes: 4 * 1024 * 1024, answers: 2000 };

interface Kept {
  readonly answers: Map<string, unknown>;
  bytes: number;
}

function storeOutside(
  { repository, branch }: { readonly repository: string; readonly branch: string },
  shared: readonly (string | null)[],
  ask: ReturnType<typeof outsideOf>,
): CommitReader {
  const snapshots = new Map<string, Promise<Snapshot>>();
  const open = async (commit: string): Promise<Snapshot> => {
    const key = `${repository} ${commit}`;
    const kept = shared.includes(commit) ? (keptSnapshots.get(key) ?? { answers: new Map(), bytes: 0 }) : null;
    if (kept === null || kept.answers.size === 0) await ask('snapshot', commit);
    if (kept !== null) keptSnapshots.set(key, kept);
    const once = async <T>(call: string, asking: () => Promise<T>): Promise<T> => {
      if (kept === null) return asking();
      if (kept.answers.has(call)) return kept.answers.get(call) as T;
      const answer = await asking();
      keep(kept, call, answer);
      return answer;
    };
    return {
      commit,
      read: path => once(`read ${path}`, () => ask('read', commit, path)),
      async readAll(paths) {
        if (kept === null) return ask('readAll', commit, paths);
        const missing = paths.filter(path => !kept.answers.has(`read ${path}`));
        const found = missing.length === 0 ? [] : await ask('readAll', commit, missing);
        const given = new Map(missing.map((path, index) => [path, found[index] ?? null]));
        for (const [path, bytes] of given) keep(kept, `read ${path}`, bytes);
        return paths.map(
          path => given.get(path) ?? (kept.answers.get(`read ${path}`) as Uint8Array | undefined) ?? null,
        );
      },
      folder: path => once(`folder ${path}`, () => ask('folder', commit, path)),
      files: under => once(`files ${under}`, () => ask('files', commit, under)),
    };
  };
  const memo = <T>(known: Map<string, Promise<T>>, key: string, asking: () => Promise<T>): Promise<T> => {
    const asked = known.get(key) ?? asking();
    known.set(key, asked);
    return asked;
  };
  const infos = new Map<string, ReturnType<CommitReader['commitInfo']>>();
  const compared = new Map<string, ReturnType<CommitReader['differences']>>();
  return {
    branch,
    snapshot: commit => memo(snapshots, commit, () => open(commit)),
    isAncestor: (ancestor, of) => ask('isAncestor', ancestor, of),
    commitInfo: commit => memo(infos, commit, () => ask('commitInfo', commit)),
    differences: (before, after) => memo(compared, `${before} ${after}`, () => ask('differences', before, after)),
  };
}

function keep(kept: Kept, call: string, answer: unknown): void {
  const bytes = answer instanceof Uint8Array ? answer.length : Array.isArray(answer) ? 200 * answer.length : 0;
  if (bytes > mostKept.file || kept.bytes + bytes > mostKept.bytes || kept.answers.size >= mostKept.answers) return;
  kept.answers.set(call, answer);
  kept.bytes += bytes;
}

function work({ number, repository, branch, task }: Extract<ToThread, { is: 'task' }>): Promise<unknown> {
  const ask = outsideOf(number);
  const { tip, defaultCommit } = task.question;
  const store = storeOutside({ repository, branch }, [tip, defaultCommit], ask);
  const actorOfRun = (run: number | string) => ask('actorOfRun', run);
  return task.kind === 'judge'
    ? judgePullRequest(store, task.question, actorOfRun)
    : answerPullRequest(store, task.question, actorOfRun, task.answer);
}

// Whatever comes of it: it is no task of anybody's.
await practiseJudging(practiceTimes).catch(() => {});

port.on('message', (message: ToThread) => {
  if (message.is === 'task') {
    const { number } = message;
    work(message).then(
      value => say({ is: 'done', task: number, value }),
      error => say({ is: 'failed', task: number, failure: tellFailure(error) }),
    );
    return;
  }
  const { call } = message;
  const asked = open.get(call);
  open.delete(call);
  if (message.is === 'returned') asked?.fulfil(message.value);
  else asked?.reject(hearFailure({ ...message.failure, call }));
});

say({ is: 'ready' });
