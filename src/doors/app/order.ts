import type { ButtonPress } from '../../domain/pull-request/pull-request.ts';
import { fullName, type NamedRepository } from './repository-access.ts';
import type { Order as QueueOrder } from './work-queue.ts';

/** Deliveries that asked for it, for the log; more are not named. */
const namedDeliveries = 5;

interface Asked {
  /** `X-GitHub-Delivery` of those that asked for it. */
  readonly deliveries: readonly string[];
  /** When the first of them came: `performance.now()`. */
  readonly since: number;
}

export interface LookAtPullRequest extends Asked {
  readonly is: 'pull-request';
  readonly repository: NamedRepository;
  readonly number: number;
  /** In the order in which they were pressed. */
  readonly presses: readonly ButtonPress[];
  /** Whether the checks are to be written even where they show the same: "Re-run" made GitHub wait for them. */
  readonly afresh: boolean;
  /** All that is known is that it was closed, which our own answer does as well. */
  readonly onlyClosed: boolean;
}

/** Of a pull request only the head is known. */
export interface LookAtCommit extends Asked {
  readonly is: 'commit';
  readonly repository: NamedRepository;
  readonly commit: string;
  readonly presses: readonly ButtonPress[];
  readonly afresh: boolean;
}

export interface LookAtBranch extends Asked {
  readonly is: 'branch';
  readonly repository: NamedRepository;
  readonly moves: readonly { readonly before: string | null; readonly after: string }[];
}

/** Everything that is open, of one installation or of each. */
export interface Sweep extends Asked {
  readonly is: 'sweep';
  readonly installation: number | 'each';
}

export type What = LookAtPullRequest | LookAtCommit | LookAtBranch | Sweep;
export type Order = QueueOrder<What>;

export function orderOf(what: What): Order {
  if (what.is === 'sweep') {
    const holder = String(what.installation);
    return { key: `sweep ${holder}`, lane: `sweep ${holder}`, holder, what };
  }
  const { id, installation } = what.repository;
  const place = {
    'pull-request': 'number' in what ? what.number : '',
    commit: 'commit' in what ? what.commit : '',
    branch: '',
  };
  return {
    key: `${what.is} ${id} ${place[what.is]}`,
    lane: fullName(what.repository),
    holder: String(installation),
    what,
  };
}

/** What two orders of one key ask for together. */
export function mergedOrder(earlier: What, later: What): What {
  const asked = {
    deliveries: [...new Set([...earlier.deliveries, ...later.deliveries])].slice(0, namedDeliveries),
    since: Math.min(earlier.since, later.since),
  };
  if (earlier.is === 'pull-request' && later.is === 'pull-request') {
    return {
      ...later,
      ...asked,
      presses: together(earlier.presses, later.presses),
      afresh: earlier.afresh || later.afresh,
      onlyClosed: earlier.onlyClosed && later.onlyClosed,
    };
  }
  if (earlier.is === 'commit' && later.is === 'commit') {
    const presses = together(earlier.presses, later.presses);
    return { ...later, ...asked, presses, afresh: earlier.afresh || later.afresh };
  }
  if (earlier.is === 'branch' && later.is === 'branch') {
    return { ...later, ...asked, moves: joined([...earlier.moves, ...later.moves]) };
  }
  return { ...later, ...asked };
}

/** A delivery may come twice; somebody may press twice. */
const mostPresses = 10;

function together(earlier: readonly ButtonPress[], later: readonly ButtonPress[]): ButtonPress[] {
  const all = [...earlier, ...later];
  const isFirst = (press: ButtonPress, index: number) =>
    all.findIndex(one => one.by.id === press.by.id && one.button === press.button && one.commit === press.commit) ===
    index;
  return all.filter(isFirst).slice(0, mostPresses);
}

type Moves = LookAtBranch['moves'];

/** One move for all that follow one another; deliveries may come in any order. */
function joined(moves: Moves): Moves {
  const left = [...moves];
  for (let index = 0; index < left.length; ) {
    const next = left.findIndex(
      (move, at) => at !== index && move.before !== null && move.before === left[index]!.after,
    );
    if (next < 0) {
      index++;
      continue;
    }
    left[index] = { before: left[index]!.before, after: left[next]!.after };
    left.splice(next, 1);
    index = 0;
  }
  return left;
}
