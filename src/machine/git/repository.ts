import { resolve } from 'node:path';
import type { User } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { withUnicodeClasses } from '../../domain/unicode-classes.ts';
import type { GitAnswer, UserGit } from '../../domain/user-git.ts';

/** What a run must know of the repository it is started in. All folders are absolute. */
export interface Repository {
  /** The working tree's top; null in a bare repository, and when called from inside `.git`. */
  readonly topLevel: string | null;
  /** Of this working tree alone: in a linked worktree, `.git/worktrees/<name>`. */
  readonly gitDir: string;
  /** What all working trees share: objects, refs, config. */
  readonly commonDir: string;
  readonly objectsDir: string;
  readonly indexFile: string;
  readonly bare: boolean;
  /** Its history is cut off. */
  readonly shallow: boolean;
  readonly objectFormat: ObjectFormat;
  /** The sub-folder of the top level that the command was called in: '' or `sub/folder/`. */
  readonly prefix: string;
  /** HEAD; null before the first commit. */
  readonly commit: string | null;
  /** Of HEAD, whatever replaces it; null before the first commit, where there is no working tree, and where it is missing. */
  readonly tree: string | null;
  /** Short name; null when HEAD is detached. */
  readonly branch: string | null;
  /** URL of the branch's remote, else of `origin`, without credentials; null when there is none. */
  readonly remote: string | null;
  readonly login: string | null;
  readonly id: string | null;
  /** As git would author a commit now; null when git does not know who that would be. */
  readonly author: { readonly name: string; readonly email: string } | null;
}

export type ObjectFormat = 'sha1' | 'sha256';

/** Two calls at once; git tells no two of these in one. The start of a run waits for them. */
export async function readRepository(git: UserGit, folder: string): Promise<Repository> {
  const [facts, config] = (await git.runTogether(
    [
      { args: factsCall, accept: [128] },
      { args: ['config', '-z', '--get-regexp', wantedConfig], accept: [1, 128] },
    ],
    { cwd: folder },
  )) as readonly [GitAnswer, GitAnswer];
  const parts = facts.stdout.toString('utf8').split(`\n${separator}\n`);
  if (parts.length < 4) throw notARepository(folder, facts);
  const [bare, shallow, format, ...gitDirLines] = parts[0]!.split('\n');
  // A git that does not know a question of rev-parse's gives it back.
  if (format === '--show-object-format') {
    throw new Problem('UNSUPPORTED', 'this git is too old: Corroborate needs git 2.29 or later (`git --version`).');
  }
  if (format !== 'sha1' && format !== 'sha256') {
    throw new Problem(
      'UNSUPPORTED',
      `the repository at ${folder} has objects of the form ${format}, which is unknown.`,
    );
  }
  const gitDir = gitDirLines.join('\n');
  const inTree = parts.length > 6;
  // `<commit>\n<tree>\n<full name of HEAD>\n`, or a repeated "HEAD" where there is no commit.
  const answers = inTree ? parts[6]!.split('\n') : [];
  const tree = answers.length > 3 ? answers[1]! : null;
  const head = tree === null ? await headWithoutTree(git, folder) : [answers[0]!, answers[2]!];
  const commit = /^[0-9a-f]{40,64}$/.test(head[0]!) ? head[0]! : null;
  const branch = commit === null ? await unbornBranch(git, folder) : shortBranch(head[1]!);
  const values = parseConfig(config.stdout.toString('utf8'));
  return {
    topLevel: inTree ? parts[5]! : null,
    gitDir,
    commonDir: resolve(folder, parts[1]!),
    indexFile: resolve(folder, parts[2]!),
    objectsDir: resolve(folder, parts[3]!),
    bare: bare === 'true',
    shallow: shallow === 'true',
    objectFormat: format,
    prefix: inTree ? parts[4]! : '',
    commit,
    tree,
    branch,
    remote: remoteOf(values, branch),
    login: last(values, 'corroborate.login'),
    id: last(values, 'corroborate.id'),
    author: configuredAuthor(git.environment, values) ?? (await gitsOwnAuthor(git, folder)),
  };
}

