import type { Page } from './app-story.ts';

/* What is to be seen of a request that claims `repeated`, and what `verify` says of a branch that is whole. */

export const waiting = {
  state: 'open',
  labels: ['diff: proposed', 'diff: repeated'],
  table: 'success',
  owner: 'action_required',
  comments: 1,
} as const satisfies Page;
export const agreed = {
  ...waiting,
  state: 'merged',
  labels: ['diff: agreed', 'diff: repeated'],
  owner: 'success',
} as const satisfies Page;
export const denied = {
  ...waiting,
  state: 'closed',
  labels: ['diff: denied', 'diff: repeated'],
  owner: 'failure',
} as const satisfies Page;
export const refused = { ...waiting, table: 'failure', owner: 'failure' } as const satisfies Page;
export const holds = { verdict: 'holds', problems: [] };
