import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ShownRecord, scientist } from '../support/scientist.ts';
import { until } from '../support/until.ts';

test('the value of a variable that is a secret stands nowhere on the branch, wherever the run put it', async () => {
  await using ada = await scientist('ada', {
    files: {
      'model.sh':
        'printf "token is %s\\n" "$API_TOKEN"; echo "warn $API_TOKEN" >&2; mkdir -p out; echo "$API_TOKEN" > out/secret.txt; echo fine > out/fine.txt\n',
    },
  });
  ada.environment.API_TOKEN = 'hunter22-hunter22';
  ada.write('notes.py', '# hunter22-hunter22\n');
  ada.write('model.sh', `${ada.read('model.sh')}# hunter22-hunter22\n`);
  const record = await ada.records(
    '-e',
    'API_TOKEN',
    '-r',
    'with hunter22-hunter22',
    'sh',
    'model.sh',
    'hunter22-hunter22',
  );
  expect(record.program).toMatchObject({
    command: ['sh', 'model.sh', '***'],
    environment: { API_TOKEN: '***' },
    reason: 'with ***',
  });
  expect(record.outputs.map(({ path, stored }) => [path, stored])).toEqual([
    ['out/fine.txt', true],
    ['out/secret.txt', false],
  ]);
  expect(ada.onBranch(`${record.path}/log.txt`)).toContain('token is ***');
  expect(record.notes).toContain('the content of out/secret.txt is not stored, since it holds a secret');
  expect(record.notes).toContain('source.patch is not kept, since it holds a secret');
  for (const commit of ada.git('rev-list', 'records').split('\n')) {
    for (const path of ada.git('ls-tree', '-r', '--name-only', commit).split('\n')) {
      expect(ada.onBranch(path, commit), path).not.toContain('hunter22');
    }
    expect(ada.git('show', '-s', '--format=%B', commit)).not.toContain('hunter22');
  }
  expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
});

test('recover, which does not know it, stores nothing that may hold it', async () => {
  await using ada = await scientist('ada', {
    files: {
      'model.sh': 'mkdir -p out; echo "$API_TOKEN" > out/secret.txt; while ! [ -e ../go ]; do sleep 0.05; done\n',
    },
  });
  ada.environment.API_TOKEN = 'hunter22-hunter22';
  ada.write('model.sh', `${ada.read('model.sh')}# hunter22-hunter22\n`);
  const going = ada.start(['run', '-e', 'API_TOKEN', 'sh', 'model.sh']);
  await until(
    async () =>
      existsSync(ada.at('out/secret.txt')) &&
      ada.git('branch', '--list', 'records') !== '' &&
      (await ada.lists()).some(({ status }) => status === 'started'),
  );
  going.child.kill('SIGKILL');
  await going.done;
  ada.write('../go', '');
  delete ada.environment.API_TOKEN;
  const [record] = await until(async () => {
    const settled = await ada.asks<ShownRecord[]>('recover');
    return settled.length > 0 && settled;
  });
  expect(record!.outputs.map(({ path, stored }) => [path, stored])).toEqual([['out/secret.txt', false]]);
  expect(record!.notes).toContain('source.patch is not kept, since it holds a secret');
  expect(record!.notes).toContainEqual(expect.stringContaining('the contents of its files are not stored'));
  for (const path of ada.git('ls-tree', '-r', '--name-only', 'records').split('\n')) {
    expect(ada.onBranch(path), path).not.toContain('hunter22');
  }
  expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds' });
});
