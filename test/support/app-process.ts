import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import './built-command.ts';
import type { GitHub } from './github/github.ts';
import type { Permissions } from './github/permissions.ts';
import type { App } from './github/state/app.ts';

const top = join(import.meta.dirname, '../..');

/** app.yml, as a maintainer registers it. */
export const manifest = parse(readFileSync(join(top, 'app.yml'), 'utf8')) as {
  readonly name: string;
  readonly default_permissions: Permissions;
  readonly default_events: readonly string[];
};

/** The App as app.yml has it, registered on the GitHub for tests; install it with `github.installs`. */
export function registerApp(github: GitHub, change: { readonly permissions?: Permissions } = {}): App {
  const { name, default_permissions: permissions, default_events: events } = manifest;
  return github.app(name, { permissions, events, ...change });
}

/** As `npm start` has it. */
const { scripts } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as { scripts: { start: string } };
const usual = scripts.start
  .split(' ')
  .slice(1)
  .map(word => (word.startsWith('lib/') ? join(top, word) : word));

export interface AppCircumstances {
  readonly environment?: NodeJS.ProcessEnv;
  /** How many of it run at once, with deliveries going to one after the other. */
  readonly replicas?: number;
  /** The command's words, where it is not started by `npm start`'s. */
  readonly command?: readonly string[];
}

/** One process of the App. */
export class AppProcess {
  readonly #github: GitHub;
  readonly #app: App;
  readonly #folder: string;
  readonly #circumstances: AppCircumstances;
  readonly port: number;
  #child: ChildProcess | null = null;
  #ended: Promise<number | NodeJS.Signals | null> = Promise.resolve(null);
  /** All that it ever printed. */
  output = '';

  constructor(github: GitHub, app: App, port: number, circumstances: AppCircumstances) {
    this.#github = github;
    this.#app = app;
    this.#circumstances = circumstances;
    this.port = port;
    // A working folder of its own: Probot reads .env and app.yml there.
    this.#folder = realpathSync(mkdtempSync(join(tmpdir(), 'corroborate-app-')));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it logged, line by line. */
  get log(): { readonly level: number; readonly msg: string; readonly [field: string]: unknown }[] {
    return this.output.split('\n').flatMap(line => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }

  /** Starts it, or starts it again; when it answers. */
  async start(): Promise<void> {
    const { environment, command = usual } = this.#circumstances;
    const child = spawn(process.execPath, command, {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: this.#folder,
        NODE_ENV: 'production',
        APP_ID: String(this.#app.id),
        PRIVATE_KEY: this.#app.privateKey,
        WEBHOOK_SECRET: this.#app.webhookSecret,
        GHE_HOST: new URL(this.#github.origin).host,
        GHE_PROTOCOL: 'http',
        HOST: '127.0.0.1',
        PORT: String(this.port),
        LOG_FORMAT: 'json',
        THROTTLE: 'off',
        ...environment,
      },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', chunk => {
        this.output += chunk;
      });
    }
    this.#ended = new Promise(done => child.once('close', (code, signal) => done(code ?? signal)));
    let code: number | NodeJS.Signals | null | undefined;
    void this.#ended.then(ended => {
      code = ended;
    });
    while (!(await this.#answers())) {
      if (code !== undefined) throw new Error(`the App ended (${code}):\n${this.output}`);
      await pause(20);
    }
  }

  /** A signal; when the process is gone. @returns its exit code, or the signal that ended it */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.#child?.kill(signal);
    return this.#ended;
  }

  async page(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`${this.url}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** The value of one series, e.g. `corroborate_queue_length`, `corroborate_deliveries_total{event="push"}`. */
  async metric(series: string): Promise<number> {
    const { text } = await this.page('/metrics');
    const line = text.split('\n').find(one => one.startsWith(`${series} `));
    return line === undefined ? 0 : Number(line.slice(series.length + 1));
  }

  /** Whether it has nothing to do. */
  async isIdle(): Promise<boolean> {
    if (this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null) return true;
    const left = (await this.metric('corroborate_queue_length')) + (await this.metric('corroborate_queue_running'));
    return left === 0;
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return fetch(`${this.url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/** The App at work: one process of it or more, behind one address for deliveries. */
export class RunningApp implements AsyncDisposable {
  readonly app: App;
  readonly processes: readonly AppProcess[];
  readonly #github: GitHub;
  readonly #entrance: Server;

  constructor(github: GitHub, app: App, processes: readonly AppProcess[], entrance: Server) {
    this.#github = github;
    this.app = app;
    this.processes = processes;
    this.#entrance = entrance;
  }

  /** The only process, or the first. */
  get process(): AppProcess {
    return this.processes[0]!;
  }

  /** When all that was sent has been answered, and nothing is left to do that comes of it. */
  async settles(): Promise<void> {
    for (;;) {
      await this.#github.webhooks.settled();
      const sent = this.#github.webhooks.log.length;
      const idle = await Promise.all(this.processes.map(one => one.isIdle()));
      if (idle.every(Boolean) && this.#github.webhooks.log.length === sent) return;
      await pause(10);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.app.webhookUrl = null;
    await Promise.all(this.processes.map(one => one.remove()));
    const closed = new Promise(done => this.#entrance.close(done));
    this.#entrance.closeAllConnections();
    await closed;
  }
}

/** Starts the built App, and has the App's deliveries sent there. */
export async function startApp(github: GitHub, app: App, circumstances: AppCircumstances = {}): Promise<RunningApp> {
  const ports = await freePorts(circumstances.replicas ?? 1);
  const processes = ports.map(port => new AppProcess(github, app, port, circumstances));
  let turn = 0;
  const entrance = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const process = processes[turn++ % processes.length]!;
    try {
      const headers = Object.entries(request.headers).filter(
        ([name]) => name.startsWith('x-') || name === 'content-type' || name === 'user-agent',
      ) as [string, string][];
      const answer = await fetch(`${process.url}/api/github/webhooks`, {
        method: 'POST',
        body: Buffer.concat(chunks),
        headers,
      });
      response.writeHead(answer.status).end(await answer.text());
    } catch {
      response.writeHead(502).end();
    }
  });
  await new Promise<void>(listening => entrance.listen(0, '127.0.0.1', listening));
  const running = new RunningApp(github, app, processes, entrance);
  try {
    await Promise.all(processes.map(one => one.start()));
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
  app.webhookUrl = `http://127.0.0.1:${(entrance.address() as AddressInfo).port}/`;
  return running;
}

/** Probot takes port 0 for 3000. */
export async function freePorts(count: number): Promise<number[]> {
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = createSocket();
      await new Promise<void>(listening => socket.listen(0, '127.0.0.1', listening));
      return socket;
    }),
  );
  const ports = sockets.map(socket => (socket.address() as AddressInfo).port);
  await Promise.all(sockets.map(socket => new Promise(done => socket.close(done))));
  return ports;
}
