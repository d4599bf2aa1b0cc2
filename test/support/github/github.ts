import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { BareRepository } from './git/bare-repository.ts';
import { CallLog } from './http/call-log.ts';
import { RateLimits } from './http/rate-limits.ts';
import type { Permissions } from './permissions.ts';
import { Person } from './person.ts';
import { Account } from './state/account.ts';
import { Actor } from './state/actor.ts';
import { App, Installation } from './state/app.ts';
import { Repository } from './state/repository.ts';
import { TokenRegister } from './state/token-register.ts';
import { Trouble } from './trouble.ts';
import { installationView } from './views/app-view.ts';
import { minimalRepositoryView } from './views/repository-view.ts';
import { Webhooks } from './webhooks/webhooks.ts';

export interface Circumstances {
  /** The clock: all times, and when tokens and rate limits end. */
  readonly now?: () => Date;
  /**
   * Whether git objects that only a fork's pull request brought may be built on by the Git Data API. GitHub does not
   * promise it; `refused` (422) is the harder case, and the default.
   */
  readonly forkObjects?: 'refused' | 'shared';
}

const keys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
let keyPair: ReturnType<typeof keys> | undefined;

/** Everything that there is on this GitHub. */
export class GitHub implements AsyncDisposable {
  /** `http://127.0.0.1:PORT`, for git and for people; GITHUB_SERVER_URL of a workflow. */
  readonly origin: string;
  readonly folder: string;
  readonly now: () => Date;
  readonly forkObjects: 'refused' | 'shared';
  readonly accounts: Account[] = [];
  readonly repositories: Repository[] = [];
  readonly apps: App[] = [];
  readonly installations: Installation[] = [];
  readonly tokens: TokenRegister;
  readonly calls = new CallLog();
  readonly limits: RateLimits;
  readonly trouble: Trouble;
  readonly webhooks: Webhooks;
  /** What of its own answers GitHub's description would not have; for the tests of this GitHub itself. */
  readonly ownFaults: string[] = [];
  /** Fill `ownFaults`: it costs some milliseconds a route. */
  checksItself = false;
  /** Defects of this GitHub that a request ran into (also answered with 500). */
  readonly crashes: unknown[] = [];
  /** The bot of GitHub Actions, with the id that it has everywhere. */
  readonly actionsApp: App;
  readonly #people = new Map<Account, Person>();
  readonly #manifests = new Map<string, App>();
  readonly #close: () => Promise<void>;
  #lastId = 1000;

  constructor(origin: string, folder: string, close: () => Promise<void>, { now, forkObjects }: Circumstances) {
    this.origin = origin;
    this.folder = folder;
    this.now = now ?? (() => new Date());
    this.forkObjects = forkObjects ?? 'refused';
    this.#close = close;
    this.tokens = new TokenRegister(this.apps, this.now);
    this.limits = new RateLimits(this.now);
    this.trouble = new Trouble(this.limits);
    this.webhooks = new Webhooks(this);
    const github = this.#account('github', 9919, 'Organization');
    this.actionsApp = this.#app('github-actions', 15368, github, 41898282, {}, []);
  }

  /** GITHUB_API_URL */
  get api(): string {
    return `${this.origin}/api/v3`;
  }

