import { commandMethodWith, type RunComparison } from '../differentiation/command-method.ts';
import type { Method } from '../differentiation/method.ts';
import { ownMethod } from '../differentiation/own-method.ts';
import { methodOfPackage, methods, nameOf, parseMethod } from '../differentiation/registry.ts';
import { Problem } from '../domain/problem.ts';

/** How the code of the person at work is run. Doors that act for others (the App, `check`, `agree`) never have one. */
export interface OwnCode {
  readonly run: RunComparison;
  /** `compare.methods` of the working tree's corroborate.yml. */
  readonly listed: () => Promise<readonly string[]>;
  /** The default export of an npm package that stands in the simulation's folder. */
  readonly load: (entry: string) => Promise<unknown>;
}

/**
 * The method that a person named: one of Corroborate's, `command` with the means to run it, or one that an npm package
 * brings which his own corroborate.yml lists. Never for a name that stands in somebody's request.
 * @throws Problem USAGE for a name of none, and those of `ownMethod` and of the package's loading
 */
export async function chooseMethod(word: string, own: OwnCode): Promise<Method> {
  if (word === 'command') return commandMethodWith(own.run);
  if (methods.some(method => nameOf(method) === word)) return parseMethod(word);
  const listed = await own.listed();
  const entries = listed.filter(entry => entry === word || methodOfPackage(entry) === word);
  const [entry] = entries;
  if (entry === undefined) {
    throw new Problem(
      'USAGE',
      `There is no method ${JSON.stringify(word)}. There are ${methods.map(nameOf).join(', ')}, and what the npm packages bring that compare.methods in corroborate.yml lists.`,
    );
  }
  if (entries.length > 1)
    throw new Problem(
      'USAGE',
      `compare.methods in corroborate.yml lists more than one ${word}: ${entries.join(', ')}.`,
    );
  return ownMethod(await own.load(entry), entry);
}
