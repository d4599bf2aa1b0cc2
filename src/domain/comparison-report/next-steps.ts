import type { FileResult } from '../generated/shapes.ts';
import { quotedWord } from '../quoted-word.ts';
import { plural } from '../wording.ts';
import { type ComparisonReport, type GivenOption, numberText, shortened } from './comparison-report.ts';
import { passingFlags } from './file-facts.ts';

/** What may be done now; `command` is to be copied, and holds nothing of anyone's making but the two names. */
export interface NextStep {
  readonly sentence: string;
  readonly command: string | null;
}

/**
 * What a scientist can do with this comparison, the nearest first.
 * @param isClaimed the diff request is open already
 */
export function nextSteps(report: ComparisonReport, isClaimed = false): NextStep[] {
  const { comparison, failed } = report;
  if (failed !== null)
    return [{ sentence: `Nothing was compared, so nothing can be claimed: ${shortened(failed, 500)}`, command: null }];
  const differing = comparison.files.filter(file => !file.same);
  const onBoth = differing.filter(
    file => !comparison.missing.includes(file.path) && !comparison.extra.includes(file.path),
  );
  return [
    ...(onBoth.length > 0
      ? [...otherMethods(report, onBoth), ...tolerance(report, onBoth), ...beyondTolerance(report, onBoth)]
      : []),
    ...oneSided(report),
    ...unsettled(report),
    ...causes(report),
    ...(isClaimed ? [] : claim(report)),
  ];
}

/** The one tolerance under which all files of both sides would be the same. */
function tolerance(report: ComparisonReport, files: readonly FileResult[]): NextStep[] {
  const helped = files.flatMap(file => {
    const [flag, value] = passingFlags(file)?.split(' ') ?? [];
    // A distance that is a good part of the file is no tolerance.
    const isSmall = file.similarity === undefined || (file.similarity ?? 0) >= 0.99;
    return flag !== undefined && isSmall ? [{ flag, value: Number(value) }] : [];
  });
  if (helped.length === 0) return [];
  // Each file's is the least with all other options as they are, and raising one more undoes none: together they pass.
  const least = [...new Set(helped.map(one => one.flag))].sort().map(flag => {
    const option = flag.slice(2).replaceAll('-', '_');
    const value = Math.max(...helped.filter(one => one.flag === flag).map(one => one.value));
    const now = report.comparison.method.options[option];
    const set = typeof now === 'number' ? ` (now ${numberText(now)})` : '';
    return { option, value, text: `${flag} ${numberText(value)}${set}` };
  });
  const who =
    helped.length === files.length
      ? whole(files.length, report)
      : `${helped.length} of the ${files.length} files that differ by content`;
  const steps = [
    {
      sentence: `${who} would pass with ${least.map(({ text }) => text).join(' and ')}. Whether that is still the same result is for you to judge.`,
      command: compareCommand(report, methodFlags(report, ...least)),
    },
  ];
  const isRelative = least.length === 1 && least[0]!.option === 'rtol';
  return isRelative && helped.length === files.length ? [...steps, ...absolute(report, files)] : steps;
}

/** What differs in its form, in words or in names: which options leave it out. */
function beyondTolerance(report: ComparisonReport, files: readonly FileResult[]): NextStep[] {
  const { name } = report.comparison.method;
  const open = new Set(report.unsettled.map(({ path }) => path));
  const beyond = files.filter(file => passingFlags(file) === null && !open.has(file.path));
  if (beyond.length === 0) return [];
  const count = plural(beyond.length, 'file differs', 'files differ');
  if (name === 'numeric') {
    const sentence = `${count} in what no tolerance covers; "because" says in what. --ignore-columns and --columns leave columns or arrays out, and --key matches rows by a column.`;
    return [{ sentence, command: null }];
  }
  const place = beyond.find(file => file.first)?.first?.at;
  if (name !== 'structured' || place === undefined) return [];
  return [
    {
      sentence: `${count} in a value. Where that may be another in each run, leave it out with --ignore; * stands for any one step.`,
      command: null,
    },
  ];
}

/** Relative differences of numbers near 0 are large whatever they mean: an absolute tolerance then says more. */
function absolute(report: ComparisonReport, files: readonly FileResult[]): NextStep[] {
  const { options } = report.comparison.method;
  const hasOwn = Object.keys({ ...(options.column_atol ?? {}), ...(options.column_rtol ?? {}) }).length > 0;
  const largest = files.map(file => file.max_abs);
  const near0 = files.some(file => typeof file.max_rel === 'number' && file.max_rel > 1e-3);
  if (hasOwn || !near0 || !largest.every(value => typeof value === 'number')) return [];
  const least = roundedUp(Math.max(...largest));
  return [
    {
      sentence: `Relative differences grow near 0; in absolute terms --atol ${numberText(least)} would pass too.`,
      command: compareCommand(report, methodFlags(report, { option: 'atol', value: least })),
    },
  ];
}

/** To four digits, never below. */
function roundedUp(value: number): number {
  const near = Number(value.toPrecision(4));
  return near >= value ? near : Number((value + 10 ** (Math.floor(Math.log10(value)) - 3)).toPrecision(4));
}

