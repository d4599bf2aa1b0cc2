import { constants, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Comparison } from '../../src/domain/comparison.ts';
import type { Container } from '../../src/domain/generated/shapes.ts';
import { noPodman, podmanHost } from '../support/containers/engines.ts';
import { noNumpyImage, numpyRootfs } from '../support/containers/numpy-image.ts';
import { hasRegistry, startRegistry } from '../support/containers/registry.ts';
import { type ShownRecord, scientist } from '../support/scientist.ts';

const missing = noPodman ?? (hasRegistry ? noNumpyImage : 'no docker-registry');
if (missing !== null) console.log(`The paper's example in a container is passed over: ${missing}`);

interface Reproduced {
  readonly record: ShownRecord;
  readonly comparison: Comparison;
  readonly could_not_be_the_same: readonly string[];
}

const example = join(import.meta.dirname, '../../examples/demo-sumatra');
const demo = Object.fromEntries(
  ['main.py', 'default.param', '.gitignore', 'Data/.gitkeep'].map(name => [
    name,
    readFileSync(join(example, name), 'utf8'),
  ]),
);

test.skipIf(missing !== null)(
  "the paper's example: built on one machine, pulled by digest and run on another, with the same and another seed",
  { timeout: 600_000 },
  async () => {
    await using registry = await startRegistry();
    await using first = await podmanHost([registry.host]);
    const base = mkdtempSync(join(tmpdir(), 'corroborate-base-'));
    const debian = `${registry.host}/acme/numpy:1`;
    try {
      writeFileSync(join(base, 'Containerfile'), 'FROM scratch\nADD rootfs.tar /\n');
      copyFileSync(numpyRootfs(), join(base, 'rootfs.tar'), constants.COPYFILE_FICLONE);
      first.does('build', '--quiet', `--tag=${debian}`, base);
      first.does('push', '--quiet', debian);
    } finally {
      rmSync(base, { recursive: true });
    }

    await using ada = await scientist('ada', {
      files: {
        ...demo,
        Containerfile: `FROM ${debian}\nENV TZ=Europe/Paris\n`,
        'corroborate.yml': `inputs: ['*.param']\noutputs: ['Data/**']\ncontainer: {system: podman, build: Containerfile, image: '${registry.host}/acme/demo'}\n`,
      },
    });
    Object.assign(ada.environment, first.environment);
    const record = await ada.records('python3', 'main.py', 'default.param');
    expect(record).toMatchObject({
      status: 'finished',
      inputs: [{ path: 'default.param' }],
      outputs: [{ path: 'Data/example2.dat' }],
      program: {
        executable: { path: '/usr/bin/python3.11', sha256: expect.any(String) },
        cpu_seconds: expect.any(Number),
      },
      system: { os: 'Debian GNU/Linux 12 (bookworm)', timezone: 'Europe/Paris' },
      notes: [],
    });
    // By the image's own lists, not this machine's.
    const dependency = (name: string) => record.dependencies.find(one => one.name === name);
    expect(dependency('numpy')).toMatchObject({ system: 'pip', version: expect.stringMatching(/^1\.24\./) });
    expect(dependency('python')).toMatchObject({ system: 'python', version: expect.stringMatching(/^3\.11\./) });
    expect(dependency('libc6')).toMatchObject({ system: 'apt', version: expect.stringMatching(/^2\.36-/) });
    expect(record.program.peak_memory_bytes).toBeGreaterThan(1e6);

    // Another machine has nothing of it.
    await using second = await podmanHost([registry.host]);
    Object.assign(ada.environment, second.environment);
    const [container] = await ada.asks<Container[]>('container', 'list');
    const again = await ada.records('python3', 'main.py', 'default.param');
    expect(again.image).toBe(container!.id);
    expect(again.dependencies).toEqual(record.dependencies);
    expect(await ada.asks('compare', again.id, record.id)).toMatchObject({ assessment: 'repeatable' });

    ada.write('default.param', demo['default.param']!.replace('65785', '65786'));
    const seeded = await ada.records('python3', 'main.py', 'default.param');
    expect(seeded.image).toBe(container!.id);
    expect(await ada.asks('compare', seeded.id, record.id)).toMatchObject({ source: 'same', inputs: 'different' });
    expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 3 });

    // Reproduced there, with the same and with another seed.
    ada.write('default.param', demo['default.param']!);
    const reproduced = await ada.asks<Reproduced>('reproduce', record.id);
    expect(reproduced.comparison).toMatchObject({ source: 'same', inputs: 'same', assessment: 'repeatable' });
    expect(reproduced.could_not_be_the_same).toEqual([]);
    expect(reproduced.record).toMatchObject({ image: container!.id, dependencies: record.dependencies });
    ada.write('other.param', demo['default.param']!.replace('65785', '65786'));
    const other = await ada.asks<Reproduced>('reproduce', record.id, '--input', 'default.param=other.param');
    expect(other.comparison).toMatchObject({ source: 'same', inputs: 'different', assessment: 'unknown' });
    expect(other.record.outputs[0]!.sha256).toBe(seeded.outputs[0]!.sha256);

    // A Python that keeps the hook out says nothing, and the record says that.
    const silent = await ada.records('python3', '-I', '-c', 'print(1)');
    expect(silent.notes.join('\n')).toContain('did not tell which modules it loaded');
  },
);
