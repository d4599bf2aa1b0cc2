import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Problem } from '../../../src/domain/problem.ts';
import { readSettings } from '../../../src/doors/app/settings.ts';

test('says what is usual where nothing is said', () => {
  expect(readSettings({})).toMatchObject({ recordsBranch: 'records', origin: 'https://github.com', throttles: true });
});

test('goes by the environment', () => {
  const settings = readSettings({
    RECORDS_BRANCH: 'runs',
    GHE_HOST: 'github.example.org',
    GHE_PROTOCOL: 'http',
    THROTTLE: 'off',
    SWEEP_MINUTES: '0',
    JUDGING_SECONDS: '5',
  });
  expect(settings).toMatchObject({ recordsBranch: 'runs', origin: 'http://github.example.org', throttles: false });
  expect([settings.sweepEvery, settings.judging.milliseconds]).toEqual([null, 5000]);
});

test.each(['JUDGING_SECONDS', 'JUDGING_THREADS', 'PARALLEL', 'SWEEP_MINUTES'])(
  'names %s where it is no number',
  name => {
    expect(() => readSettings({ [name]: 'many' })).toThrow(Problem);
    expect(() => readSettings({ [name]: 'many' })).toThrow(`${name} is "many": give a number from`);
  },
);

test('docs/app.md has a row for each variable', () => {
  const source = readFileSync(join(import.meta.dirname, '../../../src/doors/app/settings.ts'), 'utf8');
  const page = readFileSync(join(import.meta.dirname, '../../../docs/app.md'), 'utf8');
  const names = new Set(source.match(/\b[A-Z]+_[A-Z]+\b|\bTHROTTLE\b|\bPARALLEL\b/g));
  for (const name of names) expect(page, name).toContain(`| \`${name}\``);
});
