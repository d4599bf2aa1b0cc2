import type { TargetRepository } from '../domain/pull-request/pull-request.ts';
import { type Api, ask } from './api.ts';
import type { Received } from './received.ts';

type RepositoryName = Pick<TargetRepository, 'owner' | 'name'>;

/** Where a fork comes from, and whether it is everybody's. */
export interface RepositoryFacts {
  readonly isPrivate: boolean;
  /** Null where it is no fork, or its parent is not to be seen. */
  readonly parent: RepositoryName | null;
}

/** @throws Problem */
export async function readRepositoryFacts(api: Api, { owner, name }: RepositoryName): Promise<RepositoryFacts> {
  const { data } = await ask(api, 'GET /repos/{owner}/{repo}', { owner, repo: name });
  const isFork = data.field('fork').boolean();
  const parent = isFork ? data.field('parent') : null;
  return {
    isPrivate: data.field('private').boolean(),
    parent: parent === null || parent.isNull ? null : nameOf(parent),
  };
}

function nameOf(repository: Received): RepositoryName {
  const [owner = '', name = ''] = repository.field('full_name').text().split('/');
  return { owner, name };
}
