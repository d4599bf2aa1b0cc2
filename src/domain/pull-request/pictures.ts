import { shortened } from '../comparison-report/comparison-report.ts';
import { escapeHtml } from '../html.ts';
import { codeSpan, markdownTable } from '../markdown.ts';
import { plural } from '../wording.ts';
import { sideHeads } from './both-runs.ts';
import { fileAddress } from './file-view.ts';
import type { ComparedPicture, JudgedRequest } from './judged-request.ts';
import type { TargetRepository } from './pull-request.ts';

/** More are counted: nobody looks at more in a comment. */
const most = 8;
/** Characters in all. */
const room = 6000;
/** Pixels: two stand side by side in a comment. */
const width = 380;

/** Outputs that are pictures, both sides next to each other; '' where there are none. */
export function picturesMarkdown(repository: TargetRepository, judged: JudgedRequest): string {
  const { pictures } = judged;
  if (pictures.length === 0) return '';
  const shown: string[] = [];
  let left = room;
  for (const picture of pictures.slice(0, most)) {
    const pair = pairOf(repository, judged, picture);
    if (pair.length > left) break;
    left -= pair.length;
    shown.push(pair);
  }
  const rest = pictures.length - shown.length;
  const more =
    rest > 0 ? [`${plural(rest, 'picture')}${shown.length > 0 ? ' more' : ''} in the records' folders.`] : [];
  return ['### Pictures, side by side', ...shown, ...more].join('\n\n');
}

function pairOf(repository: TargetRepository, judged: JudgedRequest, { path, from, toward }: ComparedPicture): string {
  const { commit, tip, fromOnBranch } = judged;
  const cells = [side(repository, 'from', fromOnBranch ? tip : commit, from), side(repository, 'toward', tip, toward)];
  return `${codeSpan(shortened(path, 200))}\n\n${markdownTable(sideHeads(judged), [cells])}`;
}

function side(repository: TargetRepository, name: string, revision: string, path: string | null): string {
  const page = path === null ? null : fileAddress(repository, 'blob', revision, path);
  const raw = path === null ? null : fileAddress(repository, 'raw', revision, path);
  if (page === null || raw === null) return '_not stored_';
  // A private repository's raw contents need a login, which GitHub's image proxy has not.
  if (repository.isPrivate) return `<a href="${escapeHtml(page)}">look at ${name}'s</a>`;
  return `<a href="${escapeHtml(page)}"><img src="${escapeHtml(raw)}" alt="${name}" width="${width}"></a>`;
}
