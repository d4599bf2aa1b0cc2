import type { Fault, Place } from '../problem.ts';
import { plainText } from './bounded-text.ts';
import type { JudgedRequest } from './judged-request.ts';
import type { Annotation } from './pull-request-view.ts';

/** GitHub takes no more in one request. */
const most = 50;
const [titleRoom, messageRoom] = [200, 4000];

/** What is at fault, on the line where it stands; first what no rule can do without. At most 50. */
export function annotationsOf({ faults, judgement, changed, path }: JudgedRequest): Annotation[] {
  const paths = new Set(changed);
  const isShown = (place: Place) => paths.has(place.path) && isPlain(place.path);
  // What concerns a file that the pull request does not have is said where the claim stands that speaks of it.
  const placed = (place: Place): Place | null => {
    if (isShown(place)) return place;
    return path !== null && paths.has(path) ? { path, line: null, column: null, field: null } : null;
  };
  const annotations: Annotation[] = [];
  const annotate = (place: Place | null, title: string, message: string) => {
    if (place === null) return;
    const line = Math.max(1, Math.floor(place.line ?? 1) || 1);
    annotations.push({
      path: place.path,
      start_line: line,
      end_line: line,
      annotation_level: 'failure',
      title: plainText(title, titleRoom),
      message: plainText(message, messageRoom) || 'at fault',
    });
  };
  for (const { rule, is, because, at } of judgement.findings) {
    // The faults say what `schema` says, each at its place.
    if (is === 'broken' && at !== null && !(rule === 'schema' && faults.length > 0))
      annotate(placed(at), `Rule ${rule}`, because);
  }
  for (const fault of faults) {
    if (annotations.length >= most) break;
    annotate(isShown(fault) ? fault : null, titleOf(fault), fault.because);
  }
  return annotations;
}

function titleOf({ field }: Fault): string {
  return field === null ? 'Rule schema' : `Rule schema: ${field}`;
}

/** GitHub shows the path as it is, too. */
function isPlain(path: string): boolean {
  return path.length <= 4096 && !/[\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.test(path);
}
