import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Probot, ProbotOctokit } from 'probot';
import type { TargetRepository } from '../../domain/pull-request/pull-request.ts';
import type { OwnApp } from '../../github/read-pull-request.ts';
import { type GitHubStore, openGitHubStore } from '../../store/github-store/github-store.ts';
import { objectCache } from '../../store/github-store/object-cache.ts';
import { basicAuthorization } from '../../store/github-store/smart-http/upload-pack.ts';
import { lightFetch } from './light-fetch.ts';
import { LimitedMap } from './limited-map.ts';
import type { Metrics } from './metrics.ts';
import type { Settings } from './settings.ts';

/** A repository as deliveries and listings name it. */
export interface NamedRepository {
  readonly installation: number;
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly isPrivate: boolean;
}

export const fullName = ({ owner, name }: Pick<NamedRepository, 'owner' | 'name'>) => `${owner}/${name}`;

/** One repository, reached as its installation may. */
export interface RepositoryAccess {
  readonly api: InstanceType<typeof ProbotOctokit>;
  readonly target: TargetRepository;
  readonly store: GitHubStore;
  /** Heads of which all was read at once before. */
  readonly brought: LimitedMap<string, true>;
}

/** Repositories of which read objects are kept, and bytes for each: 256 MiB together at the most. */
const keptRepositories = 32;
const keptBytes = 8 * 1024 * 1024;
const keptInstallations = 500;
const keptHeads = 1000;
/** Milliseconds that one call may be waited for inside one look; after that, the look is tried again as a whole. */
const patience = 20_000;

/** Opens repositories for the App; keeps what was read of those that were used last. */
export class RepositoryAccesses {
  readonly #app: Probot;
  readonly #settings: Settings;
  readonly #metrics: Metrics;
  readonly #installations = new LimitedMap<number, Promise<InstanceType<typeof ProbotOctokit>>>(keptInstallations);
  readonly #repositories = new LimitedMap<string, Promise<RepositoryAccess>>(keptRepositories);
  #self: Promise<OwnApp> | null = null;
  #ahead = 0;

  constructor(app: Probot, settings: Settings, metrics: Metrics) {
    this.#app = app;
    this.#settings = settings;
    this.#metrics = metrics;
  }

