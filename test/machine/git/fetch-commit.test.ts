import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { whyNoRemote } from '../../../src/machine/git/fetch-commit.ts';

describe('an address that a record names', () => {
  test.each([
    'https://github.com/acme/demo.git',
    'http://127.0.0.1:8080/a.git',
    'ssh://git@example.org:22/a.git',
    'git@github.com:acme/demo.git',
    'git://example.org/a',
    'file:///srv/a.git',
    '/srv/a.git',
  ])('%s may be fetched from', address => {
    expect(whyNoRemote(address)).toBe(null);
  });

  test.each([
    '--upload-pack=touch /tmp/x',
    '-oProxyCommand=x',
    'ext::sh -c touch% x',
    'ext::sh',
    'fd::7',
    'persistent-https::x',
    'ftp://example.org/a',
    'HTTPS://example.org/\na',
    'relative/path',
    '',
  ])('%j may not', address => {
    expect(whyNoRemote(address)).toEqual(expect.any(String));
  });

  test('whatever it is, nothing that passes begins with a dash or names a helper', () => {
    fc.assert(
      fc.property(fc.string(), address => {
        if (whyNoRemote(address) === null) {
          expect(address).not.toMatch(/^-|::|[\u0000-\u0020]/);
        }
      }),
    );
  });
});
