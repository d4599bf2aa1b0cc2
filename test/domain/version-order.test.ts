import { expect, test } from 'vitest';
import { compareVersions, versionHolds } from '../../src/domain/version-order.ts';

test('versions stand in the order of PEP 440', () => {
  // The list of PEP 440's own summary, and after it what other systems add.
  const ordered = [
    '0.9',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.15',
    '1.1.dev1',
    '1.10',
    '2.36-9+deb12u4',
    '2.36-9+deb12u7',
    '2.36-10',
    '1!0.1',
  ];
  for (const [at, version] of ordered.entries()) {
    for (const [other, later] of ordered.entries()) {
      expect(Math.sign(compareVersions(version, later)), `${version} and ${later}`).toBe(Math.sign(at - other));
    }
  }
});

test.each([
  ['1.0', '1.0.0'],
  ['v1.2', '1.2'],
  ['1.0RC1', '1.0.0c1'],
  ['1.0-alpha.1', '1.0a1'],
  ['1.7-3', '1.7.3'],
])('%s is %s', (one, other) => expect(compareVersions(one, other)).toBe(0));

test('an equal version may have a local part that was not asked about', () => {
  expect(versionHolds('2.1+cpu', '=', '2.1')).toBe(true);
  expect(versionHolds('2.1+cpu', '=', '2.1+gpu')).toBe(false);
  expect(versionHolds('1.26.4', '=', '1.26.*')).toBe(true);
  expect(versionHolds('1.260', '=', '1.26.*')).toBe(false);
});
