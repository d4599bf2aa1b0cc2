import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pinned } from '../../../src/machine/dependencies/julia-probe.ts';
import type { Probe } from '../../../src/machine/dependencies/probe.ts';
import { sorted } from '../../../src/machine/dependencies/probe-dependencies.ts';
import type { LibraryProbe } from '../../../src/machine/dependencies/shared-libraries.ts';
import { workplace } from './watched-run.ts';

const nothing = { dependencies: [], loaded: [], mapped: [], notes: [] };
const good: Probe = {
  name: 'Good',
  after: async () => ({ ...nothing, dependencies: [{ name: 'x', version: '1', system: 's' }] }),
};

describe('a probe never harms the run', () => {
  const failing = async () => {
    throw new Error('it broke');
  };
  test.each<[string, Probe]>([
    ['before', { name: 'Bad', before: failing, after: async () => nothing }],
    ['during', { name: 'Bad', during: failing, after: async () => nothing }],
    ['after', { name: 'Bad', after: failing }],
  ])('one that fails %s leaves a note', async (_, bad) => {
    using place = workplace();
    const { code, stdout, found } = await place.watched(['sh', '-c', 'echo out; exit 3'], { probes: [bad, good] });
    expect([code, stdout]).toEqual([3, 'out\n']);
    expect(found.notes).toEqual(['Bad dependencies are incomplete: it broke.']);
    expect(found.dependencies).toContainEqual({ name: 'x', version: '1', system: 's' });
  });

  const libraries: LibraryProbe = { ...good, owners: async () => ({ dependencies: [], loaded: [] }) };
  const endless = () => new Promise<never>(() => {});
  test.each<[string, Probe]>([
    ['before', { name: 'Slow', before: endless, after: async () => nothing }],
    ['during', { name: 'Slow', during: endless, after: async () => nothing }],
    ['after', { name: 'Slow', after: endless }],
  ])('one that is slow %s leaves a note once 10 s are over', async (_, slow) => {
    using place = workplace();
    const waited: number[] = [];
    // Ten seconds that are over as soon as the quick probes have had their turn.
    const wait = async (milliseconds: number) => {
      waited.push(milliseconds);
      await new Promise(resolve => setTimeout(resolve, 500));
    };
    const { found } = await place.watched(['true'], { probes: [slow, good], libraries, wait });
    expect(found.notes).toEqual(['Slow dependencies are incomplete: looking for them took over 10 s.']);
    expect(found.dependencies).toContainEqual({ name: 'x', version: '1', system: 's' });
    expect(new Set(waited)).toEqual(new Set([10_000]));
  });
});

test('dependencies are sorted and unique by system and name, whatever order they were found in', () => {
  const name = fc.constantFrom('a', 'b', 'B', 'é');
  const dependency = fc.record({
    name,
    version: fc.option(fc.constantFrom('1', '2')),
    system: fc.constantFrom('pip', 'apt'),
  });
  fc.assert(
    fc.property(fc.array(dependency), found => {
      const result = sorted(found);
      const keys = result.map(it => `${it.system}\0${it.name}`);
      expect(keys).toEqual([...new Set(keys)].sort());
      expect(new Set(keys)).toEqual(new Set(found.map(it => `${it.system}\0${it.name}`)));
      expect(sorted([...found].reverse())).toEqual(result);
    }),
  );
  expect(
    sorted([
      { name: 'a', version: '2', system: 'npm' },
      { name: 'a', version: '1', system: 'npm' },
    ]),
  ).toEqual([{ name: 'a', version: '1, 2', system: 'npm' }]);
});

test('environment modules', async () => {
  using place = workplace();
  const { found } = await place.watched(['true'], { environment: { LOADEDMODULES: 'gcc/12.2:math/gsl/2.7:slurm' } });
  expect(found.dependencies.filter(it => it.system === 'module')).toEqual([
    { name: 'gcc', version: '12.2', system: 'module' },
    { name: 'math/gsl', version: '2.7', system: 'module' },
    { name: 'slurm', version: null, system: 'module' },
  ]);
});

describe('Julia', () => {
  const manifest = `julia_version = "1.10.2"\nmanifest_format = "2.0"\n\n[[deps.Dates]]\nuuid = "ade2"\n\n[[deps.JSON]]\nversion = "0.21.4"\n\n    [deps.JSON.weakdeps]\n    version = "no"\n`;
  test('reads both formats of the manifest', () => {
    expect(pinned(manifest)).toEqual([
      { name: 'julia', version: '1.10.2', system: 'julia' },
      { name: 'JSON', version: '0.21.4', system: 'julia' },
    ]);
    expect(pinned('[[JSON]]\nversion = "0.20.0"\n')).toEqual([{ name: 'JSON', version: '0.20.0', system: 'julia' }]);
  });

  test('finds the active project', async () => {
    using place = workplace();
    place.write('Project.toml', '');
    place.write('Manifest.toml', manifest);
    const julia = place.write('bin/julia', '#!/bin/sh\nexit 0\n', 0o755);
    // A stand-in for Julia: a shell script that nothing but its name makes one.
    const launcher = place.write('run', `#!${julia} --project\n`, 0o755);
    const { found } = await place.watched(['sh', launcher]).then(() => place.watched([launcher]));
    expect(found.dependencies).toContainEqual({ name: 'JSON', version: '0.21.4', system: 'julia' });
    expect(found.notes).toEqual([expect.stringContaining('Manifest.toml')]);
  });
});
