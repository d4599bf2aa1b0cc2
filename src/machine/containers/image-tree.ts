import { posix } from 'node:path';
import type { KeptPapers } from './image-papers.ts';

/** Most links that are followed for one path, as Linux does. */
const mostLinks = 40;

/** A path of the image with every symlink in it followed, as far as the papers know them. */
export function realPathInside({ links, programs }: KeptPapers, path: string): string {
  let rest = posix.normalize(path).split('/').filter(Boolean);
  let real = '';
  for (let followed = 0; rest.length > 0; ) {
    const next = `${real}/${rest[0]}`;
    const target = links[next] ?? programs[next]?.target ?? null;
    rest = rest.slice(1);
    if (target === null) real = next;
    else if (++followed > mostLinks) return path;
    else {
      rest = [...target.split('/').filter(Boolean), ...rest];
      real = '';
    }
  }
  return real || '/';
}

/** Where a file of the image that tells of packages stands on this machine; what is mounted stands where it is. */
export function placeInside(papers: KeptPapers, mounted: readonly string[], path: string): string {
  if (mounted.some(folder => path === folder || path.startsWith(`${folder}/`))) return path;
  return posix.join(papers.root, realPathInside(papers, path));
}
