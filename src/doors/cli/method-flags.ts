import type { Method, OptionSpec, Options } from '../../differentiation/method.ts';
import { methods, nameOf, parseMethod, readOptions } from '../../differentiation/registry.ts';
import { Problem } from '../../domain/problem.ts';
import type { Call, Flags } from './command.ts';
import { text } from './command.ts';

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
  return flags;
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
    help: `how outputs are compared: ${methods.map(nameOf).join(', ')}; without it default, the Levenshtein distance being 0`,
  },
};

function isList(spec: OptionSpec): boolean {
  return spec.type === 'texts' || spec.type === 'numbers-by-name';
}

/**
 * The method that `--method` names and its options from the flags.
 * @throws Problem USAGE for an unknown method, or an option that is not the method's own
 */
export function methodOf(call: Call): { method: Method; options: Options } {
  const method = parseMethod(text(call, 'method') ?? 'default');
  const given: { [name: string]: unknown } = {};
  const known = new Set(Object.keys(methodFlags()));
  for (const [flag, value] of Object.entries(call.values)) {
    const name = flag.replaceAll('-', '_');
    if (value === undefined || !known.has(flag)) continue;
    const spec = method.options.find(option => option.name === name);
    if (!spec) throw new Problem('USAGE', `--${flag} is no option of the method ${nameOf(method)}`);
    given[name] = spec.type === 'numbers-by-name' ? byName(flag, value as string[]) : value;
  }
  return { method, options: readOptions(method, given) };
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
