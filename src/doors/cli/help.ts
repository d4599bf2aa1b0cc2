import type { Command, Flags } from './command.ts';
import { type Terminal, table } from './terminal.ts';

export function helpOf(command: Command, terminal: Terminal, methodFlags: Flags): string {
  const flags = Object.entries(command.flags);
  const lines = [
    `${terminal.paint('bold', `corroborate ${command.name}`)} ${command.synopsis}`,
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
    return [`  ${short}--${name}${flag.type === 'string' ? ` ${flag.value ?? 'TEXT'}` : ''}`, flag] as const;
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
  const rows = commands.map(command => [`  ${terminal.paint('cyan', command.name)}`, command.summary]);
  return [
    `${terminal.paint('bold', 'corroborate')} COMMAND …`,
    '',
    'Reproducibility records in git: record a simulation run where it happens, let somebody else',
    'repeat it, and let the two owners agree on what that showed.',
    '',
    ...table(rows),
    '',
    `\`corroborate COMMAND --help\` tells all about one of them, with an example.`,
    'Exit codes: 0 done, 1 refused or not holding, 2 usage; `run` exits as the simulation did.',
    '',
  ].join('\n');
}

export function wrap(content: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of content.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > Math.max(40, Math.min(width, 110))) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
