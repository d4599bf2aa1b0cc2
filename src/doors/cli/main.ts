import { Problem } from '../../domain/problem.ts';
import type { Call, Command, Flags } from './command.ts';
import { commands } from './commands.ts';
import { plain, plainLines, Terminal } from './terminal.ts';

/** Exit codes of `run` are the simulation's, so its own failures have codes of their own, as `env` and `timeout` do. */
const runExitCodes: Readonly<{ [code: string]: number }> = {
  COMMAND_NOT_FOUND: 127,
  COMMAND_NOT_EXECUTABLE: 126,
  USAGE: 2,
};

/** Parses, calls one command, and turns what went wrong into a sentence and an exit code. */
export async function main(args: readonly string[], outside: NodeJS.Process): Promise<number> {
  const terminal = new Terminal(outside.stdout, outside.stderr, outside.env);
  let unwritten: NodeJS.ErrnoException | null = null;
  outside.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `| head` closes the pipe early: that is no failure.
    if (error.code !== 'EPIPE') unwritten ??= error;
  });
  // Nobody is left to be told.
  outside.stderr.on('error', () => {});
  const code = await answer(args, outside, terminal);
  // What could not be written is told behind all that was.
  await new Promise<void>(written => outside.stdout.write('', () => written()));
  if (unwritten === null) return code;
  const why = new Problem('NO_SPACE', `the answer could not be written to stdout: ${(unwritten as Error).message}.`);
  return code || tell(why, args[0] ?? '', terminal);
}

async function answer(args: readonly string[], outside: NodeJS.Process, terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = args;
  try {
    if (name === '--help' || name === '-h' || name === 'help') return await help(rest[0], terminal);
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load)
      throw new Problem('USAGE', `there is no command ${JSON.stringify(name)}. \`corroborate --help\` lists them.`);
    const command = await load();
    if (asksForHelp(rest, command.words === 'rest')) return await help(name, terminal);
    const { parseCommand } = await import('./parse.ts');
    const call: Call = {
      ...parseCommand(command, rest, await methodFlagsOf(command)),
      terminal,
      environment: outside.env,
      folder: currentFolder(outside),
      // Loaded when it is asked for: it takes 4 ms.
      chance: {
        now: () => new Date(),
        randomBytes: count => process.getBuiltinModule('node:crypto').randomBytes(count),
      },
    };
    return await command.run(call);
  } catch (cause) {
    terminal.done();
    return await tell(cause, name, terminal);
  }
}

/** @throws Problem NOT_FOUND where it was removed under the shell's feet */
function currentFolder(outside: NodeJS.Process): string {
  try {
    return outside.cwd();
  } catch (cause) {
    throw new Problem('NOT_FOUND', 'the folder that you are in was removed: `cd` to one that is there.', { cause });
  }
}

function asksForHelp(args: readonly string[], firstOnly: boolean): boolean {
  const own = firstOnly ? args.slice(0, 1) : args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  return own.includes('--help') || own.includes('-h');
}

/** The methods are loaded for the commands that take their options, and for no other. */
async function methodFlagsOf(command: Command): Promise<Flags> {
  return command.methodFlags ? (await import('./method-flags.ts')).methodFlags() : {};
}

async function help(name: string | undefined, terminal: Terminal): Promise<number> {
  const { helpOf, overview } = await import('./help.ts');
  if (name === undefined) {
    terminal.write(overview(await Promise.all(Object.values(commands).map(load => load())), terminal));
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load)
    throw new Problem('USAGE', `there is no command ${JSON.stringify(name)}. \`corroborate --help\` lists them.`);
  const command = await load();
  terminal.write(helpOf(command, terminal, await methodFlagsOf(command)));
  return 0;
}

async function tell(cause: unknown, command: string, terminal: Terminal): Promise<number> {
  if (cause instanceof Problem) {
    terminal.say(`${terminal.paint('red', 'corroborate:')} ${plainLines(cause.message)}`);
    if (cause.faults.length > 1) {
      const { describeFaults } = await import('../../domain/documents.ts');
      for (const fault of cause.faults) terminal.say(`  ${plain(`${fault.path}: ${describeFaults([fault])}`)}`);
    }
    if (command === 'run') return runExitCodes[cause.code] ?? 125;
    return cause.code === 'USAGE' ? 2 : 1;
  }
  const error = cause instanceof Error ? cause : new Error(String(cause));
  terminal.say(
    `${terminal.paint('red', 'corroborate:')} a defect of Corroborate's own: ${error.message}. Please report it with the lines below.`,
  );
  terminal.say(error.stack ?? '');
  return command === 'run' ? 125 : 1;
}
