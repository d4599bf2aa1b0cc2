import type { Account } from './account.ts';
import type { Repository } from './repository.ts';

export interface WorkflowRun {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  readonly actor: Account;
  readonly triggeringActor: Account;
  readonly event: string;
  readonly headBranch: string | null;
  readonly headSha: string;
  readonly headRepository: Repository;
  readonly path: string;
  readonly createdAt: Date;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
}
