/** What a pull request is opened with. */
export interface PullRequestWords {
  readonly title: string;
  readonly body: string;
}

export interface PullRequestPlace {
  /** `https://github.com` */
  readonly server: string;
  readonly target: { readonly owner: string; readonly name: string };
  readonly base: string;
  readonly head: { readonly owner: string; readonly name: string; readonly branch: string };
}

/** GitHub's page on which a pull request is one click away, filled in already. */
export function compareLink(
  { server, target, base, head }: PullRequestPlace,
  { title, body }: PullRequestWords,
): string {
  const isOwn = target.owner === head.owner && target.name === head.name;
  const branch = inPath(head.branch);
  const from = isOwn ? branch : `${inPath(head.owner)}:${inPath(head.name)}:${branch}`;
  const repository = `${server}/${inPath(target.owner)}/${inPath(target.name)}`;
  const query = `expand=1&title=${encodeURIComponent(title)}&body=${encodeURIComponent(body)}`;
  return `${repository}/compare/${inPath(base)}...${from}?${query}`;
}

/** Every part of a path by itself: a slash in a branch's name stays one. */
export function inPath(path: string): string {
  return path
    .split('/')
    .map(encodeURIComponent)
    .join('/')
    .replace(/[()'*!]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
