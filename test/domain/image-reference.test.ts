import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digestOf,
  formatArchiveReference,
  formatImageReference,
  parseArchiveReference,
  parseImageReference,
  pinned,
} from '../../src/domain/image-reference.ts';
import { Problem } from '../../src/domain/problem.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('an image', () => {
  test.each([
    ['debian', 'docker.io/library/debian', null, null],
    ['debian:12-slim', 'docker.io/library/debian', '12-slim', null],
    ['acme/demo', 'docker.io/acme/demo', null, null],
    ['ghcr.io/acme/demo:1.2', 'ghcr.io/acme/demo', '1.2', null],
    ['localhost/demo', 'localhost/demo', null, null],
    ['127.0.0.1:5000/acme/demo', '127.0.0.1:5000/acme/demo', null, null],
    ['127.0.0.1:5000/demo:latest', '127.0.0.1:5000/demo', 'latest', null],
    ['[::1]:5000/demo', '[::1]:5000/demo', null, null],
    [`ghcr.io/a__b/c-d.e@${digest}`, 'ghcr.io/a__b/c-d.e', null, digest],
    [`ghcr.io/acme/demo:1.2@${digest}`, 'ghcr.io/acme/demo', '1.2', digest],
  ])('%s', (text, name, tag, hash) => {
    expect(parseImageReference(text)).toMatchObject({ name, tag, digest: hash });
  });

  test.each([
    '--privileged',
    '-v',
    '-v/:/host',
    '',
    ' debian',
    'debian ',
    'a b',
    'debian\n--privileged',
    'Upper/case',
    'a//b',
    '/a',
    'a/',
    'a:',
    ':a',
    'a:-b',
    'a@sha256:12',
    `a@md5:${'0'.repeat(32)}`,
    `a@${digest}@${digest}`,
    'https://ghcr.io/acme/demo',
    'ghcr.io/../demo',
    'ghcr.io:port/demo',
    'a$(touch x)',
    'a;b',
    `ghcr.io/${'a'.repeat(300)}`,
  ])('%j is none', text => {
    expect(() => parseImageReference(text)).toThrow(Problem);
  });

  test('whatever passes cannot be taken for an option, and reads the same again', () => {
    const letters = fc.constantFrom(...'abz09AZ-_./:@ $[]\n');
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 40 }), text => {
        let told: string;
        try {
          told = formatImageReference(parseImageReference(text));
        } catch (problem) {
          expect(problem).toBeInstanceOf(Problem);
          return;
        }
        expect(told).toMatch(/^[a-zA-Z0-9[][^\s$]*$/);
        expect(formatImageReference(parseImageReference(told))).toBe(told);
      }),
      { numRuns: 2000 },
    );
  });

  test('is told by digest where there is one, and pinned by nothing else', () => {
    expect(formatImageReference(parseImageReference('demo'))).toBe('docker.io/library/demo:latest');
    expect(formatImageReference(parseImageReference(`ghcr.io/a/b:1@${digest}`))).toBe(`ghcr.io/a/b@${digest}`);
    expect(pinned('ghcr.io/a/b', digest)).toBe(`ghcr.io/a/b@${digest}`);
    expect(digestOf(`ghcr.io/a/b@${digest}`)).toBe(digest);
    expect(() => pinned('ghcr.io/a/b', 'latest')).toThrow(Problem);
  });
});

describe('an archive', () => {
  test('has any path, without white space, in the form that a history takes', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }), path => {
        const image = formatArchiveReference({ path, digest });
        expect(image).toMatch(/^[A-Za-z0-9/][^\s\u0000-\u001f]*@sha256:[0-9a-f]{64}$/);
        expect(parseArchiveReference(image)).toEqual({ path, digest });
      }),
    );
    expect(formatArchiveReference({ path: '../kept images/a.tar', digest })).toBe(
      `oci-archive:../kept%20images/a.tar@${digest}`,
    );
    expect(formatArchiveReference({ path: 'a.sif', digest })).toBe(`sif:a.sif@${digest}`);
  });

  test('is no image of a registry', () => {
    expect(parseArchiveReference(`ghcr.io/acme/demo@${digest}`)).toBeNull();
    expect(() => parseArchiveReference(`oci-archive:%E0%A4%A@${digest}`)).toThrow(Problem);
  });
});
