import { branchName } from '../../domain/branch-layout.ts';
import { describeFaults } from '../../domain/documents.ts';
import type { Proposition } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { isRecordId } from '../../domain/record-id.ts';
import type { Assessed } from '../../domain/table-1.ts';
import { readYaml } from '../../domain/yaml-reading.ts';
import { commandWords } from './command-words.ts';
import { inputVariable, linesOf, secretInputs } from './secrets.ts';

/** The inputs of action.yml, read and checked. */
export interface Inputs {
  /** Empty: `command:` of corroborate.yml. */
  readonly command: readonly string[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly environment: readonly string[];
  readonly container: string | null;
  readonly branch: string;
  readonly toward: string | null;
  /** What is run again: a record's whole id, `latest`, or `agreed`; null: the command. */
  readonly reproduce: string | null;
  /** How many records of `agreed` are run again at most. */
  readonly limit: number;
  readonly request: boolean;
  readonly method: string;
  readonly options: Readonly<{ [name: string]: unknown }>;
  readonly proposition: Proposition | null;
  readonly observation: string | null;
  readonly reason: string;
  readonly tags: readonly string[];
  readonly redact: readonly string[];
  readonly checkpoints: 'end' | 'every';
  readonly failOn: readonly Assessed[];
  /** The folder with the files that other jobs left; null: run something. */
  readonly collect: string | null;
  readonly token: string;
}

const propositions: readonly Proposition[] = ['repeated', 'reproduced', 'non-repeated', 'non-reproduced'];
const assessments: readonly Assessed[] = ['repeatable', 'reproducible', 'non-repeatable', 'unknown'];

/** @throws Problem USAGE that names the input */
export function readInputs(environment: NodeJS.ProcessEnv): Inputs {
  const text = (name: string) => environment[inputVariable(name)]?.trim() ?? '';
  const textOrNull = (name: string) => (text(name) === '' ? null : text(name));
  const lines = (name: string) => linesOf(text(name));
  const { token, redact } = secretInputs(environment);
  const checkpoints = oneOf('checkpoints', text('checkpoints') || 'end', ['end', 'every'] as const);
  const proposition = textOrNull('proposition');
  const toward = recordOf('toward', textOrNull('toward'), ['latest']);
  const reproduce = recordOf('reproduce', textOrNull('reproduce'), ['latest', 'agreed']);
  const request = booleanOf('request', text('request'));
  const failOn = lines('fail-on').map(word => oneOf('fail-on', word, assessments));
  if (toward === null && reproduce === null && (request || failOn.length > 0 || proposition !== null)) {
    const name = request ? 'request' : failOn.length > 0 ? 'fail-on' : 'proposition';
    throw usage(
      name,
      'says something of a comparison, and there is none without `toward` or `reproduce`: name a record, or `latest`',
    );
  }
  if (reproduce !== null) {
    const told = ['command', 'environment', 'toward', 'collect'].find(name => text(name) !== '');
    if (told !== undefined) throw usage(told, 'has no place beside `reproduce`: the record tells that');
  }
  if (token === '') throw usage('token', 'is empty: leave it out for the token of the workflow');
  return {
    command: text('command') === '' ? [] : commandWords(text('command')),
    inputs: lines('inputs'),
    outputs: lines('outputs'),
    environment: lines('environment'),
    container: textOrNull('container'),
    branch: branchOf(text('branch') || branchName),
    toward,
    reproduce,
    limit: numberOf('limit', text('limit') || '5'),
    request,
    method: text('method') || 'default',
    options: optionsOf(text('options')),
    proposition: proposition === null ? null : oneOf('proposition', proposition, propositions),
    observation: textOrNull('observation'),
    reason: text('reason'),
    tags: lines('tags'),
    redact,
    checkpoints,
    failOn,
    collect: textOrNull('collect'),
    token,
  };
}

function recordOf(name: string, word: string | null, words: readonly string[]): string | null {
  if (word === null || words.includes(word) || isRecordId(word)) return word;
  const known = words.map(one => `\`${one}\``).join(', ');
  throw usage(name, `is ${JSON.stringify(word)}; it may be ${known}, or the whole id of a record`);
}

function numberOf(name: string, word: string): number {
  if (/^[1-9]\d{0,5}$/.test(word)) return Number(word);
  throw usage(name, `is ${JSON.stringify(word)}, which is no number of records`);
}

function oneOf<T extends string>(name: string, word: string, words: readonly T[]): T {
  const found = words.find(one => one === word);
  if (found !== undefined) return found;
  throw usage(name, `is ${JSON.stringify(word)}; it may be ${words.join(', ')}`);
}

/** As YAML 1.2's core schema has it, and GitHub's own Actions. */
function booleanOf(name: string, word: string): boolean {
  if (/^(?:true|True|TRUE)$/.test(word)) return true;
  if (/^(?:|false|False|FALSE)$/.test(word)) return false;
  throw usage(name, `is ${JSON.stringify(word)}; it may be true or false`);
}

/** What git refuses as a name of a branch (git-check-ref-format), and what no address of GitHub's could hold. */
function branchOf(name: string): string {
  const isFine =
    /^[^\s~^:?*[\\\u0000-\u001f\u007f]+$/.test(name) &&
    !/^[-/.]|\.\.|\/\/|\/\.|@\{|\.lock(?:\/|$)|[/.]$|^@$|^refs\//.test(name);
  if (isFine) return name;
  throw usage('branch', `is ${JSON.stringify(name)}, which is no name of a branch`);
}

function optionsOf(text: string): Inputs['options'] {
  if (text === '') return {};
  const reading = readYaml(new TextEncoder().encode(text), 'options');
  if (!('value' in reading)) throw usage('options', `is no YAML: ${describeFaults(reading.faults)}`);
  const { value } = reading;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Inputs['options'];
  throw usage('options', 'holds no options: write name and value, as `rtol: 1e-9`, one a line');
}

function usage(name: string, because: string): Problem {
  return new Problem('USAGE', `the input \`${name}\` ${because}.`);
}
