import { createHash } from 'node:crypto';
import type { OwnCheck } from '../domain/pull-request/pull-request.ts';
import type { CheckView } from '../domain/pull-request/pull-request-view.ts';
import type { Received } from './received.ts';

/*
 * What a check run shows is kept as two digests in its `external_id`, which nobody but the App can write: of everything,
 * and of the annotations, since GitHub never takes one away.
 */

export const annotationsDigest = ({ annotations }: CheckView) =>
  createHash('sha256').update(JSON.stringify(annotations)).digest('hex').slice(0, 32);

export const writeStamp = (check: CheckView) => `${check.digest} ${annotationsDigest(check)}`;

/** Empty where it shows something else by now: GitHub makes runs that stay unfinished for two weeks `stale`. */
export function readStamp(run: Received): Pick<OwnCheck, 'digest' | 'annotations'> {
  const { external_id: id, conclusion } = {
    external_id: run.field('external_id'),
    conclusion: run.field('conclusion'),
  };
  const [digest = '', annotations = ''] = id.isNull ? [] : id.text().split(' ');
  const isStale = !conclusion.isNull && conclusion.text() === 'stale';
  return { digest: isStale ? '' : digest, annotations };
}
