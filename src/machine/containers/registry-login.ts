import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { EngineName } from './container-engine.ts';

export interface RegistryLogin {
  /** `ghcr.io` */
  readonly registry: string;
  readonly user: string;
  readonly password: string;
}

/** What docker and podman keep of logins (config.json, containers-auth.json(5)), as far as it matters here. */
interface Logins {
  readonly auths?: { readonly [registry: string]: unknown };
  readonly credHelpers?: { readonly [registry: string]: string };
  readonly credsStore?: string;
}

/**
 * The environment of an engine's program in which it is logged in to one registry more, while the user's own settings
 * stay as they are: they are shown to it from a folder of ours.
 * @param folder empty, and for nobody else's eyes
 * @returns null where the user is logged in there already, or the engine keeps its logins elsewhere
 */
export async function registryLogin(
  system: EngineName,
  environment: NodeJS.ProcessEnv,
  login: RegistryLogin,
  folder: string,
): Promise<NodeJS.ProcessEnv | null> {
  const home = environment.HOME ?? homedir();
  const docker = environment.DOCKER_CONFIG ?? join(home, '.docker');
  if (system === 'docker') {
    const known = await readLogins(join(docker, 'config.json'));
    if (isKnown(known, login)) return null;
    // Contexts and plugins are in that folder, too.
    for (const name of await readdir(docker).catch(() => [])) {
      if (name !== 'config.json') await symlink(join(docker, name), join(folder, name));
    }
    // Where there is a store of logins, docker reads none from the file but for a registry that is said to have no helper.
    const helpers = { ...known.credHelpers, ...(known.credsStore ? { [login.registry]: '' } : {}) };
    await writeLogins(join(folder, 'config.json'), { ...known, credHelpers: helpers }, login);
    return { ...environment, DOCKER_CONFIG: folder };
  }
  if (system !== 'podman') return null;
  const runtime = environment.XDG_RUNTIME_DIR ?? `/run/containers/${process.getuid?.() ?? 0}`;
  const configured = environment.XDG_CONFIG_HOME ?? join(home, '.config');
  // The last one counts most.
  const files = environment.REGISTRY_AUTH_FILE
    ? [environment.REGISTRY_AUTH_FILE]
    : [
        join(docker, 'config.json'),
        join(configured, 'containers', 'auth.json'),
        join(runtime, environment.XDG_RUNTIME_DIR ? 'containers/auth.json' : 'auth.json'),
      ];
  const all = await Promise.all(files.map(readLogins));
  if (all.some(known => isKnown(known, login))) return null;
  const merged = {
    auths: Object.assign({}, ...all.map(({ auths }) => auths)),
    credHelpers: Object.assign({}, ...all.map(({ credHelpers }) => credHelpers)),
  };
  const file = join(folder, 'auth.json');
  await writeLogins(file, merged, login);
  return { ...environment, REGISTRY_AUTH_FILE: file };
}

function isKnown({ auths = {}, credHelpers = {} }: Logins, { registry }: RegistryLogin): boolean {
  const isMeant = (key: string) => key === registry || key.startsWith(`${registry}/`);
  return [...Object.keys(auths), ...Object.keys(credHelpers)].some(isMeant);
}

/** What is not there, or not to be read, holds no login. */
async function readLogins(path: string): Promise<Logins> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

async function writeLogins(path: string, known: Logins, { registry, user, password }: RegistryLogin): Promise<void> {
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, JSON.stringify({ ...known, auths: { ...known.auths, [registry]: { auth } } }), { mode: 0o600 });
}
