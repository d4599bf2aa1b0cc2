import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registryLogin } from '../../../src/machine/containers/registry-login.ts';

const login = { registry: 'ghcr.io', user: 'ada', password: 't0ken' };
const auth = Buffer.from('ada:t0ken').toString('base64');
const others = { 'registry.example': { auth: 'YTpi' } };

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'corroborate-home-'));
  folder = mkdtempSync(join(home, 'login-'));
});
afterEach(() => rmSync(home, { recursive: true }));

function write(path: string, content: unknown): string {
  const file = join(home, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const environment = () => ({ HOME: home, XDG_RUNTIME_DIR: join(home, 'run') });
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('docker is shown a copy of its settings with one login more, and the user’s own stay as they are', async () => {
  const own = write('.docker/config.json', { auths: others, currentContext: 'remote', credsStore: 'desktop' });
  write('.docker/contexts/meta/a.json', {});
  const before = readFileSync(own, 'utf8');
  const logged = (await registryLogin('docker', environment(), login, folder))!;
  expect(logged).toEqual({ ...environment(), DOCKER_CONFIG: folder });
  const file = join(folder, 'config.json');
  // Of a registry without a helper of its own docker would ask the store alone.
  expect(read(file)).toEqual({
    auths: { ...others, 'ghcr.io': { auth } },
    currentContext: 'remote',
    credsStore: 'desktop',
    credHelpers: { 'ghcr.io': '' },
  });
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(existsSync(join(folder, 'contexts/meta/a.json'))).toBe(true);
  expect(readFileSync(own, 'utf8')).toBe(before);
});

test('podman likewise, from wherever it keeps its logins', async () => {
  write('.docker/config.json', { auths: { ...others, 'b.example': { auth: 'old' } } });
  write('.config/containers/auth.json', { auths: { 'b.example': { auth: 'new' } } });
  const logged = (await registryLogin('podman', environment(), login, folder))!;
  expect(read(logged.REGISTRY_AUTH_FILE!).auths).toEqual({
    ...others,
    'b.example': { auth: 'new' },
    'ghcr.io': { auth },
  });
  const none = mkdtempSync(join(home, 'login-'));
  const other = write('elsewhere.json', {});
  const alone = (await registryLogin('podman', { ...environment(), REGISTRY_AUTH_FILE: other }, login, none))!;
  expect(read(alone.REGISTRY_AUTH_FILE!).auths).toEqual({ 'ghcr.io': { auth } });
});

test.each([
  ['docker', '.docker/config.json', { auths: { 'ghcr.io': {} } }],
  ['docker', '.docker/config.json', { credHelpers: { 'ghcr.io': 'own' } }],
  ['podman', '.docker/config.json', { auths: { 'ghcr.io': { auth: 'own' } } }],
  ['podman', 'run/containers/auth.json', { auths: { 'ghcr.io/acme': { auth: 'own' } } }],
] as const)('a login of the user’s own goes first: %s, %s, %j', async (system, path, content) => {
  write(path, content);
  expect(await registryLogin(system, environment(), login, folder)).toBeNull();
});
