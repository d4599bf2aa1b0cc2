import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/domain/comparison.ts';
import {
  type EngineHost,
  noPodman,
  placeBusybox,
  podmanHost,
  tinyContainerfile,
} from '../support/containers/engines.ts';
import { hasRegistry, type Registry, startRegistry } from '../support/containers/registry.ts';
import { type Scientist, type ShownRecord, scientist, sharedRepository } from '../support/scientist.ts';
import { simulate, simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

/* On real podmans, each with storage of its own, and a real registry. */

interface Reproduced {
  readonly record: ShownRecord;
  readonly comparison: Comparison;
  readonly could_not_be_the_same: readonly string[];
}

function leftBy(who: Scientist): string[] {
  return ['work', 'runs'].flatMap(name => {
    const folder = who.at(`.git/corroborate/${name}`);
    return existsSync(folder) ? readdirSync(folder) : [];
  });
}

/** One file on the web. */
async function serving(content: () => Buffer): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((_, response) => response.end(content()));
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.tar`,
    async [Symbol.asyncDispose]() {
      await new Promise(closed => server.close(closed));
    },
  };
}

describe.skipIf(!hasRegistry || noPodman !== null)(
  `in the record's container (podman and docker-registry${noPodman === null ? '' : `: ${noPodman}`})`,
  () => {
    let registry: Registry;
    let first: EngineHost;
    let second: EngineHost;
    beforeAll(async () => {
      registry = await startRegistry();
      first = await podmanHost([registry.host]);
      second = await podmanHost([registry.host]);
    });
    afterAll(async () => {
      await first?.[Symbol.asyncDispose]();
      await second?.[Symbol.asyncDispose]();
      await registry?.[Symbol.asyncDispose]();
    });

    async function adas(container: string): Promise<Scientist> {
      const ada = await scientist('ada', { files: null });
      Object.assign(ada.environment, first.environment);
      placeBusybox(ada.clone);
      const files = {
        ...simulation,
        Containerfile: tinyContainerfile,
        'corroborate.yml': `inputs: ['*.param']\noutputs: ['Data/**']\ncontainer: {system: podman, build: Containerfile, ${container}}\n`,
        '.gitignore': 'kept/\n',
      };
      for (const [path, content] of Object.entries(files)) ada.write(path, content);
      ada.commit('the simulation');
      return ada;
    }

    test('another person on another machine: pulled by digest, the same and another input', async () => {
      await using ada = await adas(`image: '${registry.host}/acme/shared'`);
      const shared = await sharedRepository(ada);
      await ada.does('container', 'build');
      const original = await ada.records(...simulate);
      ada.git('push', '-q', 'origin', 'records');
      await using grace = await scientist('grace', { clones: shared });
      Object.assign(grace.environment, second.environment);
      await grace.does('pull');
      const said = await grace.asks<Reproduced>('reproduce', original.id);
      expect(said.comparison).toMatchObject({ source: 'same', inputs: 'same', assessment: 'repeatable' });
      expect(said.record).toMatchObject({ image: original.image, reproduces: original.id });
      expect(said.record.program.executable).toEqual(original.program.executable);
      expect(said.could_not_be_the_same).toEqual([]);
      grace.write('mine.param', 'seed=1\nn=10\n');
      const other = await grace.asks<Reproduced>('reproduce', original.id, '--input', 'default.param=mine.param');
      expect(other.comparison).toMatchObject({ source: 'same', inputs: 'different', assessment: 'unknown' });
      const host = await grace.asks<Reproduced>('reproduce', original.id, '--container', 'none');
      expect(host.comparison).toMatchObject({ source: 'same', inputs: 'same' });
      expect(host.could_not_be_the_same[0]).toContain('this run is on the host, as you asked');
      expect(host.record.image).not.toBe(original.image);
      expect(await grace.asks('verify')).toMatchObject({ verdict: 'holds' });
      expect(leftBy(grace)).toEqual([]);
      expect(second.does('ps', '--all', '--quiet')).toBe('');
    });

    test('an image that is gone, and no engine, run nothing and say so', async () => {
      await using ada = await adas(`image: '${registry.host}/acme/gone'`);
      await ada.does('container', 'build');
      const original = await ada.records(...simulate);
      // Nobody there has it, and the registry is another one by now.
      renameSync(join(registry.folder, 'docker/registry/v2/repositories/acme/gone'), join(registry.folder, 'gone'));
      const gone = await ada.start(['reproduce', original.id], { environment: second.environment }).done;
      expect(gone).toMatchObject({ code: 1, stdout: '' });
      expect(gone.stderr).toMatch(
        /ran in \S+acme\/gone@sha256:\S+, and that cannot be run here, so nothing was run: podman could not/,
      );
      expect(gone.stderr).toContain('With `--container none` it runs on the host');
      const bin = join(ada.folder, 'bin');
      mkdirSync(bin);
      for (const name of ['git', 'sh', 'ldd', 'ldconfig']) {
        const at = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].map(folder => join(folder, name)).find(existsSync);
        if (at !== undefined) symlinkSync(at, join(bin, name));
      }
      const none = await ada.start(['reproduce', original.id], { environment: { PATH: bin } }).done;
      expect(none).toMatchObject({ code: 1, stdout: '' });
      expect(none.stderr).toContain('nothing was run: no container engine was found here');
      expect(none.stderr).toContain('`--container none`');
      expect(await ada.lists()).toHaveLength(1);
      expect(leftBy(ada)).toEqual([]);
    });

    test('an image that is kept as an archive comes from there, wherever that is', async () => {
      await using ada = await adas("archive: 'kept/'");
      await ada.does('container', 'build');
      const original = await ada.records(...simulate);
      const elsewhere = { environment: second.environment };
      const told = JSON.parse(
        (await ada.start(['reproduce', '--json', original.id], elsewhere).done).stdout,
      ) as Reproduced;
      expect(told.comparison.assessment).toBe('repeatable');
      expect(told.record.image).toBe(original.image);
      second.does('rmi', '--all', '--force');
      const [name] = readdirSync(ada.at('kept'));
      renameSync(ada.at(`kept/${name}`), join(ada.folder, 'moved.tar'));
      const lost = await ada.start(['reproduce', original.id], elsewhere).done;
      expect(lost).toMatchObject({ code: 1, stdout: '' });
      const words = ['reproduce', '--json', '--archive', '../moved.tar', original.id];
      const found = JSON.parse((await ada.start(words, elsewhere).done).stdout) as Reproduced;
      expect(found.comparison.assessment).toBe('repeatable');
      expect(leftBy(ada)).toEqual([]);

      // As an asset of a release.
      second.does('rmi', '--all', '--force');
      const bytes = readFileSync(join(ada.folder, 'moved.tar'));
      let served = bytes;
      await using server = await serving(() => served);
      const asked = ['reproduce', '--json', '--archive', server.address, original.id];
      const fetched = JSON.parse((await ada.start(asked, elsewhere).done).stdout) as Reproduced;
      expect(fetched.comparison.assessment).toBe('repeatable');
      expect(fetched.record.image).toBe(original.image);
      second.does('rmi', '--all', '--force');
      served = Buffer.concat([bytes.subarray(0, 600), Buffer.from('?'), bytes.subarray(601)]);
      const replaced = await ada.start(asked, elsewhere).done;
      expect(replaced).toMatchObject({ code: 1, stdout: '' });
      expect(leftBy(ada)).toEqual([]);
    });

    test('killed while its container runs, it is settled with the container gone', async () => {
      await using ada = await adas(`image: '${registry.host}/acme/killed'`);
      ada.write('simulate.sh', 'echo begun > begun; test ! -e "$WAIT" || sleep 600; mkdir -p Data; echo 1 > Data/1\n');
      ada.commit('it may wait');
      const wait = { environment: { WAIT: '/bin/sh' } };
      const quick = ['run', '--json', '-e', 'WAIT', ...simulate];
      const original = JSON.parse((await ada.start(quick).done).stdout) as ShownRecord;
      expect(original.status).toBe('finished');
      const slow = ada.start(['run', '-e', 'WAIT', ...simulate], wait);
      const recorded = await until(async () => (await ada.lists('status:started'))[0]);
      await until(() => existsSync(ada.at('begun')));
      slow.child.kill('SIGTERM');
      await slow.done;
      const going = ada.start(['reproduce', recorded.id]);
      const started = await until(async () => (await ada.lists('status:started'))[0]);
      const name = `corroborate-${started.id}`;
      await until(() => first.does('ps', '--quiet', `--filter=name=${name}`) !== '');
      await until(() => existsSync(ada.at(`.git/corroborate/work/${started.id}/begun`)));
      going.child.kill('SIGKILL');
      await going.done;
      expect((await ada.does('recover')).stderr).toContain('still runs');
      first.does('kill', name);
      // Its engine's program ends a moment after it.
      await until(async () => !(await ada.does('recover', '--clean')).stderr.includes('still runs'));
      expect(await ada.shows(started.id)).toMatchObject({ status: 'unknown', reproduces: recorded.id });
      expect(first.does('ps', '--all', '--quiet')).toBe('');
      expect(leftBy(ada)).toEqual([]);
    });
  },
);