  /** GITHUB_GRAPHQL_URL */
  get graphql(): string {
    return `${this.origin}/api/graphql`;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** Somebody with an account; the same login without an id is the same person. */
  user(login: string, id?: number): Person {
    const known = this.account(login);
    if (known !== undefined && (id === undefined || known.id === id)) return this.#people.get(known)!;
    if (known !== undefined) throw new Error(`${login} is taken by ${known.id}`);
    const account = this.#account(login, id ?? this.nextId(), 'User');
    const person = new Person(this, account);
    this.#people.set(account, person);
    return person;
  }

  /** A login changes; the old one is free for anybody then. */
  renames(person: Person, login: string): void {
    if (this.account(login) !== undefined) throw new Error(`${login} is taken`);
    person.account.login = login;
  }

  /** An account is gone; what it did stays. */
  closesAccount(person: Person): void {
    this.accounts.splice(this.accounts.indexOf(person.account), 1);
    this.#people.delete(person.account);
  }

  organization(login: string): Account {
    return this.account(login) ?? this.#account(login, this.nextId(), 'Organization');
  }

  /** An App with its key; `installs` puts it somewhere, `webhookUrl` tells where deliveries go. */
  app(
    slug: string,
    {
      permissions = {},
      events = [],
      owner = this.organization('app-makers'),
      webhookUrl = null,
    }: {
      readonly permissions?: Permissions;
      readonly events?: readonly string[];
      readonly owner?: Account;
      readonly webhookUrl?: string | null;
    } = {},
  ): App {
    const app = this.#app(slug, this.nextId(), owner, this.nextId(), { metadata: 'read', ...permissions }, events);
    app.webhookUrl = webhookUrl;
    return app;
  }

  /**
   * "Create GitHub App from manifest", as a maintainer presses it.
   * @returns the code that GitHub hands to the manifest's `redirect_url`; it is good for one exchange
   */
  acceptsManifest(
    manifest: {
      readonly name: string;
      readonly hook_attributes?: { readonly url: string };
      readonly default_permissions?: Permissions;
      readonly default_events?: readonly string[];
    },
    owner: Account,
  ): string {
    const {
      name,
      hook_attributes: hook,
      default_permissions: permissions = {},
      default_events: events = [],
    } = manifest;
    const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
    const app = this.app(slug, { permissions, events, owner, webhookUrl: hook?.url ?? null });
    const code = `code-of-${slug}`;
    this.#manifests.set(code, app);
    return code;
  }

  redeemsManifest(code: string): App | undefined {
    const app = this.#manifests.get(code);
    this.#manifests.delete(code);
    return app;
  }

  /** @param permissions what the owner accepted; all that the App asks for, unless told */
  installs(
    app: App,
    on: Repository | Account,
    { permissions = app.permissions }: { readonly permissions?: Permissions } = {},
  ): Installation {
    const account = on instanceof Account ? on : on.owner;
    const known = this.installations.find(one => one.app === app && one.account === account);
    if (known !== undefined) {
      if (on instanceof Repository) known.repositories?.add(on.id);
      return known;
    }
    const repositories = on instanceof Account ? null : new Set([on.id]);
    const at = this.now();
    const installation = new Installation({
      id: this.nextId(),
      app,
      account,
      createdAt: at,
      permissions,
      repositories,
    });
    this.installations.push(installation);
    this.webhooks.tell({
      event: 'installation',
      action: 'created',
      repository: null,
      sender: account,
      only: app,
      payload: {
        installation: installationView(this, installation),
        repositories: this.repositories
          .filter(repository => installation.covers(repository))
          .map(repository => {
            const { id, node_id, name, full_name, private: isPrivate } = minimalRepositoryView(this, repository);
            return { id, node_id, name, full_name, private: isPrivate };
          }),
      },
    });
    return installation;
  }

  /** @param narrowed what `POST …/access_tokens` may ask for: fewer permissions, fewer repositories */
  installationToken(
    installation: Installation,
    narrowed: { readonly permissions?: Permissions; readonly repositories?: ReadonlySet<number> } = {},
  ): string {
    return this.tokens.issue(
      new Actor({
        kind: 'installation',
        account: installation.app.bot,
        app: installation.app,
        installation,
        permissions: narrowed.permissions ?? installation.permissions,
        repositories: narrowed.repositories ?? null,
        label: `installation ${installation.id}`,
        expires: new Date(this.now().getTime() + 3_600_000),
      }),
    );
  }

  /** GITHUB_TOKEN of a job. @param permissions `{ contents: 'write' }`; a pull request from a fork gives only reads */
  workflowToken(
    repository: Repository,
    permissions: Permissions = { contents: 'write', pull_requests: 'write' },
  ): string {
    return this.tokens.issue(
      new Actor({
        kind: 'workflow',
        account: this.actionsApp.bot,
        app: this.actionsApp,
        permissions: { metadata: 'read', ...permissions },
        repositories: new Set([repository.id]),
        label: `workflow of ${repository.fullName}`,
        quota: `workflow ${repository.id}`,
        expires: new Date(this.now().getTime() + 86_400_000),
      }),
    );
  }

  account(login: string): Account | undefined {
    return this.accounts.find(account => account.login.toLowerCase() === login.toLowerCase());
  }

  accountById(id: number): Account | undefined {
    return this.accounts.find(account => account.id === id);
  }

  repository(fullName: string): Repository | undefined {
    return this.repositories.find(repository => repository.fullName.toLowerCase() === fullName.toLowerCase());
  }

  /** An empty repository. People make theirs by `Person.createRepository`. */
  async newRepository(
    owner: Account,
    name: string,
    {
      isPrivate = false,
      parent = null,
      defaultBranch = 'main',
    }: {
      readonly isPrivate?: boolean;
      readonly parent?: Repository | null;
      readonly defaultBranch?: string;
    } = {},
  ): Promise<Repository> {
    if (this.repository(`${owner.login}/${name}`) !== undefined) throw new Error(`${owner.login}/${name} exists`);
    const id = this.nextId();
    const git = await BareRepository.create(join(this.folder, `${id}.git`), defaultBranch);
    const createdAt = this.now();
    const repository = new Repository({ id, owner, name, git, parent, createdAt, isPrivate, defaultBranch });
    this.repositories.push(repository);
    return repository;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.webhooks.close();
    await this.webhooks.settled();
    await this.#close();
    for (const { git } of this.repositories) git.objects.close();
  }

  #account(login: string, id: number, type: Account['type']): Account {
    if (this.accountById(id) !== undefined) throw new Error(`the id ${id} is taken`);
    const account = new Account(id, login, type, this.now());
    this.accounts.push(account);
    return account;
  }

  #app(
    slug: string,
    id: number,
    owner: Account,
    botId: number,
    permissions: Permissions,
    events: readonly string[],
  ): App {
    keyPair ??= keys();
    const app = new App({
      id,
      slug,
      name: slug,
      owner,
      bot: this.#account(`${slug}[bot]`, botId, 'Bot'),
      ...keyPair,
      webhookSecret: `secret of ${slug}`,
      createdAt: this.now(),
      permissions,
      events,
    });
    this.apps.push(app);
    return app;
  }
}