/** Echoed by rev-parse as it is; it tells apart answers that are paths, in which a line may end. */
const separator = '--corroborate-next';
const factsCall = [
  '--no-replace-objects',
  'rev-parse',
  '--is-bare-repository',
  '--is-shallow-repository',
  '--show-object-format',
  '--absolute-git-dir',
  separator,
  '--git-common-dir',
  separator,
  '--git-path',
  'index',
  separator,
  '--git-path',
  'objects',
  separator,
  // From here on it may fail: in a bare repository there is no top level, before the first commit no HEAD.
  '--show-prefix',
  separator,
  '--show-toplevel',
  separator,
  'HEAD',
  'HEAD^{tree}',
  '--symbolic-full-name',
  'HEAD',
];
const wantedConfig =
  '^((user|author)\\.(name|email)|corroborate\\.(login|id)|branch\\..*\\.remote|remote\\..*\\.url|url\\..*\\.insteadof)$';

/**
 * The working tree's top level.
 * @throws Problem NOT_A_REPOSITORY where there is none: a bare repository, or the inside of `.git`
 */
export function requireWorkingTree(repository: Repository): string {
  if (repository.topLevel !== null) return repository.topLevel;
  throw new Problem(
    'NOT_A_REPOSITORY',
    repository.bare
      ? `${repository.gitDir} is a bare repository, which has no files to run: clone it and run there.`
      : `${repository.gitDir} is git's own folder: change to the folder of the simulation and run there.`,
  );
}

/** @throws Problem NO_COMMIT before the first commit */
export function requireCommit(repository: Repository): string {
  if (repository.commit !== null) return repository.commit;
  throw new Problem(
    'NO_COMMIT',
    `${repository.topLevel ?? repository.gitDir} has no commit yet, and a record names one: \`git add\` the simulation and \`git commit\` it first.`,
  );
}

/**
 * Who owns what is recorded here (design, section 8): the login and id that `corroborate.login` and `corroborate.id`
 * or GitHub's own author address tell, else name and email.
 * @throws Problem INVALID where the configuration gives no valid login and id, REFUSED where git knows nobody
 */
export function ownerOf(repository: Pick<Repository, 'login' | 'id' | 'author'>): User {
  const { login, id, author } = repository;
  if (login !== null || id !== null) {
    if (login === null || id === null) {
      throw new Problem(
        'INVALID',
        `git config has corroborate.${login === null ? 'id but no corroborate.login' : 'login but no corroborate.id'}: set both, or neither.`,
      );
    }
    const owner = gitHubUser(login, id);
    if (owner) return owner;
    throw new Problem(
      'INVALID',
      `git config corroborate.login ${JSON.stringify(login)} and corroborate.id ${JSON.stringify(id)} name no GitHub account: the login is a user name, the id its number (https://api.github.com/users/<login> shows it).`,
    );
  }
  if (author === null) {
    throw new Problem(
      'REFUSED',
      'git does not know who you are, and a record has an owner: `git config user.name "Your Name"` and `git config user.email you@example.org`.',
    );
  }
  const address = /^(\d+)\+([^@]+)@users\.noreply\.github\.com$/i.exec(author.email);
  return (address && gitHubUser(address[2]!, address[1]!)) || { name: author.name, email: author.email };
}

function gitHubUser(login: string, id: string): User | null {
  const number = Number(id);
  const valid =
    /^[1-9]\d*$/.test(id) &&
    Number.isSafeInteger(number) &&
    login.length <= 100 &&
    /^[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\[bot\])?$/.test(login);
  return valid ? { login, id: number } : null;
}

function notARepository(folder: string, answer: GitAnswer): Problem {
  const said = answer.stderr.trim();
  if (/not a git repository/i.test(said)) {
    return new Problem(
      'NOT_A_REPOSITORY',
      `${folder} is not in a git repository, and a record names the commit that ran: \`git init\`, \`git add\` and \`git commit\` the simulation first.`,
    );
  }
  return new Problem('GIT_FAILED', `git cannot read the repository at ${folder}: ${said.replace(/^fatal: /gm, '')}`);
}

async function headWithoutTree(git: UserGit, folder: string): Promise<string[]> {
  const answer = await git.run(['rev-parse', 'HEAD', '--symbolic-full-name', 'HEAD'], { cwd: folder, accept: [128] });
  return answer.stdout.toString('utf8').split('\n');
}

