import type { GitHub } from '../github.ts';
import type { Need } from '../permissions.ts';
import type { Actor } from '../state/actor.ts';
import type { Repository } from '../state/repository.ts';
import type { Answer } from './answer.ts';

export interface Call {
  readonly github: GitHub;
  readonly actor: Actor;
  /** Of the path, decoded and valid. */
  readonly path: { readonly [name: string]: string };
  readonly query: URLSearchParams;
  /** Valid for the route; `{}` where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: checked against GitHub's description before it comes here
  readonly body: any;
  readonly accept: string;
  readonly url: URL;
}

/** A call on a repository that the actor may see. */
export interface RepositoryCall extends Call {
  readonly repository: Repository;
}

export type RouteHandler =
  | { readonly on: 'repository'; readonly needs: Need; answer(call: RepositoryCall): Answer | Promise<Answer> }
  | { readonly on: 'app'; answer(call: Call): Answer | Promise<Answer> }
  | { readonly on: 'anything'; answer(call: Call): Answer | Promise<Answer> };

/** By GitHub's own name, e.g. `GET /repos/{owner}/{repo}`. */
export interface Routes {
  readonly [route: string]: RouteHandler;
}

export const onRepository = (
  needs: Need,
  answer: (call: RepositoryCall) => Answer | Promise<Answer>,
): RouteHandler => ({ on: 'repository', needs, answer });
export const asApp = (answer: (call: Call) => Answer | Promise<Answer>): RouteHandler => ({ on: 'app', answer });
export const onAnything = (answer: (call: Call) => Answer | Promise<Answer>): RouteHandler => ({
  on: 'anything',
  answer,
});
