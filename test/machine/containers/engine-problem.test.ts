import { expect, test } from 'vitest';
import { engineProblem } from '../../../src/machine/containers/engine-problem.ts';

/* What podman 4.3, docker 20.10 and 28.2, and docker-registry 2.8 were seen to say. */
test.each([
  [
    'NO_SPACE',
    'Error: writing blob: storing blob to file "/var/tmp/storage123/1": write /var/tmp/x: no space left on device',
  ],
  ['UNSUPPORTED', 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?'],
  ['UNSUPPORTED', 'exec /bin/sh: exec format error'],
  [
    'UNSUPPORTED',
    'Error: container-init binary not found on the host: stat /usr/libexec/podman/catatonit: no such file',
  ],
  ['DAMAGED', 'Error: manifest verification failed for digest sha256:00'],
  ['REMOTE_FAILED', 'denied: requested access to the resource is denied'],
  ['REMOTE_FAILED', 'Error: pinging container registry 127.0.0.1:9: dial tcp 127.0.0.1:9: connect: connection refused'],
  ['NOT_FOUND', 'Error: reading manifest sha256:00 in 127.0.0.1:5000/x: manifest unknown: manifest unknown'],
  [
    'NOT_FOUND',
    'Error response from daemon: manifest for 127.0.0.1:5000/x:1 not found: manifest unknown: manifest unknown',
  ],
  ['NOT_FOUND', 'Error response from daemon: No such image: 127.0.0.1:5000/x@sha256:00'],
  ['NOT_FOUND', 'Error: 127.0.0.1:5000/x@sha256:00: image not known'],
  ['ENGINE_FAILED', 'Error: something that nobody has seen'],
] as const)('%s: %s', (code, said) => {
  const problem = engineProblem('podman', 'fetch it', said);
  expect(problem.code).toBe(code);
  expect(problem.message).toMatch(/^podman could not fetch it: /);
  expect(problem.message.split('\n')).toHaveLength(1);
});

test('a build that finds no base image is told to look at FROM, and not to build', () => {
  const said = 'Error: creating build container: reading manifest 1 in 127.0.0.1:5000/x: manifest unknown';
  const { message } = engineProblem('podman', 'build Containerfile', said);
  expect(message).toMatch(/The image that it begins from is gone, or never was under that name: look at FROM\.$/);
  expect(message).not.toContain('container build');
});

test('of an image that is gone it is said once which', () => {
  const name = '127.0.0.1:5000/acme/demo@sha256:00';
  const said = `Error: initializing source docker://${name}: reading manifest sha256:00 in 127.0.0.1:5000/acme/demo: manifest unknown: manifest unknown`;
  expect(engineProblem('podman', `fetch ${name}`, said).message).toMatch(
    /^podman could not fetch \S+@sha256:00: manifest unknown\. The image is gone, or never was under that name: whoever/,
  );
});

test('the last line that says something is what is told, without what a terminal would obey', () => {
  const said =
    'Error response from daemon: first\n\u001b[31mtime="2026" level=error msg="x"\nError: the reason\u0007\n\nSee \'docker run --help\'.\n';
  expect(engineProblem('docker', 'do it', said).message).toBe('docker could not do it: the reason.');
  expect(engineProblem('docker', 'do it', '').message).toBe('docker could not do it: it did not say why.');
});
