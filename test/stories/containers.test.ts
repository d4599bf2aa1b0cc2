import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Container } from '../../src/domain/generated/shapes.ts';
import { dockerHost, noDocker } from '../support/containers/docker-host.ts';
import {
  type EngineHost,
  noPodman,
  placeBusybox,
  podmanHost,
  tinyContainerfile,
} from '../support/containers/engines.ts';
import { hasRegistry, type Registry, startRegistry } from '../support/containers/registry.ts';
import { type Scientist, type ShownRecord, scientist } from '../support/scientist.ts';
import { simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

/* On real engines, each with storage of its own, and a real registry. */

type Built = Container & { readonly built: boolean; readonly log: string | null };

/** A disk with room for little; null where none can be made, or no test wants it: nobody would unmount it then. */
const full = hasRegistry && noPodman === null ? mountFull() : null;
function mountFull(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'corroborate-full-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]).status === 0) return folder;
  rmSync(folder, { recursive: true });
  return null;
}
afterAll(() => {
  if (full === null) return;
  spawnSync('umount', [full]);
  rmSync(full, { recursive: true });
});

const engines = [
  { system: 'podman', missing: noPodman, start: (registry: Registry) => podmanHost([registry.host]) },
  { system: 'docker', missing: noDocker, start: () => dockerHost() },
] as const;

describe.skipIf(!hasRegistry).each(engines)('$system (with docker-registry)', ({ system, missing, start }) => {
  describe.skipIf(missing !== null)(`is here${missing === null ? '' : `: ${missing}`}`, () => {
    let registry: Registry;
    let host: EngineHost;
    beforeAll(async () => {
      registry = await startRegistry();
      host = await start(registry);
    });
    afterAll(async () => {
      await host?.[Symbol.asyncDispose]();
      await registry?.[Symbol.asyncDispose]();
    });

    const configured = (more = '') =>
      `inputs: ['*.param']\noutputs: ['Data/**']\ncontainer: {system: ${system}, build: Containerfile, image: '${registry.host}/acme/demo'${more}}\n`;

    /** Ada with a simulation that has a container to be built, on a machine. */
    async function withContainer(
      files: { [path: string]: string } = {},
      configuration = configured(),
      on: EngineHost = host,
    ): Promise<Scientist> {
      const ada = await scientist('ada', { files: null });
      Object.assign(ada.environment, on.environment);
      placeBusybox(ada.clone);
      const all = { ...simulation, Containerfile: tinyContainerfile, 'corroborate.yml': configuration, ...files };
      for (const [path, content] of Object.entries(all)) ada.write(path, content);
      ada.commit('the simulation');
      return ada;
    }

    const left = () => host.does('ps', '--all', '--quiet');

    test('is built from the source, pushed, and recorded by the digest that the registry gave', async () => {
      await using ada = await withContainer();
      const built = await ada.asks<Built>('container', 'build');
      expect(built).toMatchObject({ built: true, system, version: { commit: ada.git('rev-parse', 'HEAD') } });
      const digest = /@(sha256:[0-9a-f]{64})$/.exec(built.image!)![1]!;
      const there = await fetch(`http://${registry.host}/v2/acme/demo/manifests/${digest}`, {
        headers: {
          accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
        },
      });
      expect(there.status).toBe(200);
      const labels = JSON.parse(host.does('image', 'inspect', '--format={{json .Config.Labels}}', built.image!));
      expect(labels).toMatchObject({
        'corroborate.source': built.version.source,
        'org.opencontainers.image.revision': ada.git('rev-parse', 'HEAD'),
      });
      if (system === 'podman') {
        expect(await there.json()).toMatchObject({ annotations: { 'corroborate.source': built.version.source } });
      }
      expect(readFileSync(built.log!, 'utf8')).toMatch(/FROM scratch/);

      // The same source: there is one already.
      expect(await ada.asks<Built>('container', 'build')).toMatchObject({ id: built.id, built: false, log: null });
      const again = await ada.asks<Built>('container', 'build', '--rebuild');
      expect((await ada.asks<Container[]>('container', 'list')).map(({ id }) => id)).toEqual(
        again.id === built.id ? [built.id] : [again.id, built.id],
      );
      const record = await ada.records('sh', 'simulate.sh', 'default.param');
      expect(record).toMatchObject({ status: 'finished', image: again.id, program: { source: built.version.source } });
      expect(record.outputs.map(({ path }) => path)).toEqual(['Data/result.txt']);
      expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
      expect(left()).toBe('');
    });

    test('what is built does not depend on the umask of who builds it', async () => {
      await using ada = await withContainer({
        Containerfile: `${tinyContainerfile}COPY . /all\nRUN ["/bin/sh", "-c", "stat -c %n:%a /bin/busybox /all/model.sh /all/sub /all/sub/run"]\n`,
      });
      ada.write('sub/run', '', 0o755);
      ada.commit();
      const under = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
      const built = await ada.start(['container', 'build', '--json'], { under }).done;
      const { log } = JSON.parse(built.stdout) as Built;
      for (const line of ['/bin/busybox:755', '/all/model.sh:644', '/all/sub:755', '/all/sub/run:755']) {
        expect(readFileSync(log!, 'utf8')).toContain(line);
      }
    });

    test('runs as outside: streams, exit codes, signals, files, arguments', async () => {
      await using ada = await withContainer();
      const outside = await ada.records('--container', 'none', 'sh', 'simulate.sh', 'default.param');
      rmSync(ada.at('Data'), { recursive: true });
      const inside = await ada.records('sh', 'simulate.sh', 'default.param');
      expect(await ada.asks('compare', inside.id, outside.id)).toMatchObject({ assessment: 'repeatable' });
      expect(inside.program.executable).toMatchObject({ path: '/bin/busybox', sha256: expect.any(String) });
      expect(inside.program.command).toEqual(['sh', 'simulate.sh', 'default.param']);
      // As who we are, not as root.
      expect(statSync(ada.at('Data/result.txt')).uid).toBe(process.getuid!());

      const streams = await ada.start(['run', '--', 'sh', '-c', 'cat; echo "to err" >&2; exit 7'], { stdin: 'from in' })
        .done;
      expect(streams).toMatchObject({ code: 7, stdout: 'from in' });
      expect(streams.stderr).toMatch(/^to err$/m);
      expect(await ada.shows()).toMatchObject({ status: 'failed', program: { exit_code: 7, signal: null } });

      const killed = await ada.tries('run', 'sh', '-c', 'kill -SEGV $$');
      expect(killed.code).toBe(139);
      expect(await ada.shows()).toMatchObject({ status: 'failed', program: { exit_code: null, signal: 'SIGSEGV' } });

      const odd = ['printf', '%s|', 'a b', '--privileged', '$HOME', '', "it's"];
      expect((await ada.does('run', '--', ...odd)).stdout).toBe("a b|--privileged|$HOME||it's|");
      expect(await ada.tries('run', 'no-such-program')).toMatchObject({ code: 127 });
      expect(await ada.tries('run', './default.param')).toMatchObject({ code: 126 });
      expect(left()).toBe('');
    });

    test.skipIf(system === 'docker')('has no network, and no variable that nobody asked for', async () => {
      await using ada = await withContainer();
      const { stdout } = await ada.start(
        ['run', '-e', 'ASKED', '--', 'sh', '-c', 'echo "$ASKED, $OTHER."; ls /sys/class/net'],
        { environment: { ASKED: 'for', OTHER: 'not' } },
      ).done;
      expect(stdout).toBe('for, .\nlo\n');
      expect(await ada.shows()).toMatchObject({ program: { environment: { ASKED: 'for' } } });
    });

    test.skipIf(system === 'docker')(
      'an input outside of the working tree is there, and cannot be written',
      async () => {
        await using ada = await withContainer();
        writeFileSync(join(ada.folder, 'mesh.txt'), 'a mesh\n');
        const record = await ada.records('sh', '-c', 'cat "$0"; echo x >> "$0" || echo refused', '../mesh.txt');
        expect(record.inputs.map(({ path }) => path)).toContainEqual(expect.stringMatching(/^external\//));
        expect(ada.onBranch(`${record.path}/log.txt`)).toMatch(/a mesh\n(?:.*\n)*refused/);
        expect(readFileSync(join(ada.folder, 'mesh.txt'), 'utf8')).toBe('a mesh\n');
      },
    );

    test.skipIf(system === 'docker')(
      'a changed source gets a container of its own before its first record',
      async () => {
        await using ada = await withContainer();
        const first = await ada.records('sh', 'simulate.sh', 'default.param');
        ada.write('model.sh', `${simulation['model.sh']}# another\n`);
        const second = await ada.records('sh', 'simulate.sh', 'default.param');
        expect(second.image).not.toBe(first.image);
        const [newest] = await ada.asks<Container[]>('container', 'list');
        expect(newest).toMatchObject({ id: second.image, version: { source: second.program.source } });
        expect(newest!.created <= second.created).toBe(true);
        expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });

        // What is configured cannot be built: the sentence tells how.
        ada.write('corroborate.yml', `inputs: ['*.param']\ncontainer: {system: ${system}}\n`);
        ada.write('model.sh', `${simulation['model.sh']}# a third\n`);
        const refused = await ada.tries('run', 'sh', 'simulate.sh', 'default.param');
        expect(refused.code).toBe(125);
        expect(refused.stderr).toContain('`corroborate container build` builds it');
        expect(await ada.asks('verify')).toMatchObject({ records: 2 });
      },
    );

    test('is cancelled, timed out and paused', async () => {
      await using ada = await withContainer();
      await ada.does('container', 'build');
      const started = (name: string) => until(() => existsSync(ada.at(name)));

      const stopped = ada.start([
        'run',
        '--json',
        'sh',
        '-c',
        'trap "exit 3" INT; touch a; while :; do sleep 0.1; done',
      ]);
      await started('a');
      stopped.child.kill('SIGINT');
      expect(JSON.parse((await stopped.done).stdout)).toMatchObject({ status: 'cancelled', program: { exit_code: 3 } });

      const late = await ada.tries('run', '--json', '--timeout', '1s', 'sleep', '1000');
      expect(late.code).toBe(124);
      expect(JSON.parse(late.stdout)).toMatchObject({ status: 'cancelled', program: { signal: 'SIGTERM' } });

      const paused = ada.start(['run', '--json', 'sh', '-c', 'touch b; while ! [ -e c ]; do sleep 0.1; done']);
      await started('b');
      paused.child.kill('SIGTSTP');
      await until(async () => (await ada.lists('status:paused')).length > 0);
      expect(host.does('ps', '--all', '--format={{.Status}}')).toMatch(/paused/i);
      paused.child.kill('SIGCONT');
      writeFileSync(ada.at('c'), '');
      expect(JSON.parse((await paused.done).stdout)).toMatchObject({ status: 'finished' });
      expect(left()).toBe('');
    });

    test('a recorder that is killed leaves a container that recover finds', async () => {
      await using ada = await withContainer();
      await ada.does('container', 'build');
      const going = ada.start([
        'run',
        'sh',
        '-c',
        'mkdir -p Data; echo half > Data/half; while ! [ -e go ]; do sleep 0.1; done',
      ]);
      await until(() => existsSync(ada.at('Data/half')));
      await until(() => readdirSync(ada.at('.git/corroborate/runs')).some(name => name.endsWith('.recovery')));
      going.child.kill('SIGKILL');
      await going.done;
      const early = await ada.does('recover');
      expect(early.stderr).toMatch(/still runs/);
      expect(left()).not.toBe('');
      // Whoever ends the engine's own program does not end the container, which still writes there.
      const [heartbeat] = readdirSync(ada.at('.git/corroborate/runs')).filter(name => name.endsWith('.json'));
      const { simulation: client } = JSON.parse(ada.read(`.git/corroborate/runs/${heartbeat}`));
      process.kill(client.pid, 'SIGKILL');
      await until(() => !existsSync(`/proc/${client.pid}/exe`));
      const second = await ada.tries('run', 'true');
      expect(second.code).toBe(125);
      expect(second.stderr).toMatch(/its container corroborate-\S+ still runs; stop it/);
      writeFileSync(ada.at('go'), '');
      const [settled] = await until(async () => {
        const found = await ada.asks<ShownRecord[]>('recover');
        return found.length > 0 && found;
      });
      expect(settled).toMatchObject({ status: 'unknown', outputs: [{ path: 'Data/half' }] });
      const history = await ada.asks<Container[]>('container', 'list');
      expect(history.find(({ id }) => id === settled!.image)).toMatchObject({ system });
      expect(left()).toBe('');
    });

    test.skipIf(system === 'docker')('two builds of one source at once: one is recorded', async () => {
      await using ada = await withContainer();
      await ada.does('init');
      const both = await Promise.all([1, 2].map(() => ada.asks<Built>('container', 'build')));
      expect(new Set(both.map(({ id }) => id)).size).toBe(1);
      expect(await ada.asks<Container[]>('container', 'list')).toHaveLength(1);
      expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
    });

    test('a build that fails shows its log, records nothing and leaves nothing', async () => {
      await using ada = await withContainer({
        Containerfile: `${tinyContainerfile}RUN ["/bin/sh", "-c", "echo it is broken; exit 3"]\n`,
      });
      await ada.does('init');
      const before = ada.git('rev-parse', 'records');
      const failed = await ada.tries('container', 'build');
      expect(failed.code).toBe(1);
      expect(failed.stderr).toMatch(/\| it is broken$/m);
      const log = /All of the log: (.*)$/m.exec(failed.stderr)![1]!;
      expect(readFileSync(log, 'utf8')).toContain('it is broken');
      expect(await ada.tries('run', 'true')).toMatchObject({ code: 125 });
      expect(ada.git('rev-parse', 'records')).toBe(before);
      expect(failed.stderr).not.toContain('\\r');
      expect(left()).toBe('');
    });

    test('a build that is stopped leaves nothing that goes on', async () => {
      await using ada = await withContainer({
        Containerfile: `${tinyContainerfile}RUN ["/bin/sh", "-c", "echo it has begun; sleep 1000"]\n`,
      });
      const temporary = join(ada.folder, 'tmp');
      mkdirSync(temporary);
      for (const words of [
        ['container', 'build'],
        ['run', 'true'],
      ]) {
        const going = ada.start(words, { environment: { TMPDIR: temporary } });
        const builds = ada.at('.git/corroborate/builds');
        await until(
          () =>
            existsSync(builds) &&
            readdirSync(builds).some(name => /^it has begun$/m.test(readFileSync(join(builds, name), 'utf8'))),
        );
        going.child.kill('SIGINT');
        expect(await going.done).toMatchObject({ signal: 'SIGINT' });
        await until(() => !ada.lines('ps', 'axo', 'args').some(line => line.includes(temporary)));
        await until(() => left() === '');
        expect(readdirSync(temporary)).toEqual([]);
        rmSync(builds, { recursive: true });
      }
      expect(ada.git('branch', '--list', 'records')).toBe('');
    });

    test.skipIf(system === 'docker')('a push that is refused records nothing', async () => {
      await using ada = await withContainer({}, configured().replace(registry.host, '127.0.0.1:9'));
      const refused = await ada.tries('container', 'build');
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/could not push 127\.0\.0\.1:9\/acme\/demo.*The registry is not to be reached/s);
      expect(ada.git('branch', '--list', 'records')).toBe('');
    });

    test('a tag is resolved and never recorded; an image that is gone, or an option, is a sentence', async () => {
      await using ada = await withContainer();
      await ada.does('container', 'build');
      const tags = await (await fetch(`http://${registry.host}/v2/acme/demo/tags/list`)).json();
      const tag = `${registry.host}/acme/demo:${(tags as { tags: string[] }).tags[0]}`;
      ada.write('model.sh', `${simulation['model.sh']}# added\n`);
      const added = await ada.asks<Container>('container', 'add', tag);
      expect(added.image).toMatch(/^127\.0\.0\.1:\d+\/acme\/demo@sha256:[0-9a-f]{64}$/);
      expect(await ada.records('sh', 'simulate.sh', 'default.param')).toMatchObject({ image: added.id });
      const [before] = await ada.asks<Container[]>('container', 'list');

      const absent = `${registry.host}/acme/demo@sha256:${'0'.repeat(64)}`;
      for (const words of [
        ['container', 'add', absent],
        ['run', '--container', absent, 'true'],
        ['run', '--container', `${registry.host}/acme/none`, 'true'],
      ]) {
        const gone = await ada.tries(...words);
        expect(gone.code, words.join(' ')).toBe(words[0] === 'run' ? 125 : 1);
        expect(gone.stderr).toContain('The image is gone, or never was under that name');
      }
      for (const words of [
        ['container', 'add', '--', '--privileged'],
        ['run', '--container=--privileged', 'true'],
        ['container', 'add', 'a b'],
        ['container', 'add', 'Upper/Case'],
      ]) {
        const option = await ada.tries(...words);
        expect(option.code, words.join(' ')).toBe(2);
        expect(option.stderr).toMatch(/is no name of an image/);
      }
      expect((await ada.asks<Container[]>('container', 'list'))[0]).toEqual(before);
    });

    test('an engine that is not there, or does not run, is a sentence', async () => {
      await using ada = await withContainer();
      if (system === 'docker') {
        const asleep = await ada.start(['run', 'true'], { environment: { DOCKER_HOST: 'unix:///nothing' } }).done;
        expect(asleep.code).toBe(125);
        expect(asleep.stderr).toContain('docker is installed, but its daemon does not answer: start it');
      }
      const bin = join(ada.folder, 'bin');
      for (const tool of ['git', 'mkfifo']) {
        ada.lines('sh', '-c', `mkdir -p "$1"; ln -s "$(command -v ${tool})" "$1"`, 'sh', bin);
      }
      const missing = await ada.start(['run', 'true'], { environment: { PATH: bin } }).done;
      expect(missing.code).toBe(125);
      expect(missing.stderr).toContain(
        `the container engine ${system} was not found on the PATH: install it. \`--container none\``,
      );
      expect(await ada.asks<ShownRecord[]>('recover')).toEqual([]);
      expect(ada.git('branch', '--list', 'records')).toBe('');
    });

    test('limits reach the engine, and one that it cannot set is told', async () => {
      await using ada = await withContainer({}, configured(', limits: {memory: 64MiB, processes: 50}'));
      const going = ada.start(['run', 'sh', '-c', 'touch a; while ! [ -e b ]; do sleep 0.1; done']);
      await until(() => existsSync(ada.at('a')));
      const format = '--format={{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NetworkMode}}';
      expect(host.does('inspect', format, left())).toBe(`${64 * 1024 ** 2} 50 none`);
      writeFileSync(ada.at('b'), '');
      expect(await going.done).toMatchObject({ code: 0 });
    });

    test.skipIf(system === 'docker')('on a second machine it comes from the registry, and only as it was', async () => {
      await using second = await podmanHost([registry.host]);
      await using ada = await withContainer();
      await ada.does('container', 'build');
      Object.assign(ada.environment, second.environment);
      const record = await ada.records('sh', 'simulate.sh', 'default.param');
      expect(record.status).toBe('finished');

      // The registry gives other bytes under the recorded digest.
      second.does('rmi', '--all', '--force');
      const [container] = await ada.asks<Container[]>('container', 'list');
      const hex = container!.image!.slice(-64);
      const blob = join(registry.folder, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');
      const whole = readFileSync(blob);
      writeFileSync(blob, `${whole.toString().trimEnd()} `);
      try {
        const other = await ada.tries('run', 'sh', 'simulate.sh', 'default.param');
        expect(other.code).toBe(125);
        expect(other.stderr).toMatch(/What came is not what was recorded, so nothing was run|The image is gone/);
      } finally {
        writeFileSync(blob, whole);
      }
    });

    test.skipIf(system === 'docker')('an image for another processor is refused', async () => {
      await using ada = await withContainer();
      // Its own storage: podman takes layers of another processor's build for this one's.
      await using other = await podmanHost([registry.host]);
      const foreign = process.arch === 'arm64' ? 's390x' : 'arm64';
      const files = 'FROM scratch\nCOPY busybox /bin/busybox\n';
      ada.write('Foreign', files);
      const name = `${registry.host}/acme/foreign:1`;
      other.does(
        'build',
        '--quiet',
        '--no-cache',
        `--platform=linux/${foreign}`,
        `--tag=${name}`,
        `--file=${ada.at('Foreign')}`,
        ada.clone,
      );
      other.does('push', '--quiet', name);
      const refused = await ada.tries('container', 'add', name);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/is for (?:arm64|s390x) processors, and this machine's is another/);
      expect(ada.git('branch', '--list', 'records')).toBe('');
    });

    test.skipIf(system === 'docker' || !full)('a full disk: nothing is recorded (needs tmpfs)', async () => {
      await using ada = await withContainer();
      await ada.does('init');
      const before = ada.git('rev-parse', 'records');
      const build = await ada.tries('container', 'build', '--archive', join(full!, 'image.tar'));
      expect(build.code).toBe(1);
      expect(build.stderr).toMatch(/no space left on device.*Make room/s);
      expect(readdirSync(full!)).toEqual([]);
      await ada.does('container', 'build');
      const built = ada.git('rev-parse', 'records');
      writeFileSync(join(full!, 'fill'), Buffer.alloc(252 * 1024));
      const cache = await ada.start(['run', 'true'], { environment: { XDG_CACHE_HOME: full! } }).done;
      expect(cache.code).toBe(125);
      expect(cache.stderr).toMatch(/no space left on device.*Make room/s);
      expect(cache.stderr).not.toContain('defect');
      rmSync(join(full!, 'fill'));
      expect(ada.git('rev-parse', 'records')).toBe(built);
      expect(built).not.toBe(before);
      expect(left()).toBe('');
    });

    test.skipIf(system !== 'docker')(
      'an engine that writes no OCI archive is told apart from a bad archive',
      async () => {
        await using ada = await withContainer();
        const file = join(ada.folder, 'kept/image.tar');
        const { code, stderr } = await ada.tries('container', 'build', '--archive', file);
        // Docker does from version 25 on.
        if (code === 0) expect(existsSync(file)).toBe(true);
        else {
          expect(stderr).toMatch(/docker wrote .*image\.tar in a form of its own and not as an OCI archive/);
          expect(readdirSync(join(ada.folder, 'kept'))).toEqual([]);
          expect(ada.git('branch', '--list', 'records')).toBe('');
        }
      },
    );

    test.skipIf(system === 'docker')(
      'without a registry it is kept as an archive, whose digest is the identity',
      async () => {
        const kept =
          "inputs: ['*.param']\ncontainer: {system: podman, build: Containerfile, archive: '../kept images/'}\n";
        await using second = await podmanHost([]);
        await using ada = await withContainer({}, kept);
        const first = await ada.records('sh', 'simulate.sh', 'default.param');
        const [container] = await ada.asks<Container[]>('container', 'list');
        expect(container!.image).toMatch(
          /^oci-archive:.*kept%20images\/[0-9a-f]{12}-[0-9a-f]{8}\.tar@sha256:[0-9a-f]{64}$/,
        );
        const folder = join(ada.folder, 'kept images');
        const file = join(folder, readdirSync(folder)[0]!);

        Object.assign(ada.environment, second.environment);
        const again = await ada.records('sh', 'simulate.sh', 'default.param');
        expect(again.image).toBe(first.image);
        expect(await ada.asks('compare', again.id, first.id)).toMatchObject({ assessment: 'repeatable' });

        second.does('rmi', '--all', '--force');
        const whole = readFileSync(file);
        const damaged = Buffer.from(whole);
        const at = whole.length >> 1;
        damaged[at] = damaged[at]! ^ 1;
        writeFileSync(file, damaged);
        const refused = await ada.tries('run', 'sh', 'simulate.sh', 'default.param');
        expect(refused.code).toBe(125);
        expect(refused.stderr).toContain('is damaged');
        rmSync(file);
        const gone = await ada.tries('run', 'sh', 'simulate.sh', 'default.param');
        expect(gone.stderr).toMatch(/the image's archive .* is not there: put it back, or build anew/);
        expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 2 });

        // A name that is taken is not written over.
        writeFileSync(file, 'mine');
        const taken = await ada.tries('container', 'build', '--rebuild', '--archive', file);
        expect(taken.stderr).toContain('is there already');
        expect(readFileSync(file, 'utf8')).toBe('mine');
      },
    );
  });
});
