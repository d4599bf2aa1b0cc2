import type { Account } from './account.ts';
import type { App } from './app.ts';
import type { Issue } from './issue.ts';

export interface Comment {
  readonly id: number;
  readonly issue: Issue;
  readonly author: Account;
  readonly app: App | null;
  readonly createdAt: Date;
  updatedAt: Date;
  body: string;
}