function whole(count: number, { comparison }: ComparisonReport): string {
  if (count === 1) return 'The file that differs by content';
  const isAll = comparison.missing.length + comparison.extra.length === 0;
  return `All ${count} files that differ${isAll ? '' : ' by content'}`;
}

function otherMethods(report: ComparisonReport, files: readonly FileResult[]): NextStep[] {
  const seen = files.map(file => report.evidence.get(file.path));
  const steps: NextStep[] = [];
  const { method, name } = report.comparison.method;
  const numbers = seen.filter(evidence => evidence?.numbers).length;
  const images = seen.filter(evidence => evidence?.images).length;
  if (numbers > 0 && name !== 'numeric') {
    steps.push({
      sentence: `${plural(numbers, 'file holds', 'files hold')} numbers: compare them within a tolerance.`,
      command: compareCommand(report, ' --method numeric'),
    });
  }
  if (images > 0 && name !== 'image') {
    steps.push({
      sentence: `${plural(images, 'file is an image', 'files are images')}: compare the pixels.`,
      command: compareCommand(report, ' --method image'),
    });
  }
  if (images > 0 || method === 'visual') {
    steps.push({
      sentence: 'Look at them side by side.',
      command: compareCommand(report, `${methodFlags(report)} --output report.html`),
    });
  }
  return steps;
}

function oneSided({ comparison }: ComparisonReport): NextStep[] {
  const { missing, extra } = comparison;
  if (missing.length + extra.length === 0) return [];
  const sides = [
    ...(missing.length > 0 ? [`${plural(missing.length, 'file')} only toward has`] : []),
    ...(extra.length > 0 ? [`${plural(extra.length, 'file')} only from has`] : []),
  ];
  return [{ sentence: `No tolerance helps where one side lacks a file: ${sides.join(', ')}.`, command: null }];
}

/** Content that is not stored, budgets that ended, what only a person can say. */
function unsettled({ unsettled: open }: ComparisonReport): NextStep[] {
  const [first] = open;
  if (!first) return [];
  const count = plural(open.length, 'result is', 'results are');
  const because = `${shortened(first.path, 100)}: ${shortened(first.because, 300)}`;
  return [
    { sentence: `${count} not the last word, and would rest on the requester's word: ${because}`, command: null },
  ];
}

function causes({ comparison, inputDifferences }: ComparisonReport): NextStep[] {
  if (comparison.same) return [];
  const dependencies = comparison.dependencies.filter(row => !row.same).length;
  const system = comparison.system.filter(row => !row.same).length;
  const differences = [
    ...(comparison.source === 'different' ? ['the source'] : []),
    ...(inputDifferences.length > 0 ? [plural(inputDifferences.length, 'input')] : []),
    ...(dependencies > 0 ? [plural(dependencies, 'dependency', 'dependencies')] : []),
    ...(system > 0 ? [plural(system, 'property of the machine', 'properties of the machine')] : []),
  ];
  if (differences.length === 0) return [];
  return [
    {
      sentence: `What may have caused it: ${differences.join(', ')} ${differences.length === 1 && /^(?:1 |\D)/.test(differences[0]!) ? 'differs' : 'differ'}.`,
      command: null,
    },
  ];
}

/** Table 1's only claim. */
function claim(report: ComparisonReport): NextStep[] {
  const { proposition, method, same } = report.comparison;
  if (proposition === null) return [];
  const observation =
    method.method === 'visual' || proposition === 'non-reproduced' ? ' --observation "what you saw"' : '';
  return [
    {
      sentence: same
        ? `To say so to the owner of the targeted record, propose "${proposition}".`
        : `If that is your result, propose "${proposition}": nothing else may be claimed of it.`,
      command: `corroborate request ${names(report)}${methodFlags(report)}${observation}`,
    },
  ];
}

function compareCommand(report: ComparisonReport, flags: string): string {
  return `corroborate compare ${names(report)}${flags}`;
}

/** The method and its options as flags, some of them with other values. */
function methodFlags({ method }: ComparisonReport, ...changed: readonly GivenOption[]): string {
  const given = method.given.filter(({ option }) => !changed.some(one => one.option === option));
  const flags = [...given, ...changed].flatMap(flagsOf);
  return [...(method.name === 'default' ? [] : [`--method ${method.name}`]), ...flags].map(flag => ` ${flag}`).join('');
}

function flagsOf({ option, value }: GivenOption): string[] {
  const flag = option.replaceAll('_', '-');
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`];
  if (Array.isArray(value)) return value.map(entry => `--${flag} ${shellWord(String(entry))}`);
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([name, number]) => `--${flag} ${shellWord(`${name}=${numberText(number)}`)}`);
  }
  return [`--${flag} ${shellWord(numberText(value as number | string))}`];
}

function names({ comparison }: ComparisonReport): string {
  return [comparison.from, comparison.toward].map(shellWord).join(' ');
}

export function shellWord(word: string): string {
  return /^[\w@{}.,:/=+-]+$/.test(word) && !word.startsWith('-') ? word : quotedWord(word);
}