  /** This App itself; asked for once. */
  self(): Promise<OwnApp> {
    this.#self ??= this.#readSelf().catch(error => {
      this.#self = null;
      throw error;
    });
    return this.#self;
  }

  /** What the App may do as an installation; its token is fetched when a call needs one. */
  installation(id: number): Promise<InstanceType<typeof ProbotOctokit>> {
    const known = this.#installations.get(id) ?? this.#authenticate(id);
    this.#installations.set(id, known);
    return known;
  }

  open(repository: NamedRepository): Promise<RepositoryAccess> {
    // A repository that was renamed, or has become public, is another one for these purposes.
    const key = JSON.stringify(repository);
    const known = this.#repositories.get(key) ?? this.#open(repository);
    this.#repositories.set(key, known);
    known.catch(() => this.#repositories.delete(key));
    return known;
  }

  /** Whether to read one more before anybody asks: as many as are kept, once; later sweeps know what is used. */
  hasRoomAhead(): boolean {
    return this.#ahead++ < keptRepositories;
  }

  forgetInstallation(id: number): void {
    this.#installations.delete(id);
  }

  /** Every one that is not suspended. */
  async *installations(): AsyncGenerator<number> {
    const pages = (await this.#app.auth()).paginate.iterator('GET /app/installations', { per_page: 100 });
    for await (const { data } of pages) for (const { id, suspended_at: at } of data) if (at === null) yield id;
  }

  /** Every repository of an installation that has a branch of the records' name: looked for by git, which costs no API call. */
  async *withRecords(installation: number): AsyncGenerator<NamedRepository> {
    const api = await this.installation(installation);
    const pages = api.paginate.iterator('GET /installation/repositories', { per_page: 100 });
    for await (const { data } of pages) {
      for (const one of data as unknown as { id: number; name: string; private: boolean; owner: { login: string } }[]) {
        const { id, name, private: isPrivate, owner } = one;
        const repository = { installation, id, owner: owner.login, name, isPrivate };
        if (await this.#hasBranch(repository)) yield repository;
      }
    }
  }

  async #hasBranch(repository: NamedRepository): Promise<boolean> {
    const ref = `refs/heads/${this.#settings.recordsBranch}`;
    const { store } = await this.#open(repository);
    return (await store.refs([ref])).some(({ name }) => name === ref);
  }

  async #open(repository: NamedRepository): Promise<RepositoryAccess> {
    const { owner, name, isPrivate, installation } = repository;
    const { origin, recordsBranch: branch } = this.#settings;
    const api = await this.installation(installation);
    const url = `${origin}/${owner}/${name}`;
    const store = openGitHubStore({
      repository: { owner, name },
      branch,
      api,
      git: {
        url: `${url}.git`,
        fetch: (...request) => this.#fetchGit(...request),
        authorization: async () => {
          const { token } = (await api.auth({ type: 'installation', installationId: installation })) as {
            token: string;
          };
          return basicAuthorization(token);
        },
      },
      objects: objectCache(keptBytes),
      clock: {
        now: () => new Date(),
        sleep: milliseconds => sleep(milliseconds),
        random: () => randomInt(2 ** 32) / 2 ** 32,
      },
      patience,
    });
    return { api, target: { owner, name, url, isPrivate }, store, brought: new LimitedMap(keptHeads) };
  }

  async #fetchGit(...request: Parameters<typeof fetch>): Promise<Response> {
    let status = 'none';
    try {
      const response = await fetch(...request);
      status = String(response.status);
      return response;
    } finally {
      this.#metrics.gitRequests.add({ status });
    }
  }

  async #readSelf(): Promise<OwnApp> {
    const { data } = await (await this.#app.auth()).request('GET /app');
    if (!data?.slug) throw new Error('GitHub does not say what this App is called.');
    return { id: data.id, slug: data.slug };
  }

  async #authenticate(installationId: number): Promise<InstanceType<typeof ProbotOctokit>> {
    const { throttles } = this.#settings;
    const octokit = await this.#app.auth();
    type Given = {
      readonly octokit: InstanceType<typeof ProbotOctokit>;
      readonly octokitOptions: { readonly auth: object; readonly throttle?: object };
    };
    return (await octokit.auth({
      type: 'installation',
      installationId,
      factory: ({ octokit: probots, octokitOptions, ...otherOptions }: Given) => {
        const Octokit = probots.constructor as typeof ProbotOctokit;
        // Whoever is told to wait lets go of all he has in hand, and begins again with what GitHub holds then. A write
        // of which the answer was lost may have been done, so that it must not be made again blindly.
        const never = () => false;
        const throttle = throttles
          ? { ...octokitOptions.throttle, id: String(installationId), onRateLimit: never, onSecondaryRateLimit: never }
          : { enabled: false };
        const made = new Octokit({
          ...octokitOptions,
          retry: { enabled: false },
          throttle,
          log: this.#app.log.child({ name: 'github', installation: installationId }),
          auth: { ...octokitOptions.auth, otherOptions, installationId },
          // Its own way with JSON, for numbers that nothing of ours takes, costs more than all that is done with them.
          request: { fetch: lightFetch, parseSuccessResponseBody: false },
        });
        made.hook.wrap('request', async (request, options) => {
          const { method } = options;
          try {
            const response = await request(options);
            response.data = await readJson(response.data, response.headers);
            this.#metrics.calls.add({ method, status: String(response.status) });
            return response;
          } catch (error) {
            const { status, response } = (error ?? {}) as { status?: number; response?: unknown };
            this.#metrics.calls.add({ method, status: response === undefined ? 'none' : String(status) });
            throw error;
          }
        });
        return made;
      },
    })) as InstanceType<typeof ProbotOctokit>;
  }
}

/** The body of an answer that Octokit was told to leave as it is: a text, or the stream of one that came another way. */
async function readJson(body: unknown, headers: { readonly 'content-type'?: string | undefined }): Promise<unknown> {
  const text = body instanceof ReadableStream ? await new Response(body).text() : body;
  const isJson = headers['content-type']?.startsWith('application/json') ?? false;
  return isJson && typeof text === 'string' ? JSON.parse(text) : text;
}
