import type { ObjectStore } from './object-store.ts';

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
  /** As git writes it, `+0100`. */
  readonly zone: string;
}

export interface Commit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

function parseSignature(line: string): Signature {
  const [, name = '', email = '', seconds = '0', zone = '+0000'] =
    /^(.*?) ?<(.*)> (-?\d+) ([+-]\d{4})$/.exec(line) ?? [];
  return { name, email, date: new Date(Number(seconds) * 1000), zone };
}

const clean = (text: string) => text.replace(/[<>\n\0]/g, '').trim();
const line = ({ name, email, date, zone }: Signature) =>
  `${clean(name)} <${clean(email)}> ${Math.floor(date.getTime() / 1000)} ${zone}`;

export function parseCommit(id: string, content: Buffer): Commit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  const of = (word: string) =>
    lines.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1));
  return {
    id,
    tree: of('tree')[0]!,
    parents: of('parent'),
    author: parseSignature(of('author')[0]!),
    committer: parseSignature(of('committer')[0]!),
    message: text.slice(end + 2),
  };
}

export function writeCommit(store: ObjectStore, commit: Omit<Commit, 'id'>): Promise<string> {
  const head = [
    `tree ${commit.tree}`,
    ...commit.parents.map(parent => `parent ${parent}`),
    `author ${line(commit.author)}`,
    `committer ${line(commit.committer)}`,
  ];
  return store.write('commit', Buffer.from(`${head.join('\n')}\n\n${commit.message}`));
}
