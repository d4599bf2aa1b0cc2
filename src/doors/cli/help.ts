import type { Command, Flags } from './command.ts';
import type { Terminal } from './terminal.ts';

export function helpOf(command: Command, terminal: Terminal, methodFlags: Flags): string {
  const flags = Object.entries(command.flags);
  const name = `corroborate ${command.name}`;
  const [usage, ...moreUsage] = wrap(`${name} ${command.synopsis}`.trimEnd(), terminal.width, '  ');
  const lines = [
    terminal.paint('bold', name) + usage!.slice(name.length),
    ...moreUsage,
    '',
    ...wrap(command.summary, terminal.width),
    ...command.details.flatMap(paragraph => ['', ...wrap(paragraph, terminal.width)]),
  ];
  if (flags.length > 0) lines.push('', terminal.paint('bold', 'Flags'), ...flagLines(command.flags, terminal));
  if (command.methodFlags) {
    lines.push('', terminal.paint('bold', 'Options of the methods'), ...flagLines(methodFlags, terminal));
  }
  lines.push('', terminal.paint('bold', command.examples.length === 1 ? 'Example' : 'Examples'));
  for (const [line, what] of command.examples) lines.push(`  $ ${line}`, `    ${terminal.paint('dim', what)}`);
  return `${lines.join('\n')}\n`;
}

function flagLines(flags: Flags, terminal: Terminal): string[] {
  const names = Object.entries(flags).map(([name, flag]) => {
    const short = flag.short ? `-${flag.short}, ` : '';
    const no = flag.negatable ? '[no-]' : '';
    return [`  ${short}--${no}${name}${flag.type === 'string' ? ` ${flag.value ?? 'TEXT'}` : ''}`, flag] as const;
  });
  const left = Math.min(34, Math.max(...names.map(([shown]) => shown.length)) + 2);
  return names.flatMap(([shown, flag]) => {
    const [first = '', ...more] = wrap(
      `${flag.help}${flag.multiple ? ' (may be repeated)' : ''}`,
      terminal.width - left,
    );
    const head = shown.length >= left ? [shown, ' '.repeat(left) + first] : [shown.padEnd(left) + first];
    return [...head, ...more.map(line => ' '.repeat(left) + line)];
  });
}

export function overview(commands: readonly Command[], terminal: Terminal): string {
  const left = Math.max(...commands.map(command => command.name.length)) + 4;
  const rows = commands.flatMap(({ name, summary }) => {
    const [first, ...more] = wrap(summary, terminal.width - left);
    return [
      `  ${terminal.paint('cyan', name)}${' '.repeat(left - 2 - name.length)}${first}`,
      ...more.map(line => ' '.repeat(left) + line),
    ];
  });
  const paragraphs = [
    'Reproducibility records in git: record a simulation run where it happens, let somebody else repeat it, and let the two owners agree on what that showed.',
    '`corroborate COMMAND --help` tells all about one of them, with an example. `corroborate --version` tells its version.',
    'Exit codes: 0 done, 1 refused or not holding, 2 usage; `run` exits as the simulation did.',
  ].map(paragraph => wrap(paragraph, terminal.width).join('\n'));
  const [about, more, exits] = paragraphs;
  return `${[`${terminal.paint('bold', 'corroborate')} COMMAND …`, about, rows.join('\n'), more, exits].join('\n\n')}\n`;
}

/**
 * Breaks a paragraph at its spaces; what stands in square brackets stays together.
 * @param indent before every line but the first
 */
export function wrap(content: string, width: number, indent = ''): string[] {
  const most = Math.max(40, Math.min(width, 110));
  const lines: string[] = [];
  let line = '';
  for (const word of content.match(/\[[^\]]*\]…?|[^ ]+/g) ?? []) {
    if (line !== '' && line.length + 1 + word.length > most) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
