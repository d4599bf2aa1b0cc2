import { notFound, Refusal } from './http/refusal.ts';
import type { Actor } from './state/actor.ts';
import type { Repository } from './state/repository.ts';

export type Level = 'read' | 'write' | 'admin';
export interface Permissions {
  readonly [name: string]: Level;
}

export const levels: readonly (Level | 'none')[] = ['none', 'read', 'write', 'admin'];
export const atLeast = (has: Level | 'none' | undefined, wanted: Level) =>
  levels.indexOf(has ?? 'none') >= levels.indexOf(wanted);

export interface Need {
  /** What an App, a workflow or a fine-grained token must have been given: any one of these. */
  readonly anyOf: readonly Permissions[];
  /** What a person's access to the repository must be. */
  readonly asPerson: Level;
  /** Check runs are an App's to write. */
  readonly appOnly: boolean;
  /** What GitHub says to a person who may not. */
  readonly refused: (() => Refusal) | null;
}

/** `needs('contents', 'read')`: the same level is asked of a person. */
export function needs(
  names: string | readonly string[],
  level: Level,
  { asPerson = level, appOnly = false, refused = null }: Partial<Omit<Need, 'anyOf'>> = {},
): Need {
  return { anyOf: [names].flat().map(name => ({ [name]: level })), asPerson, appOnly, refused };
}

const inHeader = (need: Need) =>
  need.anyOf
    .map(permissions =>
      Object.entries(permissions)
        .map(pair => pair.join('='))
        .join(','),
    )
    .join('; ');

export function holds(has: Permissions, wanted: Permissions): boolean {
  return Object.entries(wanted).every(([name, level]) => atLeast(has[name], level));
}

/** Throws as GitHub answers an actor that may not do this to a repository that it may see. */
export function demand(actor: Actor, repository: Repository, need: Need): void {
  const headers = { 'x-accepted-github-permissions': inHeader(need) };
  const reads = need.anyOf.every(one => Object.values(one).every(level => level === 'read'));
  if (actor.kind === 'installation' || actor.kind === 'workflow') {
    // What is public can be read by any App; where it is installed, by what it was given only.
    if (!actor.reaches(repository)) {
      if (reads) return;
      throw new Refusal(403, 'Resource not accessible by integration', { headers });
    }
    if (need.anyOf.some(one => holds(actor.permissions!, one))) return;
    throw new Refusal(403, 'Resource not accessible by integration', { headers });
  }
  if (need.appOnly) throw new Refusal(403, 'You must authenticate via a GitHub App.', { headers });
  if (actor.kind === 'anonymous') {
    if (reads && need.asPerson === 'read') return;
    throw new Refusal(401, 'Requires authentication');
  }
  if (!atLeast(repository.access(actor.account!), need.asPerson)) {
    if (need.refused !== null) throw need.refused();
    throw need.asPerson === 'admin' ? new Refusal(403, 'Must have admin rights to Repository.') : notFound();
  }
  const { permissions } = actor;
  if (permissions !== null && !need.anyOf.some(one => holds(permissions, one))) {
    throw new Refusal(403, 'Resource not accessible by personal access token', { headers });
  }
}
