import { expect, test } from 'vitest';
import { listen } from '../../../src/doors/app/deliveries.ts';
import { Metrics } from '../../../src/doors/app/metrics.ts';
import { PullRequestMemory } from '../../../src/doors/app/pull-request-memory.ts';
import { manifest } from '../../support/app-process.ts';

/** GitHub sends these to every App, and takes them in no list. */
const always = ['installation', 'installation_repositories'];

test('app.yml asks for the events that are listened to, and for no other', () => {
  const heard = new Set<string>();
  const nothing = () => {};
  const app = {
    on: (names: string | readonly string[]) => {
      for (const name of [names].flat()) heard.add(name.split('.')[0]!);
    },
    onAny: nothing,
  };
  const listening = { add: nothing, sweep: nothing, forget: nothing, metrics: new Metrics() };
  listen(app as never, { ...listening, branch: 'records', memory: new PullRequestMemory() });
  expect([...heard].filter(name => !always.includes(name)).sort()).toEqual([...manifest.default_events].sort());
});

test('app.yml asks for five permissions, of which three are to write', () => {
  expect(manifest.default_permissions).toEqual({
    actions: 'read',
    checks: 'write',
    contents: 'write',
    metadata: 'read',
    pull_requests: 'write',
  });
});
