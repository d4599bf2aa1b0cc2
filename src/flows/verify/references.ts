import { createHash } from 'node:crypto';
import { diffPath, historyPath, recordContainerPath, recordPath } from '../../domain/branch-layout.ts';
import { containerId } from '../../domain/container.ts';
import type { Container } from '../../domain/generated/shapes.ts';
import type { BranchProblem } from '../verify-branch.ts';
import { type BranchContent, problem } from './branch-content.ts';

/** Every container and record that is named exists, and containers have their record's source. */
export function verifyReferences(branch: BranchContent): BranchProblem[] {
  const { records, requests, history, brought, deniedOnly } = branch;
  const problems: BranchProblem[] = [];
  const containers = new Map(history?.map(container => [container.id, container]));
  const misnamed = ({ id, system, version, image }: Container, path: string, field: string) => {
    const due = containerId({ system, source: version.source, image }, sha256);
    if (due !== id) problems.push(problem(path, 'container', `the container ${id} must have the id ${due}`, field));
  };
  for (const [index, container] of history?.entries() ?? []) misnamed(container, historyPath, `[${index}].id`);
  for (const [id, container] of brought) misnamed(container, recordContainerPath(id), 'id');
  for (const [id, record] of records) {
    if (deniedOnly.has(id)) continue;
    const path = recordPath(id);
    const beside = brought.get(id);
    const container = containers.get(record.image) ?? (beside?.id === record.image ? beside : undefined);
    if (history && !container) {
      problems.push(problem(path, 'container', `the container ${record.image} is not in the history`, 'image'));
    } else if (container && container.version.source !== record.program.source) {
      problems.push(problem(path, 'container', `its container ${container.id} was made from another source`, 'image'));
    } else if (container && container.created > record.created) {
      problems.push(problem(path, 'container', `its container ${container.id} is younger than the record`, 'image'));
    }
    if (record.reproduces !== null && !records.has(record.reproduces)) {
      problems.push(problem(path, 'records', `the record ${record.reproduces} does not exist`, 'reproduces'));
    }
  }
  for (const request of requests) {
    for (const side of ['from', 'toward'] as const) {
      if (!records.has(request[side])) {
        problems.push(problem(diffPath(request.id), 'records', `the record ${request[side]} does not exist`, side));
      }
    }
  }
  return problems;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
