import { parseArgs } from 'node:util';
import { Problem } from '../../domain/problem.ts';
import type { Call, Command, Flags } from './command.ts';

type Parsed = Pick<Call, 'values' | 'words'>;

/**
 * Reads a command's words and flags.
 * @throws Problem USAGE, naming what is off and where the help is
 */
export function parseCommand(command: Command, args: readonly string[], methodFlags: Flags): Parsed {
  const flags: Flags = { ...command.flags, ...(command.methodFlags ? methodFlags : {}) };
  const usage = (message: string) =>
    new Problem('USAGE', `${message} (\`corroborate ${command.name} --help\` tells more)`);
  const [own, rest] = command.words === 'rest' ? splitAtFirstWord(args, flags) : [args, []];
  if (own.length === 0 && command.words === 'rest') return { values: {}, words: rest };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({
      args: [...own],
      options: Object.fromEntries(
        Object.entries(flags).map(([name, { type, multiple, short }]) => [
          name,
          { type, multiple: multiple ?? false, ...(short ? { short } : {}) },
        ]),
      ),
      allowPositionals: true,
      allowNegative: true,
      strict: true,
    });
  } catch (cause) {
    const message = (cause as Error).message.split('. ')[0]!.replace(/\.$/, '');
    throw usage(`${command.name}: ${message}`);
  }
  const words = [...parsed.positionals, ...rest];
  if (command.words !== 'rest') {
    const [least, most] = command.words;
    if (words.length < least) throw usage(`${command.name} takes ${wanted(least, most)}, not ${words.length}`);
    if (words.length > most)
      throw usage(`${command.name} takes ${wanted(least, most)}; ${JSON.stringify(words[most])} is one too many`);
  }
  return { values: parsed.values, words };
}

function wanted(least: number, most: number): string {
  if (least === most) return least === 1 ? 'one word' : `${least} words`;
  return most === Number.POSITIVE_INFINITY ? `at least ${least} words` : `${least} to ${most} words`;
}

/** Flags end at the first word: what follows is the simulation's own command line, whatever it looks like. */
function splitAtFirstWord(args: readonly string[], flags: Flags): [readonly string[], readonly string[]] {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--') return [args.slice(0, index), args.slice(index + 1)];
    if (!arg.startsWith('-') || arg === '-') return [args.slice(0, index), args.slice(index)];
    const name = arg.startsWith('--') ? arg.slice(2) : Object.keys(flags).find(key => flags[key]!.short === arg[1]);
    const takesValue =
      name !== undefined && !name.includes('=') && Object.hasOwn(flags, name) && flags[name]!.type === 'string';
    if (takesValue && (arg.startsWith('--') || arg.length === 2)) index++;
  }
  return [args, []];
}
