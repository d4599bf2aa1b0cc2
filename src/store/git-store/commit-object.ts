import type { CommitInfo, Signature } from '../record-store.ts';

export interface CommitObject {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly message: string;
}

/** Reads a commit object; null where it is none. */
export function parseCommit(bytes: Buffer): CommitObject | null {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\n\n');
  const lines = (end < 0 ? text : text.slice(0, end)).split('\n');
  const tree = /^tree ([0-9a-f]+)$/.exec(lines[0] ?? '')?.[1];
  if (tree === undefined) return null;
  const parents = lines.flatMap(line => /^parent ([0-9a-f]+)$/.exec(line)?.[1] ?? []);
  const author = lines
    .map(line => /^author (.*?) ?<([^>]*)> (-?\d+) [+-]\d+$/.exec(line))
    .find(match => match !== null);
  return {
    tree,
    parents,
    author: {
      name: author?.[1] ?? '',
      email: author?.[2] ?? '',
      at: new Date(Number(author?.[3] ?? 0) * 1000),
    },
    message: end < 0 ? '' : text.slice(end + 2),
  };
}

/** Writes a commit object as git would: author and committer the same, in UTC, the message ending with a newline. */
export function formatCommit(commit: CommitObject): Buffer {
  const who = formatSignature(commit.author);
  const message = `${commit.message.replaceAll('\0', '').trimEnd()}\n`;
  const parents = commit.parents.map(parent => `parent ${parent}\n`).join('');
  return Buffer.from(`tree ${commit.tree}\n${parents}author ${who}\ncommitter ${who}\n\n${message}`, 'utf8');
}

function formatSignature({ name, email, at }: Signature): string {
  const seconds = Math.max(0, Math.floor(at.getTime() / 1000));
  const address = identityPart(email);
  return `${identityPart(name) || address.split('@')[0] || 'unknown'} <${address}> ${seconds} +0000`;
}

/** What git leaves of a name: nothing that would end it, no crud around it. */
export function identityPart(text: string): string {
  const line = text.replace(/[<>\n\r\0]/g, '');
  return line.replace(/^[\x00-\x20.,:;"\\']+|[\x00-\x20.,:;"\\']+$/g, '');
}

export function commitInfo(commit: string, { parents, author, message }: CommitObject): CommitInfo {
  return { commit, parents, author, message };
}
