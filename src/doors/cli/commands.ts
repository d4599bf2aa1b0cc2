import type { Command } from './command.ts';

/** Every command, loaded when it is called: start-up stays near that of node itself. In the order of a claim's life. */
export const commands: Readonly<{ [name: string]: () => Promise<Command> }> = {
  init: async () => (await import('./init.ts')).init,
  run: async () => (await import('./run.ts')).run,
  container: async () => (await import('./container.ts')).container,
  list: async () => (await import('./list.ts')).list,
  show: async () => (await import('./show.ts')).show,
  compare: async () => (await import('./compare.ts')).compare,
  reproduce: async () => (await import('./reproduce.ts')).reproduce,
  request: async () => (await import('./request.ts')).request,
  requests: async () => (await import('./requests.ts')).requests,
  check: async () => (await import('./check.ts')).check,
  agree: async () => (await import('./agree.ts')).agree,
  deny: async () => (await import('./deny.ts')).deny,
  report: async () => (await import('./report.ts')).report,
  verify: async () => (await import('./verify.ts')).verify,
  recover: async () => (await import('./recover.ts')).recover,
  push: async () => (await import('./push.ts')).push,
  pull: async () => (await import('./pull.ts')).pull,
};
