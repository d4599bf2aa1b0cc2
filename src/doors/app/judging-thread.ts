import { parentPort } from 'node:worker_threads';
import { answerPullRequest, judgePullRequest } from '../../flows/judge-pull-request.ts';
import type { CommitReader, Snapshot } from '../../store/record-store.ts';
import {
  type FromThread,
  hearFailure,
  type OutsideCall,
  type OutsideCalls,
  type Task,
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

function storeOutside(branch: string, ask: ReturnType<typeof outsideOf>): CommitReader {
  const snapshots = new Map<string, Promise<Snapshot>>();
  const openSnapshot = async (commit: string): Promise<Snapshot> => {
    await ask('snapshot', commit);
    return {
      commit,
      read: path => ask('read', commit, path),
      readAll: paths => ask('readAll', commit, paths),
      folder: path => ask('folder', commit, path),
      files: under => ask('files', commit, under),
    };
  };
  return {
    branch,
    snapshot(commit) {
      const known = snapshots.get(commit) ?? openSnapshot(commit);
      snapshots.set(commit, known);
      return known;
    },
    isAncestor: (ancestor, of) => ask('isAncestor', ancestor, of),
    commitInfo: commit => ask('commitInfo', commit),
    differences: (before, after) => ask('differences', before, after),
  };
}

function work(number: number, branch: string, task: Task): Promise<unknown> {
  const ask = outsideOf(number);
  const store = storeOutside(branch, ask);
  const actorOfRun = (run: number | string) => ask('actorOfRun', run);
  return task.kind === 'judge'
    ? judgePullRequest(store, task.question, actorOfRun)
    : answerPullRequest(store, task.question, actorOfRun, task.answer);
}

port.on('message', (message: ToThread) => {
  if (message.is === 'task') {
    const { number } = message;
    work(number, message.branch, message.task).then(
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
