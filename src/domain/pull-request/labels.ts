import type { JudgedRequest } from './judged-request.ts';
import type { Stage } from './stage.ts';

/** `diff: <status>`, as the records branch has it, and `diff: <proposition>` where the claim can be read. */
export function labelsOf(stage: Stage, { diff }: JudgedRequest): string[] {
  const status = stage.is === 'agreed' || stage.is === 'denied' ? stage.is : 'proposed';
  return [`diff: ${status}`, ...(diff === null ? [] : [`diff: ${diff.proposition}`])];
}
