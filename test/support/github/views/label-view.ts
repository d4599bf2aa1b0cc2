import type { GitHub } from '../github.ts';
import type { Issue } from '../state/issue.ts';
import type { Label } from '../state/label.ts';
import type { Repository } from '../state/repository.ts';
import { nodeId } from './node-id.ts';
import { repositoryUrl } from './repository-view.ts';

export function labelView(github: GitHub, repository: Repository, label: Label) {
  return {
    id: label.id,
    node_id: nodeId('Label', label.id),
    url: `${repositoryUrl(github, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    description: label.description,
    color: label.color,
    default: false,
  };
}

export const labelsOf = (github: GitHub, issue: Issue) =>
  [...issue.labels].map(name => labelView(github, issue.repository, issue.repository.labels.get(name)!));
