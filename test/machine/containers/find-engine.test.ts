import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findEngine } from '../../../src/machine/containers/find-engine.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'corroborate-engines-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const find = (wanted: Parameters<typeof findEngine>[0]) => findEngine(wanted, { PATH: folder }, folder);

test('without any engine, all are named; without the one that is wanted, that one and one that is here', async () => {
  await expect(find(null)).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: 'no container engine was found here: install docker, podman or apptainer.',
  });
  await expect(find('podman')).rejects.toMatchObject({
    message: 'the container engine podman was not found on the PATH: install it.',
  });
  writeFileSync(join(folder, 'singularity'), '#!/bin/sh\n', { mode: 0o755 });
  await expect(find('podman')).rejects.toMatchObject({
    message:
      'the container engine podman was not found on the PATH: install it, or take apptainer, which is here (`container: {system: apptainer}` in corroborate.yml).',
  });
  expect(await find(null)).toMatchObject({ system: 'apptainer' });
});
