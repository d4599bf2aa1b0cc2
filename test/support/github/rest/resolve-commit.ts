import { Refusal } from '../http/refusal.ts';
import type { Repository } from '../state/repository.ts';

/** A commit by branch, tag, full ref, or (abbreviated) id, as GitHub's routes take them. @throws 422 or 404 as they do */
export async function resolveCommit(repository: Repository, name: string, missing = 404): Promise<string> {
  const { refs, objects } = repository.git;
  const candidates = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`];
  const named = candidates.map(candidate => refs.read(candidate)).find(sha => sha !== undefined);
  const wanted = named ?? (/^[0-9a-f]{7,40}$/.test(name) ? name : undefined);
  const id = wanted === undefined ? undefined : await objects.identify(`${wanted}^{commit}`);
  if (id === undefined) {
    throw new Refusal(missing, missing === 422 ? `No commit found for SHA: ${name}` : 'Not Found');
  }
  return id;
}