async function unbornBranch(git: UserGit, folder: string): Promise<string | null> {
  const answer = await git.run(['symbolic-ref', '-q', 'HEAD'], { cwd: folder, accept: [1, 128] });
  return shortBranch(answer.stdout.toString('utf8').trim());
}

function shortBranch(name: string): string | null {
  return name.startsWith('refs/heads/') ? name.slice('refs/heads/'.length) : null;
}

type Values = readonly { readonly key: string; readonly value: string }[];

/** `key\nvalue\0`; a key without value has no newline. */
function parseConfig(text: string): Values {
  return text
    .split('\0')
    .filter(item => item !== '')
    .map(item => {
      const end = item.indexOf('\n');
      return end < 0 ? { key: item, value: '' } : { key: item.slice(0, end), value: item.slice(end + 1) };
    });
}

function last(values: Values, key: string): string | null {
  return values.findLast(item => item.key === key)?.value ?? null;
}

function remoteOf(values: Values, branch: string | null): string | null {
  const own = branch === null ? null : last(values, `branch.${branch}.remote`);
  // A branch that follows another local branch has the remote `.`.
  const url =
    (own === null || own === '.' ? undefined : values.find(item => item.key === `remote.${own}.url`)?.value) ??
    values.find(item => item.key === 'remote.origin.url')?.value;
  if (!url) return null;
  // As git reads it: the longest `url.<base>.insteadOf` that the address begins with.
  const shortcut = values
    .filter(item => /^url\..*\.insteadof$/s.test(item.key) && item.value !== '' && url.startsWith(item.value))
    .sort((one, two) => two.value.length - one.value.length)[0];
  const full = shortcut ? shortcut.key.slice(4, -'.insteadof'.length) + url.slice(shortcut.value.length) : url;
  return withoutCredentials(full);
}

/**
 * An address without user, password and query, which a push URL may hold; the user of an ssh address (`git@host:path`,
 * `ssh://git@host/path`) is no secret and stays, a password does not.
 */
export function withoutCredentials(url: string): string {
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(url);
  if (!parts) return url;
  const [, scheme, authority, whole] = parts as unknown as [string, string, string, string];
  // A query may be a token (`?access_token=…`).
  const rest = /^(?:https?|ftps?)$/i.test(scheme) ? whole.replace(/[?#].*$/s, '') : whole;
  const at = authority.lastIndexOf('@');
  if (at < 0) return `${scheme}://${authority}${rest}`;
  const user = authority.slice(0, at).split(':')[0]!;
  const host = authority.slice(at + 1);
  return /ssh/i.test(scheme) && user !== '' ? `${scheme}://${user}@${host}${rest}` : `${scheme}://${host}${rest}`;
}

const plainIdentity = withUnicodeClasses(String.raw`^[\p{L}\p{N}](?:[^<>\p{Cc}]*[\p{L}\p{N}])?$`);

/**
 * The author, where variables or the configuration name it plainly; what git would clean up, or take from the system,
 * is left to git. Sources: git-var(1), git-commit-tree(1).
 */
function configuredAuthor(environment: NodeJS.ProcessEnv, values: Values): Repository['author'] {
  const name = environment.GIT_AUTHOR_NAME || last(values, 'author.name') || last(values, 'user.name');
  const email = environment.GIT_AUTHOR_EMAIL || last(values, 'author.email') || last(values, 'user.email');
  if (!name || !email) return null;
  return plainIdentity(name).test(name) && plainIdentity(email).test(email) ? { name, email } : null;
}

async function gitsOwnAuthor(git: UserGit, folder: string): Promise<Repository['author']> {
  const answer = await git.run(['var', 'GIT_AUTHOR_IDENT'], { cwd: folder, accept: [128] });
  return answer.code === 0 ? parseIdent(answer.stdout.toString('utf8')) : null;
}

/** `Ada Lovelace <ada@example.org> 1795000000 +0000` */
function parseIdent(line: string): { name: string; email: string } | null {
  const match = /^(.*?) ?<([^<>]*)> -?\d+ [+-]\d+\s*$/s.exec(line);
  return match ? { name: match[1]!, email: match[2]! } : null;
}
