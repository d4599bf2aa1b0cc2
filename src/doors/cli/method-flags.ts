import { tmpdir } from 'node:os';
import type { Method, OptionSpec, Options } from '../../differentiation/method.ts';
import { methods, nameOf, readOptions } from '../../differentiation/registry.ts';
import { Problem } from '../../domain/problem.ts';
import { chooseMethod, type OwnCode } from '../../flows/choose-method.ts';
import { loadMethodPackage } from '../../machine/method-package.ts';
import { runComparison } from '../../machine/process/comparison-program.ts';
import { type Clone, openClone } from './clone.ts';
import { type Call, type Flags, text, texts } from './command.ts';
import { withProgress } from './method-progress.ts';
import { splitWords } from './split-words.ts';

/** Every option of every method as a flag: kebab-case, lists repeat it (design, section 8). */
export function methodFlags(): Flags {
  const flags: { [name: string]: Flags[string] } = {};
  for (const method of methods) {
    for (const spec of method.options) {
      const name = spec.name.replaceAll('_', '-');
      const known = flags[name];
      const help = `${nameOf(method)}: ${spec.promise}`;
      flags[name] = known
        ? { ...known, help: `${known.help} ${help}` }
        : {
            type: spec.type === 'boolean' ? 'boolean' : 'string',
            negatable: spec.type === 'boolean',
            multiple: isList(spec),
            value: valueNames[spec.type],
            help,
          };
    }
  }
  return {
    ...flags,
    option: {
      type: 'string',
      multiple: true,
      value: 'NAME=VALUE',
      help: 'an option, by its name in snake_case, of a method that an npm package brings; a list repeats it',
    },
  };
}

/** How the value of an option is called in the help text. */
const valueNames: Readonly<{ [type in OptionSpec['type']]: string }> = {
  number: 'N',
  boolean: '',
  text: 'TEXT',
  texts: 'TEXT',
  'number-or-text': 'N',
  'numbers-by-name': 'NAME=N',
};

/** The flag that names the method, for the commands that compare. */
export const methodFlag: Flags = {
  method: {
    type: 'string',
    short: 'm',
    value: 'METHOD',
    help: `how outputs are compared: ${methods.map(nameOf).join(', ')}, or one that an npm package brings (docs/methods.md); without it default, the Levenshtein distance being 0`,
  },
};

function isList(spec: OptionSpec): boolean {
  return spec.type === 'texts' || spec.type === 'numbers-by-name';
}

/**
 * The method that `--method` names and its options from the flags. It may run the code of the person who typed it: his
 * program (`--command`), or an npm package that his corroborate.yml lists.
 * @throws Problem USAGE for an unknown method, or an option that is not the method's own
 */
export async function methodOf(call: Call): Promise<{ method: Method; options: Options }> {
  const method = await chooseMethod(text(call, 'method') ?? 'default', ownCode(call));
  const given: { [name: string]: unknown } = {};
  const known = new Set(Object.keys(methodFlags()));
  for (const [flag, value] of Object.entries(call.values)) {
    const name = flag.replaceAll('-', '_');
    if (value === undefined || flag === 'option' || !known.has(flag)) continue;
    const spec = method.options.find(option => option.name === name);
    if (!spec) throw new Problem('USAGE', `--${flag} is no option of the method ${nameOf(method)}`);
    given[name] = spec.type === 'numbers-by-name' ? byName(flag, value as string[]) : value;
  }
  for (const [name, values] of namedOptions(texts(call, 'option'))) {
    if (Object.hasOwn(given, name)) throw new Problem('USAGE', `the option ${name} was given twice`);
    given[name] = values.length === 1 ? values[0] : values;
  }
  // A program with its words may be given as one text, as in a shell, or word by word.
  if (Array.isArray(given.command) && given.command.length === 1) given.command = splitWords(given.command[0]);
  const options = readOptions(method, given);
  return { method: withProgress(method, call.terminal, () => performance.now()), options };
}

function ownCode(call: Call): OwnCode {
  const world = { cwd: call.folder, environment: call.environment, temporaryFolder: tmpdir() };
  let clone: Promise<Clone> | undefined;
  const opened = () => {
    clone ??= openClone(call);
    return clone;
  };
  return {
    run: (command, sides, seconds) => runComparison(command, sides, seconds, world),
    async listed() {
      try {
        return (await opened()).configuration.compare?.methods ?? [];
      } catch (cause) {
        if (cause instanceof Problem && cause.code === 'NOT_A_REPOSITORY') return [];
        throw cause;
      }
    },
    load: async entry => loadMethodPackage((await opened()).topLevel, entry),
  };
}

/** `--option window=0.1`, repeated for more options and for lists. */
function namedOptions(words: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  for (const word of words) {
    const [, name, value] = /^([a-z][a-z0-9_]*)=([\s\S]*)$/.exec(word) ?? [];
    if (name === undefined || value === undefined)
      throw new Problem('USAGE', `--option takes NAME=VALUE, the name in snake_case, not ${JSON.stringify(word)}`);
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}

/** `--column-rtol energy=1e-3`, repeated. */
function byName(flag: string, values: readonly string[]): { [name: string]: string } {
  return Object.fromEntries(
    values.map(value => {
      const at = value.lastIndexOf('=');
      if (at < 1) throw new Problem('USAGE', `--${flag} takes NAME=NUMBER, not ${JSON.stringify(value)}`);
      return [value.slice(0, at), value.slice(at + 1)];
    }),
  );
}
