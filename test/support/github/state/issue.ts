import type { Account } from './account.ts';
import type { App } from './app.ts';
import type { Repository } from './repository.ts';

export class Issue {
  readonly id: number;
  readonly number: number;
  readonly repository: Repository;
  readonly author: Account;
  readonly app: App | null;
  readonly createdAt: Date;
  title: string;
  body: string | null;
  updatedAt: Date;
  closedAt: Date | null = null;
  locked = false;
  /** Lower-cased names; the repository has the labels themselves. */
  readonly labels = new Set<string>();

  constructor(what: Pick<Issue, 'id' | 'number' | 'repository' | 'author' | 'app' | 'createdAt' | 'title' | 'body'>) {
    this.id = what.id;
    this.number = what.number;
    this.repository = what.repository;
    this.author = what.author;
    this.app = what.app;
    this.createdAt = what.createdAt;
    this.updatedAt = what.createdAt;
    this.title = what.title;
    this.body = what.body;
  }

  get state(): 'open' | 'closed' {
    return this.closedAt === null ? 'open' : 'closed';
  }
}
