import { parseBranchPath } from '../branch-layout.ts';
import { logLimit } from '../limits.ts';
import { collidingPaths, whyUnsafe } from '../safe-path.ts';
import { yamlLimit } from '../yaml-reading.ts';
import { broken, type Finding, holds, nothingToJudge, type Proposal, type RequestFacts, type Rule } from './rule.ts';

/** A request is tiny and complete, and nothing unseen rides in with it. */
export const layout: Rule = {
  id: 'layout',
  promise:
    'the request is one commit on top of a commit of the records branch, and only adds its diff and its record, as regular files with safe names, within the limits',
  check(facts) {
    const { proposal } = facts;
    if (!proposal) return nothingToJudge;
    if (proposal.parents.length !== 1 || !proposal.parentOnBranch) {
      return broken(
        `the request must be one commit on top of a commit of the records branch; ${proposal.commit.slice(0, 10)} is not`,
      );
    }
    if (proposal.unread) return broken(`its files cannot all be looked at: ${proposal.unread}`);
    return (
      checkFiles(facts, proposal) ??
      checkExtras(facts, proposal) ??
      checkSizes(facts, proposal) ??
      holds(`one commit adds ${count(proposal.changes.length, 'file')}`)
    );
  },
};

function checkFiles({ diff, from }: RequestFacts, { changes }: Proposal): Finding | null {
  let diffs = 0;
  for (const { path, before, after, onBranch } of changes) {
    const at = { path, line: null, column: null, field: null };
    if (after === null) return broken(`${path} is removed; a request only adds files`, at);
    if (before) return broken(`${path} is changed; a request only adds files`, at);
    if (after.mode !== '100644') return broken(`${path} is no regular file (mode ${after.mode})`, at);
    const place = parseBranchPath(path);
    const unsafe = whyUnsafe(path);
    if (unsafe !== null) return broken(`${path} is no safe path: ${unsafe}`, at);
    if (place?.kind === 'diff') {
      if (++diffs > 1) return broken(`${path} is a second diff request; a request holds one`, at);
    } else if (place === null || !('id' in place)) {
      return broken(`${path} has no place in a request: it adds one diff and the files of its record`, at);
    } else if (diff && place.id !== diff.from) {
      return broken(`${path} belongs to another record than ${diff.from}, the request's own`, at);
    }
    if (onBranch !== null && onBranch !== after.id)
      return broken(`${path} stands on the branch with other content`, at);
    if (onBranch === null && from?.onBranch && place.kind !== 'diff' && place.kind !== 'container') {
      return broken(`${path} would be added to a record that stands on the branch already`, at);
    }
  }
  const [colliding] = collidingPaths(changes.map(({ path }) => path));
  if (colliding !== undefined) {
    const at = { path: colliding[0]!, line: null, column: null, field: null };
    return broken(`${colliding.join(' and ')} are one file where case or Unicode form does not count`, at);
  }
  return diffs === 1 ? null : broken('the request adds no diff request under diffs/');
}

/** Two files that a record's folder has only sometimes. */
function checkExtras({ from, containers, brought }: RequestFacts, { changes }: Proposal): Finding | null {
  for (const { path } of changes) {
    const kind = parseBranchPath(path)?.kind;
    const at = { path, line: null, column: null, field: null };
    if (kind === 'patch' && from?.record.program.version_control.dirty === false)
      return broken(`${path} stands there, but the source of ${from.record.id} was not dirty`, at);
    if (kind !== 'container' || !brought || !from) continue;
    if (brought.id !== from.record.image)
      return broken(`${path} is the container ${brought.id}, but ${from.record.id} ran in ${from.record.image}`, at);
    const known = containers.get(brought.id);
    if (known && JSON.stringify(known) !== JSON.stringify(brought))
      return broken(`the history has the container ${brought.id} already; leave ${path} out`, at);
  }
  return null;
}

function checkSizes({ limits, isKept }: RequestFacts, { changes }: Proposal): Finding | null {
  let total = 0;
  for (const { path, after } of changes) {
    const place = parseBranchPath(path);
    if (!place || !after) continue;
    const at = { path, line: null, column: null, field: null };
    if (place.kind === 'input' || place.kind === 'output') {
      if (isKept(place.path)) continue;
      total += after.size;
      if (after.size > limits.file)
        return broken(`${path} has ${after.size} bytes; at most ${limits.file} are kept of a file`, at);
    } else {
      const most = place.kind === 'log' ? logLimit : yamlLimit;
      if (after.size > most) return broken(`${path} has ${after.size} bytes; at most ${most} are allowed`, at);
    }
  }
  return total > limits.record
    ? broken(`the record's content has ${total} bytes; at most ${limits.record} are kept of a record`)
    : null;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
