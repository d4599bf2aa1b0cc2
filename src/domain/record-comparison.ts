import type { Dependency, RecordAtom, RecordedFile, Sha256 } from './generated/shapes.ts';
import type { Sameness } from './table-1.ts';

/** One thing about the inputs that two runs do not share, in words; empty where the inputs are the same. */
export interface InputsComparison {
  readonly inputs: Sameness;
  readonly differences: readonly string[];
}

export function compareSource(from: RecordAtom, toward: RecordAtom): Sameness {
  return from.program.source === toward.program.source ? 'same' : 'different';
}

/**
 * Inputs are the same when the same paths have the same sha256, and the arguments after the executable, the stdin and
 * the asked-for environment variables are the same (design, section 4).
 */
export function compareInputs(from: RecordAtom, toward: RecordAtom): InputsComparison {
  const differences: string[] = [];
  const mine = digests(from.inputs);
  const theirs = digests(toward.inputs);
  for (const path of union(mine.keys(), theirs.keys())) {
    if (!theirs.has(path)) differences.push(`${path} is an input of from only`);
    else if (!mine.has(path)) differences.push(`${path} is an input of toward only`);
    else if (mine.get(path) !== theirs.get(path)) differences.push(`${path} has other content`);
  }
  const [ours, other] = [from.program.command.slice(1), toward.program.command.slice(1)];
  if (ours.length !== other.length || ours.some((word, index) => word !== other[index])) {
    differences.push(`the arguments are ${JSON.stringify(ours)} and ${JSON.stringify(other)}`);
  }
  const [stdin, otherStdin] = [from.program.stdin, toward.program.stdin];
  if (stdin?.sha256 !== otherStdin?.sha256) differences.push('standard input has other content');
  const [variables, otherVariables] = [from.program.environment, toward.program.environment];
  for (const name of union(Object.keys(variables), Object.keys(otherVariables))) {
    const [value, otherValue] = [variableText(variables, name), variableText(otherVariables, name)];
    if (value !== otherValue) differences.push(`the variable ${name} is ${value} and ${otherValue}`);
  }
  return { inputs: differences.length === 0 ? 'same' : 'different', differences };
}

function digests(files: readonly RecordedFile[]): Map<string, Sha256> {
  return new Map(files.map(file => [file.path, file.sha256]));
}

function union(one: Iterable<string>, other: Iterable<string>): string[] {
  return [...new Set([...one, ...other])].sort();
}

function variableText(variables: RecordAtom['program']['environment'], name: string): string {
  if (!Object.hasOwn(variables, name)) return 'not asked for';
  const value = variables[name];
  return value === null || value === undefined ? 'not set' : JSON.stringify(value);
}

/** One dependency on both sides; a side without it is null, one whose version nobody knows is 'unknown'. */
export interface DependencyComparison {
  readonly system: string;
  readonly name: string;
  readonly from: string | null;
  readonly toward: string | null;
  readonly same: boolean;
}

/** Never part of Table 1 (the paper calls them the cause of variation), so always shown: differences first. */
export function compareDependencies(from: RecordAtom, toward: RecordAtom): DependencyComparison[] {
  const [mine, theirs] = [versions(from.dependencies), versions(toward.dependencies)];
  return differencesFirst(
    union(mine.keys(), theirs.keys()).map(key => {
      const [system = '', name = ''] = key.split('\0');
      const [one, other] = [mine.get(key) ?? null, theirs.get(key) ?? null];
      return { system, name, from: one, toward: other, same: one === other };
    }),
  );
}

function versions(dependencies: readonly Dependency[]): Map<string, string> {
  return new Map(dependencies.map(({ system, name, version }) => [`${system}\0${name}`, version ?? 'unknown']));
}

export interface SystemComparison {
  readonly field: string;
  readonly from: string | number | null;
  readonly toward: string | number | null;
  readonly same: boolean;
}

export function compareSystems(from: RecordAtom, toward: RecordAtom): SystemComparison[] {
  const fields = Object.keys(from.system) as (keyof RecordAtom['system'])[];
  return differencesFirst(
    fields.map(field => {
      const [one, other] = [from.system[field], toward.system[field]];
      return { field, from: one, toward: other, same: one === other };
    }),
  );
}

function differencesFirst<T extends { readonly same: boolean }>(rows: readonly T[]): T[] {
  return [...rows.filter(row => !row.same), ...rows.filter(row => row.same)];
}
