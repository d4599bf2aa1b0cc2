import type { Permissions } from '../permissions.ts';
import type { Account } from './account.ts';
import type { Repository } from './repository.ts';

/** A GitHub App: its bot, its key, where its deliveries go. */
export class App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly owner: Account;
  readonly bot: Account;
  /** PEM, as the maintainer gets it to download. */
  readonly privateKey: string;
  readonly publicKey: string;
  readonly webhookSecret: string;
  readonly createdAt: Date;
  /** Null until there is one: nothing is sent. */
  webhookUrl: string | null = null;
  permissions: Permissions;
  events: readonly string[];

  constructor(
    what: Pick<
      App,
      | 'id'
      | 'slug'
      | 'name'
      | 'owner'
      | 'bot'
      | 'privateKey'
      | 'publicKey'
      | 'webhookSecret'
      | 'createdAt'
      | 'permissions'
      | 'events'
    >,
  ) {
    this.id = what.id;
    this.slug = what.slug;
    this.name = what.name;
    this.owner = what.owner;
    this.bot = what.bot;
    this.privateKey = what.privateKey;
    this.publicKey = what.publicKey;
    this.webhookSecret = what.webhookSecret;
    this.createdAt = what.createdAt;
    this.permissions = what.permissions;
    this.events = what.events;
  }
}

/** An App on an account. What it was given is what its owner accepted, not what the App asks for by now. */
export class Installation {
  readonly id: number;
  readonly app: App;
  readonly account: Account;
  readonly createdAt: Date;
  permissions: Permissions;
  /** Null: all of the account's. */
  repositories: Set<number> | null;
  suspended = false;

  constructor(what: Pick<Installation, 'id' | 'app' | 'account' | 'createdAt' | 'permissions' | 'repositories'>) {
    this.id = what.id;
    this.app = what.app;
    this.account = what.account;
    this.createdAt = what.createdAt;
    this.permissions = what.permissions;
    this.repositories = what.repositories;
  }

  covers(repository: Repository): boolean {
    return repository.owner === this.account && (this.repositories === null || this.repositories.has(repository.id));
  }
}
