import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { execArguments, execEnvironment } from '../../../src/machine/containers/apptainer.ts';
import { type ContainerCommand, createArguments } from '../../../src/machine/containers/container-arguments.ts';

const command: ContainerCommand = {
  name: 'corroborate-1',
  labels: { 'corroborate.run': '1' },
  image: 'ghcr.io/acme/demo@sha256:00',
  command: ['python3', '--version', '--privileged'],
  cwd: '/home/ada/sim, "new"',
  mounts: [
    { path: '/home/ada/sim, "new"', writable: true },
    { path: '/data/mesh.h5', writable: false },
  ],
  variables: { PYTHONPATH: '/tmp/probes' },
  passed: ['API_TOKEN'],
  environment: { API_TOKEN: 'secret' },
  access: { network: 'none', memory: null, cpus: null, processes: null, gpus: null },
  interactive: false,
};

test('the image and its command stand last, behind every option', () => {
  const words = createArguments(command, { uid: 1000, gid: 100 }, ['--userns=keep-id']);
  expect(words.slice(-4)).toEqual([command.image, ...command.command]);
  expect(words.slice(0, -4).every((word, index) => index === 0 || word.startsWith('--'))).toBe(true);
  expect(words).toEqual(
    expect.arrayContaining(['--init', '--network=none', '--user=1000:100', '--userns=keep-id', '--env=HOME=/tmp']),
  );
});

test('a path with a comma is one mount, and what is only read cannot be written', () => {
  expect(createArguments(command, null, []).filter(word => word.startsWith('--mount'))).toEqual([
    '--mount=type=bind,"source=/home/ada/sim, ""new""","target=/home/ada/sim, ""new"""',
    '--mount=type=bind,source=/data/mesh.h5,target=/data/mesh.h5,readonly',
  ]);
});

test('a value that was passed on never stands on a command line', () => {
  const words = createArguments(command, null, []);
  expect(words).toContain('--env=API_TOKEN');
  expect([...words, ...execArguments(command)].join(' ')).not.toContain('secret');
});

test('limits and the network are as configured', () => {
  const access = { network: 'host', memory: 2 ** 30, cpus: 1.5, processes: 100, gpus: null };
  expect(createArguments({ ...command, access }, null, [])).toEqual(
    expect.arrayContaining(['--network=host', '--memory=1073741824b', '--cpus=1.5', '--pids-limit=100']),
  );
  expect(execArguments({ ...command, access: { ...access, gpus: 'all' } })).toEqual(
    expect.arrayContaining(['--memory=1073741824', '--cpus=1.5', '--pids-limit=100', '--nv']),
  );
  expect(execArguments(command)).toEqual(expect.arrayContaining(['--containall', '--net', '--network=none']));
});

test('apptainer gets mounts as one CSV line each, and variables by its own names, whatever stands in them', () => {
  expect(execArguments(command).filter(word => word.startsWith('--mount'))).toEqual([
    '--mount=type=bind,"source=/home/ada/sim, ""new""","destination=/home/ada/sim, ""new"""',
    '--mount=type=bind,source=/data/mesh.h5,destination=/data/mesh.h5,ro',
  ]);
  const spec: ContainerCommand = {
    ...command,
    variables: { LIST: 'a,B=$(c)' },
    environment: { ...command.environment, PATH: '/bin', APPTAINERENV_SPY: '1', SINGULARITYENV_SPY: '1' },
    access: { ...command.access, gpus: '0,2' },
  };
  const inside = { LIST: 'a,B=$(c)', API_TOKEN: 'secret', CUDA_VISIBLE_DEVICES: '0,2' };
  for (const prefix of ['APPTAINER', 'SINGULARITY'] as const) {
    expect(execEnvironment(spec, prefix)).toEqual({
      PATH: '/bin',
      API_TOKEN: 'secret',
      [`${prefix}_NO_EVAL`]: '1',
      ...Object.fromEntries(Object.entries(inside).map(([key, value]) => [`${prefix}ENV_${key}`, value])),
    });
  }
  const gpus = (wanted: string | number) =>
    execEnvironment({ ...command, access: { ...command.access, gpus: wanted } }, 'APPTAINER')
      .APPTAINERENV_CUDA_VISIBLE_DEVICES;
  expect([gpus('all'), gpus(2)]).toEqual([undefined, '0,1']);
});

if (spawnSync('apptainer', ['--version']).status !== 0) {
  console.log('apptainer is not here: only its command line is tested.');
}
