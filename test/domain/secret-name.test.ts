import { expect, test } from 'vitest';
import { isSecretFile, isSecretVariable } from '../../src/domain/secret-name.ts';

test.each([
  '.env',
  '.env.local',
  'conf/.ENV',
  'server.pem',
  'a/b/tls.key',
  'id_rsa',
  '.ssh/id_ed25519',
  'id_ed25519.pub',
  'id_ecdsa_sk',
  'id_rsa.py',
  'id_work',
  'id_github.old',
  'id_x.txt',
  'ID_RSA',
  'putty.ppk',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.git-credentials',
  'credentials.json',
  'store.p12',
])('%s holds secrets', path => expect(isSecretFile(path)).toBe(true));

test.each([
  'id_map.py',
  'lib/id_table.csv',
  'id_list.R',
  'identity.py',
  'grid_id',
  'env.py',
  '.envrc.d/x',
  'key.py',
  'keys.csv',
  'monkey',
  'main.py',
  'id_rsa/readme',
  'pem',
  'credentials.py',
])('%s does not', path => expect(isSecretFile(path)).toBe(false));

test('variables whose names say so', () => {
  for (const name of [
    'GITHUB_TOKEN',
    'aws_secret_access_key',
    'API_KEY',
    'DB_PASSWORD',
    'PGPASSWD',
    'SSH_AUTH_SOCK',
    'MY_CREDENTIALS',
  ])
    expect(isSecretVariable(name), name).toBe(true);
  for (const name of ['OMP_NUM_THREADS', 'PATH', 'LANG', 'SEED', 'GIT_AUTHOR_NAME'])
    expect(isSecretVariable(name), name).toBe(false);
});
