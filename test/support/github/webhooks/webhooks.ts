import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { GitHub } from '../github.ts';
import type { Account } from '../state/account.ts';
import type { App, Installation } from '../state/app.ts';
import type { Repository } from '../state/repository.ts';
import { accountView } from '../views/account-view.ts';
import { nodeId } from '../views/node-id.ts';
import { repositoryView } from '../views/repository-view.ts';
import type { Delivery, Way } from './delivery.ts';

export interface Happening {
  readonly event: string;
  readonly action: string | null;
  readonly repository: Repository | null;
  readonly sender: Account;
  readonly payload: { readonly [name: string]: unknown };
  /** Told to this App alone, as the buttons of its own check runs are. */
  readonly only?: App;
}

/** Sends what happens to the Apps that are installed there and listen, signed, as GitHub does. */
export class Webhooks {
  readonly #github: GitHub;
  readonly log: Delivery[] = [];
  readonly held: Delivery[] = [];
  /** How each delivery goes; once and at once unless a test says otherwise. */
  way: (delivery: Delivery) => Way = () => 'once';
  readonly #going = new Set<Promise<void>>();
  readonly #late = new Set<NodeJS.Timeout>();

  constructor(github: GitHub) {
    this.#github = github;
  }

  /** Whether anybody would be told; what is costly to tell need not be gathered otherwise. */
  listens(event: string, repository: Repository): boolean {
    return this.#github.installations.some(
      one => !one.suspended && one.app.webhookUrl !== null && one.app.events.includes(event) && one.covers(repository),
    );
  }

  tell(happening: Happening): void {
    const { event, repository, only } = happening;
    for (const app of this.#github.apps) {
      if (app.webhookUrl === null || (only !== undefined && only !== app)) continue;
      if (!app.events.includes(event) && event !== 'installation' && event !== 'installation_repositories') continue;
      const installation = this.#github.installations.find(
        one => one.app === app && !one.suspended && (repository === null || one.covers(repository)),
      );
      if (installation !== undefined) this.#dispatch(this.delivery(app, installation, happening));
    }
  }

  delivery(app: App, installation: Installation, { event, action, repository, sender, payload }: Happening): Delivery {
    const owner = repository?.owner;
    const whole = {
      ...(action === null ? {} : { action }),
      ...payload,
      ...(repository === null
        ? {}
        : {
            repository: {
              ...repositoryView(this.#github, repository),
              ...(event === 'push' ? pushForm(this.#github, repository) : {}),
            },
          }),
      ...(owner?.type === 'Organization' ? { organization: organizationView(this.#github, owner) } : {}),
      sender: accountView(this.#github, sender),
      ...('installation' in payload
        ? {}
        : { installation: { id: installation.id, node_id: nodeId('Integration', installation.id) } }),
    };
    // As it was when it happened, whatever comes after.
    const body = JSON.stringify(whole);
    let parsed: Delivery['payload'] | undefined;
    const delivery: Delivery = {
      id: this.#github.nextId(),
      guid: randomUUID(),
      app,
      event,
      action,
      installation: installation.id,
      repository: repository?.id ?? null,
      body,
      get payload() {
        parsed ??= JSON.parse(body) as Delivery['payload'];
        return parsed;
      },
      createdAt: this.#github.now(),
      attempts: [],
    };
    this.log.push(delivery);
    return delivery;
  }

  #dispatch(delivery: Delivery): void {
    const way = this.way(delivery);
    if (way === 'never') return;
    if (way === 'held') {
      this.held.push(delivery);
    } else if (typeof way === 'number') {
      const timer = setTimeout(() => {
        this.#late.delete(timer);
        void this.send(delivery);
      }, way);
      this.#late.add(timer);
    } else {
      void this.send(delivery);
      if (way === 'twice') void this.send(delivery);
    }
  }

  /** Sends what is held, one after another. @param order e.g. `held => held.toReversed()` */
  async release(order: (held: readonly Delivery[]) => readonly Delivery[] = held => held): Promise<void> {
    for (const delivery of order(this.held.splice(0))) await this.send(delivery);
  }

  /** Sends one (again). @returns when it is answered, or 10 s have passed */
  send(delivery: Delivery): Promise<void> {
    const going = this.#post(delivery).finally(() => this.#going.delete(going));
    this.#going.add(going);
    return going;
  }

  /** When all that was sent is answered, late ones included, and what their answers set off as well. */
  async settled(): Promise<void> {
    while (this.#going.size > 0 || this.#late.size > 0) {
      await Promise.all(this.#going);
      if (this.#late.size > 0) await new Promise(done => setTimeout(done, 5));
    }
  }

  close(): void {
    for (const timer of this.#late) clearTimeout(timer);
    this.#late.clear();
    this.way = () => 'never';
  }

  async #post(delivery: Delivery): Promise<void> {
    const { app } = delivery;
    if (app.webhookUrl === null) return;
    const { body } = delivery;
    const sign = (hash: string) => createHmac(hash, app.webhookSecret).update(body).digest('hex');
    const started = performance.now();
    const redelivery = delivery.attempts.length > 0;
    let status = 0;
    try {
      status = await post(app.webhookUrl, body, {
        accept: '*/*',
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/f00d',
        'x-github-delivery': delivery.guid,
        'x-github-event': delivery.event,
        'x-github-hook-id': String(app.id),
        'x-github-hook-installation-target-id': String(app.id),
        'x-github-hook-installation-target-type': 'integration',
        'x-hub-signature': `sha1=${sign('sha1')}`,
        'x-hub-signature-256': `sha256=${sign('sha256')}`,
      });
    } catch {
      // Nobody there, or no answer in time: GitHub notes it and does not try again.
    }
    const milliseconds = performance.now() - started;
    delivery.attempts.push({ at: this.#github.now(), status, redelivery, milliseconds });
  }
}

const agent = new Agent({ keepAlive: true });

/** @returns the status, once the whole answer is there; throws where there is none within 10 s */
async function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  try {
    return await postOnce(url, body, headers);
  } catch (error) {
    // A connection that was kept, and closed at the other end just as it was used again: nothing arrived.
    if ((error as { unsent?: boolean }).unsent) return postOnce(url, body, headers);
    throw error;
  }
}

function postOnce(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((fulfil, reject) => {
    const signal = AbortSignal.timeout(10_000);
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { method: 'POST', agent, signal, headers: { ...headers, ...length } }, response => {
      response.once('error', reject).once('end', () => fulfil(response.statusCode!));
      response.resume();
    });
    sent.once('error', (error: NodeJS.ErrnoException) => {
      reject(Object.assign(error, { unsent: sent.reusedSocket && error.code === 'ECONNRESET' }));
    });
    sent.end(body);
  });
}

/** Pushes have some things in a form of their own. */
function pushForm(github: GitHub, repository: Repository) {
  const at = Math.floor(repository.createdAt.getTime() / 1000);
  const { owner, defaultBranch } = repository;
  return {
    created_at: at,
    pushed_at: at,
    stargazers: 0,
    master_branch: defaultBranch,
    owner: { ...accountView(github, owner), name: owner.login, email: null },
  };
}

function organizationView(github: GitHub, organization: Account) {
  const url = `${github.api}/orgs/${organization.login}`;
  return {
    login: organization.login,
    id: organization.id,
    node_id: nodeId('Organization', organization.id),
    url,
    repos_url: `${url}/repos`,
    events_url: `${url}/events`,
    hooks_url: `${url}/hooks`,
    issues_url: `${url}/issues`,
    members_url: `${url}/members{/member}`,
    public_members_url: `${url}/public_members{/member}`,
    avatar_url: `${github.origin}/avatars/u/${organization.id}`,
    description: null,
  };
}
