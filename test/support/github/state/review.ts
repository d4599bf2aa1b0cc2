import type { Account } from './account.ts';

export interface Review {
  readonly id: number;
  readonly author: Account;
  /** The head when it was given, or the commit that the reviewer named. */
  readonly commit: string;
  body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  submittedAt: Date | null;
}
