import type { GitHubUser, User } from './generated/shapes.ts';

/** Every App's account ends so, GitHub's own for workflows among them; people's logins hold no brackets. */
const botLogin = /\[bot\]$/;
/**
 * Whoever acts with a workflow's token (GITHUB_TOKEN). Its id differs from server to server, but the name is GitHub's own:
 * https://docs.github.com/en/actions/concepts/security/github_token
 */
const workflowLogin = 'github-actions[bot]';

export function isGitHubUser(user: User): user is GitHubUser {
  return 'id' in user;
}

/** Whether somebody could answer for it: a schedule or a bot cannot. */
export function isPerson(user: User): boolean {
  return isGitHubUser(user) ? !isBotLogin(user.login) : true;
}

/** Whether a login can be an App's only, GitHub's own included. */
export function isBotLogin(login: string): boolean {
  return botLogin.test(login);
}

/** Whether a bot is the one that acts for workflows, which alone speaks for the actor of a run. */
export function isWorkflowBot({ login, isBot }: { readonly login: string; readonly isBot: boolean }): boolean {
  return isBot && login === workflowLogin;
}

/**
 * Whether two are one. Numeric ids count where there are any, since logins can be registered again; else the address,
 * as git tells people apart.
 */
export function isSameUser(one: User, other: User): boolean {
  if (isGitHubUser(one) || isGitHubUser(other)) {
    return isGitHubUser(one) && isGitHubUser(other) && one.id === other.id;
  }
  if (one.email === '' && other.email === '') return one.name === other.name;
  return one.email.toLowerCase() === other.email.toLowerCase();
}

/** One word for a set of people: equal exactly where `isSameUser` holds. */
export function userKey(user: User): string {
  if (isGitHubUser(user)) return `github:${user.id}`;
  return user.email === '' ? `name:${user.name}` : `mail:${user.email.toLowerCase()}`;
}

/** As people are called in sentences: login, or name, or address. */
export function userName(user: User): string {
  if (isGitHubUser(user)) return user.login;
  return user.name || user.email || 'somebody without a name';
}

/**
 * The user that an author's name and address tell: GitHub's private addresses hold its numeric id and login.
 * Source: https://docs.github.com/en/account-and-profile (`ID+login@users.noreply.github.com`).
 */
export function userOfAuthor(name: string, email: string): User {
  const match = /^(\d{1,15})\+([a-z0-9][a-z0-9_-]{0,90}(?:\[bot\])?)@users\.noreply\.github\.com$/i.exec(email);
  if (match && Number(match[1]) > 0) return { login: match[2]!, id: Number(match[1]) };
  return { name, email };
}

/** The author's name and address under which a user's commits are made, such that `userOfAuthor` gives the user back. */
export function authorOfUser(user: User): { name: string; email: string } {
  if (!isGitHubUser(user)) return { name: user.name || user.email || 'unknown', email: user.email };
  return { name: user.login, email: `${user.id}+${user.login}@users.noreply.github.com` };
}

/** Who speaks for a record: its owner, or the project's where that is no person (design, section 6, rule `sender`). */
export function spokesperson(owner: User, projectOwner: User): User {
  return isPerson(owner) ? owner : projectOwner;
}
