import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Container, History, RecordAtom } from '../../../src/domain/generated/shapes.ts';
import { dockerHost, noDocker } from '../../support/containers/docker-host.ts';
import {
  type EngineHost,
  noPodman,
  placeBusybox,
  podmanHost,
  tinyContainerfile,
} from '../../support/containers/engines.ts';
import { type GuardedRegistry, guardRegistry } from '../../support/containers/guarded-registry.ts';
import { engineThatKnows } from '../../support/containers/named-registry.ts';
import { hasRegistry, type Registry, startRegistry } from '../../support/containers/registry.ts';
import type { GitHub } from '../../support/github/github.ts';
import type { Person } from '../../support/github/person.ts';
import { startGitHub } from '../../support/github/start-github.ts';
import type { Repository } from '../../support/github/state/repository.ts';
import { begun, Job, type JobSettings, onGitHub } from '../../support/runner.ts';
import { simulation } from '../../support/simulation.ts';

/* The bundle on real engines and a real registry, which only tokens of this GitHub are let into. */

const command = 'sh simulate.sh default.param';

const engines = [
  { system: 'podman', missing: noPodman, start: (registry: string) => podmanHost([registry]) },
  { system: 'docker', missing: noDocker, start: (_: string) => dockerHost() },
] as const;

describe.skipIf(!hasRegistry).each(engines)('$system (with docker-registry)', ({ system, missing, start }) => {
  describe.skipIf(missing !== null)(`is here${missing === null ? '' : `: ${missing}`}`, () => {
    let registry: Registry;
    let guard: GuardedRegistry;
    let host: EngineHost;
    let github: GitHub;
    let ada: Person;
    let folder: string;
    beforeAll(async () => {
      registry = await startRegistry();
      guard = await guardRegistry(registry);
      host = await start(guard.host);
      github = await startGitHub();
      ada = github.user('ada', 1815);
      folder = mkdtempSync(join(tmpdir(), 'corroborate-named-'));
    });
    afterAll(async () => {
      await github?.[Symbol.asyncDispose]();
      await host?.[Symbol.asyncDispose]();
      await guard?.[Symbol.asyncDispose]();
      await registry?.[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    /** GitHub's own registry, as it is called beside this server; ghcr.io beside github.com. */
    const registryName = () => `containers.${new URL(github.origin).host}`;

    /** A private repository with a simulation whose container is to be built. */
    async function project(name: string, more: { readonly [path: string]: string } = {}): Promise<Repository> {
      const configured = `inputs: ['*.param']\noutputs: ['Data/**']\ncontainer: {system: ${system}, build: Containerfile, image: '${registryName()}/acme/${name}'}\n`;
      const files = { ...simulation, Containerfile: tinyContainerfile, 'corroborate.yml': configured, ...more };
      const repository = await ada.createRepository(`acme/${name}`, { files, isPrivate: true });
      await using job = new Job(github, { actor: ada, repository });
      placeBusybox(job.workspace);
      job.git(job.workspace, 'add', '--chmod=+x', 'busybox');
      job.git(job.workspace, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', 'commit', '-qm', 'busybox');
      // Its server is this very process, which must not wait.
      await promisify(execFile)('git', ['push', '-q', ada.remote(repository), 'HEAD:main'], { cwd: job.workspace });
      return repository;
    }

    /** A job on a machine that has the engine; its token may push packages. */
    function jobOf(repository: Repository, settings: Partial<JobSettings> = {}, on: EngineHost = host): Job {
      const bin = engineThatKnows(folder, on, registryName(), guard.host);
      const job = new Job(github, {
        actor: ada,
        repository,
        ...settings,
        environment: { ...on.environment, PATH: `${bin}:${process.env.PATH}`, ...settings.environment },
      });
      guard.passwords.add(job.token);
      return job;
    }

    const historyOf = (repository: Repository) => parse(onGitHub(repository, 'history.yml')) as History;
    const recordAt = (repository: Repository, path: string) =>
      parse(onGitHub(repository, `${path}/record.yml`)) as RecordAtom;
    const left = () => host.does('ps', '--all', '--quiet');

    async function inRegistry({ image }: Container): Promise<number> {
      const [, path, digest] = /^[^/]+\/(.+)@(sha256:.+)$/.exec(image!)!;
      const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
      return (await fetch(`http://${registry.host}/v2/${path}/manifests/${digest}`, { headers: { accept } })).status;
    }

    test('built, pushed with the token, recorded by its digest, and run in; the next run takes it from the history', async () => {
      const repository = await project('built');
      await using outside = jobOf(repository);
      const bare = await outside.run({ command, container: 'none' });
      expect(bare.code, bare.log).toBe(0);
      await using job = jobOf(repository);
      const first = await job.run({ command });
      expect(first.code, first.log).toBe(0);
      expect(first.log).toContain('no container has this source yet: building one from Containerfile');
      expect(guard.came).toContain(`ada:${job.token}`);
      const [onHost, container] = historyOf(repository);
      expect(onHost).toMatchObject({ system: 'none', image: null, origin: 'acme/built' });
      expect(container).toMatchObject({ system, origin: 'acme/built' });
      expect(container!.image).toMatch(`${registryName()}/acme/built@sha256:`);
      expect(await inRegistry(container!)).toBe(200);
      const record = recordAt(repository, first.outputs['record-path']!);
      expect(record).toMatchObject({
        status: 'finished',
        image: container!.id,
        program: { executable: { path: '/bin/busybox' } },
        outputs: recordAt(repository, bare.outputs['record-path']!).outputs,
      });
      // The token stands nowhere, whatever it was used for.
      const basic = Buffer.from(`ada:${job.token}`).toString('base64');
      for (const text of [first.log.replace(/^::add-mask::.*$/gm, ''), first.summary, JSON.stringify(record)]) {
        expect(text).not.toContain(job.token);
        expect(text).not.toContain(basic);
      }

      await using later = jobOf(repository);
      const second = await later.run({ command });
      expect(second.code, second.log).toBe(0);
      expect(second.log).not.toContain('building');
      expect(historyOf(repository)).toHaveLength(2);
      expect(recordAt(repository, second.outputs['record-path']!).image).toBe(container!.id);
      const failing = await later.run({ command: "sh -c 'echo inside; exit 7'" });
      expect(failing.code, failing.log).toBe(7);
      expect(recordAt(repository, failing.outputs['record-path']!)).toMatchObject({
        status: 'failed',
        image: container!.id,
        program: { exit_code: 7 },
      });
      expect(left()).toBe('');
    });

    // Docker tries for most of a minute.
    test.skipIf(system === 'docker')(
      'a push that is refused: a sentence that says how to be let in, and nothing has run or is recorded',
      async () => {
        const repository = await project('refused');
        await using job = jobOf(repository);
        guard.passwords.delete(job.token);
        const end = await job.run({ command });
        expect(end.code, end.log).toBe(1);
        expect(end.log).toMatch(/::error title=Corroborate::.* could not push .*packages: write/);
        expect(end.summary).toContain('could not push');
        expect(repository.branch('records')).toBeUndefined();
      },
    );

    test('killed while its container runs: post stops that, and settles the record', async () => {
      const repository = await project('killed', {
        'wait.sh': 'mkdir -p Data; echo half > Data/half.txt; echo begun; exec sleep 600\n',
      });
      await using job = jobOf(repository);
      const inputs = { command: 'sh wait.sh' };
      const step = job.start(inputs);
      await begun(job, step);
      step.child.kill('SIGKILL');
      const end = await step.done;
      expect(left()).not.toBe('');
      const post = await job.post(end, inputs);
      expect(post.code, post.log).toBe(0);
      expect(left()).toBe('');
      const [path] = gitOf(repository, 'ls-tree', '-r', '--name-only', 'records')
        .split('\n')
        .filter(name => name.endsWith('/record.yml'));
      expect(parse(onGitHub(repository, path!))).toMatchObject({
        status: 'unknown',
        image: historyOf(repository)[0]!.id,
        outputs: [{ path: 'Data/half.txt' }],
      });
      expect(readdirSync(job.at('.git/corroborate/runs'))).toEqual([]);
    });

    test.skipIf(system === 'docker')(
      'reproduced on another machine, in the image that is fetched by its digest',
      async () => {
        await using second = await podmanHost([guard.host]);
        const repository = await project('watched');
        await using job = jobOf(repository);
        const original = (await job.run({ command })).outputs['record-id']!;
        await using other = jobOf(repository, {}, second);
        const end = await other.run({ reproduce: original, request: 'true' });
        expect(end.code, end.log).toBe(0);
        expect(end.outputs).toMatchObject({ status: 'finished', assessment: 'repeatable' });
        expect(end.outputs['diff-request-url']).toContain('/pull/');
        expect(recordAt(repository, end.outputs['record-path']!)).toMatchObject({
          reproduces: original,
          image: historyOf(repository)[0]!.id,
        });
        expect(historyOf(repository)).toHaveLength(1);
        expect(second.does('ps', '--all', '--quiet')).toBe('');
      },
    );
  });
});

function gitOf(repository: Repository, ...args: string[]): string {
  return execFileSync('git', ['--git-dir', repository.git.folder, ...args], { encoding: 'utf8' });
}
