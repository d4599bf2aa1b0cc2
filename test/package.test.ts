import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const top = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'corroborate-package-'));
const prefix = join(folder, 'prefix');
const installed = join(prefix, 'lib', 'node_modules', 'corroborate');
const described = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
  version: string;
  dependencies?: object;
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Without what `npm test` hands down, and with a home and a cache of its own. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|GIT_|FORCE_COLOR$)/i.test(name))),
  HOME: folder,
  npm_config_cache: join(folder, 'cache'),
  npm_config_update_notifier: 'false',
  GIT_CONFIG_GLOBAL: join(folder, '.gitconfig'),
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

function runs(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv = environment): string {
  const { status, stdout, stderr, error } = spawnSync(command[0]!, command.slice(1), { cwd, env, encoding: 'utf8' });
  expect(error, command.join(' ')).toBeUndefined();
  expect(status, `${command.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

beforeAll(() => {
  // lib/ was built by `npm test` itself; building it again here would take it away from under other tests.
  runs(['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder], top);
  const tarball = join(folder, `corroborate-${described.version}.tgz`);
  runs(['npm', 'install', '--global', '--offline', '--silent', '--prefix', prefix, tarball], folder);
}, 120_000);

/** Other versions of node on this machine; the package must work with each from 20.20 on. */
const nodes = [process.execPath, '/usr/bin/node', '/usr/local/bin/node'].filter(node => {
  const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const [major = 0, minor = 0] = (stdout ?? '').slice(1).split('.').map(Number);
  return status === 0 && (major > 20 || (major === 20 && minor >= 20));
});

describe('the packed and globally installed package', () => {
  test('brings the command, the schemas and the licences, and depends on nothing', () => {
    expect(readdirSync(installed).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'lib',
      'package.json',
      'schemas',
    ]);
    expect(existsSync(join(installed, 'node_modules'))).toBe(false);
    expect(described.dependencies).toBeUndefined();
    expect(readFileSync(join(installed, 'lib', 'THIRD-PARTY-LICENSES.txt'), 'utf8')).toMatch(
      /^isomorphic-git [\d.]+ \(MIT\)$/m,
    );
  });

  test('gives its schemas to whoever imports them', () => {
    const require = createRequire(join(prefix, 'lib', 'node_modules', 'x.js'));
    expect(require('corroborate/schemas/record.schema.json')).toMatchObject({ type: 'object' });
  });

  test.each(nodes)('works with %s', node => {
    const command = [node, join(prefix, 'bin', 'corroborate')];
    const work = mkdtempSync(join(folder, 'work-'));
    mkdirSync(join(work, 'Data'));
    writeFileSync(join(work, 'sim.mjs'), "import fs from 'node:fs'; fs.writeFileSync('Data/out.txt', 'one\\n');\n");
    writeFileSync(join(work, '.gitignore'), 'Data/\n');
    for (const words of ['init --quiet', 'add .', 'commit --quiet -m sim']) runs(['git', ...words.split(' ')], work);
    expect(runs([...command, '--version'], work)).toBe(`${described.version}\n`);
    runs([...command, 'run', node, 'sim.mjs'], work);
    runs([...command, 'run', node, 'sim.mjs'], work);
    const listed = JSON.parse(runs([...command, 'list', 'status:finished', '--json'], work)) as {
      outputs: unknown[];
    }[];
    expect(listed.map(record => record.outputs.length)).toEqual([1, 1]);
    runs([...command, 'request', 'latest', '@{1}', '--proposition', 'repeated'], work);
    expect(JSON.parse(runs([...command, 'verify', '--json'], work))).toMatchObject({ verdict: 'holds', records: 2 });
  });

  test('is found on the PATH', () => {
    const env = { ...environment, PATH: `${join(prefix, 'bin')}${delimiter}${environment.PATH}` };
    expect(runs(['corroborate', '--help'], folder, env)).toContain('corroborate COMMAND');
  });
});
