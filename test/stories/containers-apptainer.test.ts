import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Container } from '../../src/domain/generated/shapes.ts';
import { type ShownRecord, scientist } from '../support/scientist.ts';
import { simulate, simulation } from '../support/simulation.ts';

/* Apptainer is in few package archives: a stand-in notes what it is called with, and runs the command outside. */

const standIn = `#!/bin/sh
printf '%s\\n' "$*" >> "$0.log"
case $1 in
  build) sed "s/^From:.*/& of $$/" "$4" > "$3" ;;
  inspect) echo '{"data": {"attributes": {"labels": {"org.label-schema.build-arch": "'$ARCH'"}}}}' ;;
  exec)
    while [ "\${2#--}" != "$2" ]; do shift; done
    shift 2
    unset ASKED
    eval "ASKED=\\$APPTAINERENV_ASKED" # as it comes out inside
    export ASKED
    exec "$@" ;;
esac
`;

const files = {
  ...simulation,
  'sim.def': 'Bootstrap: docker\nFrom: debian:12\n',
  'corroborate.yml':
    "inputs: ['*.param']\noutputs: ['Data/**']\nenvironment: [ASKED]\ncontainer: {system: apptainer, build: sim.def, archive: kept/, gpus: all}\n",
  '.gitignore': 'kept/\n',
};

test('a definition is built, kept as a SIF, and run only as it was (a stand-in for apptainer)', async () => {
  await using ada = await scientist('ada', { files });
  const bin = join(ada.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'apptainer'), standIn, { mode: 0o755 });
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  Object.assign(ada.environment, { PATH: `${bin}:${ada.environment.PATH}`, ARCH: arch, ASKED: 'a,b' });

  const record = await ada.records(...simulate);
  expect(record).toMatchObject({ status: 'finished', outputs: [{ path: 'Data/result.txt' }] });
  const [container] = await ada.asks<Container[]>('container', 'list');
  expect(container).toMatchObject({
    id: record.image,
    system: 'apptainer',
    version: { source: record.program.source },
  });
  const [name] = readdirSync(ada.at('kept'));
  expect(container!.image).toMatch(new RegExp(`^sif:kept/${name}@sha256:[0-9a-f]{64}$`));
  const sif = ada.read(`kept/${name}`);
  expect(sif).toContain(`%labels\n    corroborate.source ${record.program.source}\n`);
  const [build, ...calls] = readFileSync(join(bin, 'apptainer.log'), 'utf8').trimEnd().split('\n');
  expect(build).toMatch(/^build --force \S+image\.sif \S+labelled\.def$/);
  const executed = calls.find(call => call.startsWith('exec'));
  expect(executed).toMatch(/^exec --containall --no-home --pwd=\S+ --mount=type=bind,\S+ .*--net --network=none --nv /);
  expect(executed).toContain(` ${ada.at(`kept/${name}`)} ${simulate.join(' ')}`);

  // Exit codes and signals are its own, and variables are as they were asked for.
  const asked = await ada.tries('run', 'sh', '-c', 'echo "$ASKED"; kill -SEGV $$');
  expect(asked).toMatchObject({ code: 139, stdout: 'a,b\n' });

  // Another image of this source has a file of its own.
  const again = await ada.asks<Container>('container', 'build', '--rebuild');
  expect(again.id).not.toBe(container!.id);
  expect(readdirSync(ada.at('kept'))).toHaveLength(2);
  const told = JSON.parse((await ada.does('reproduce', '--json', record.id)).stdout) as { record: ShownRecord };
  expect(told.record).toMatchObject({ image: record.image, status: 'finished' });

  appendFileSync(ada.at(`kept/${name}`), 'and more');
  for (const words of [
    ['run', '--container', container!.id, ...simulate],
    ['reproduce', record.id],
  ]) {
    const replaced = await ada.tries(...words);
    expect(replaced.code).toBe(words[0] === 'run' ? 125 : 1);
    expect(replaced.stderr).toMatch(/is sha256:\S+, not sha256:\S+ as recorded: it was replaced\. Nothing was run/);
  }
  writeFileSync(ada.at(`kept/${name}`), sif);
  Object.assign(ada.environment, { ARCH: 's390x' });
  const foreign = await ada.tries('run', ...simulate);
  expect(foreign.code).toBe(125);
  expect(foreign.stderr).toContain('is for s390x processors');
  expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', records: 3 });
});
