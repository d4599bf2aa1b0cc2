import { expect, test } from 'vitest';
import { Problem } from '../../../src/domain/problem.ts';
import { localName } from '../../../src/flows/container/fetch-image.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

test('an image has one name here, by its digest', () => {
  expect(localName(`ghcr.io/acme/demo@${digest}`)).toBe(`ghcr.io/acme/demo@${digest}`);
  expect(localName(`oci-archive:images/a.tar@${digest}`)).toBe(`localhost/corroborate:${'ab'.repeat(32)}`);
  expect(localName(`sif:images/a.sif@${digest}`)).toBe('images/a.sif');
});

test.each([
  `dir:/etc@${digest}`,
  `docker-archive:/tmp/a.tar@${digest}`,
  `/etc/passwd@${digest}`,
  `docker-daemon:x:y@${digest}`,
  `https://ghcr.io/acme/demo@${digest}`,
])('%s, which a history can hold, is given to no engine', image => {
  // The history's own form allows it.
  expect(image).toMatch(/^[A-Za-z0-9/][^\s]*@sha256:[0-9a-f]{64}$/);
  expect(() => localName(image)).toThrow(Problem);
});

test('what podman would take for a place on this machine is an image of a registry, or nothing', () => {
  expect(localName(`containers-storage:x@${digest}`)).toBe(`docker.io/library/containers-storage@${digest}`);
});
