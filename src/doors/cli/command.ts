import type { Chance } from '../../flows/world.ts';
import type { Terminal } from './terminal.ts';

/** One flag of a command, as `node:util` parses it and the help text shows it. */
export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** A boolean that `--no-…` sets to false, other than leaving it away. */
  readonly negatable?: boolean;
  readonly short?: string;
  /** How the value is called in the help text, e.g. GLOB. */
  readonly value?: string;
  readonly help: string;
}

export type Flags = Readonly<{ [name: string]: Flag }>;

/** What a command is called with. Everything of the outside that it may use is in here. */
export interface Call {
  readonly values: Readonly<{ [name: string]: string | boolean | (string | boolean)[] | undefined }>;
  readonly words: readonly string[];
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly chance: Chance;
}

export interface Command {
  readonly name: string;
  /** What follows the name, e.g. `FROM TOWARD [--method M]`. */
  readonly synopsis: string;
  /** One line. */
  readonly summary: string;
  /** Paragraphs for the command's own help text. */
  readonly details: readonly string[];
  readonly flags: Flags;
  /** Command lines to copy, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Least and most words; `rest` leaves everything from the first word on alone (`run`). */
  readonly words: readonly [number, number] | 'rest';
  /** Whether flags that are not in `flags` are allowed: those of a differentiation method. */
  readonly methodFlags?: boolean;
  /** @returns the exit code */
  run(call: Call): Promise<number>;
}

export function text(call: Call, name: string): string | null {
  const value = call.values[name];
  return typeof value === 'string' ? value : null;
}

export function texts(call: Call, name: string): string[] {
  const value = call.values[name];
  if (Array.isArray(value)) return value.filter(item => typeof item === 'string');
  return typeof value === 'string' ? [value] : [];
}

export function flag(call: Call, name: string): boolean {
  return call.values[name] === true;
}

export const jsonFlag: Flags = { json: { type: 'boolean', help: 'print one JSON document on stdout' } };
