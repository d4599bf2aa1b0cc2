import { secretsAmong } from '../../domain/redaction.ts';

/**
 * What must stand nowhere (design, section 8): the token, also in the forms in which git's configuration and a
 * container engine's have it; the values of `redact`; the variables that were asked for and are secrets by name.
 */
export function secretsOf(
  { token, redact }: { readonly token: string; readonly redact: readonly string[] },
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): string[] {
  const users = ['x-access-token', environment.GITHUB_ACTOR ?? ''];
  const basic = token === '' ? [] : [token, ...users.map(user => Buffer.from(`${user}:${token}`).toString('base64'))];
  return [...basic, ...redact, ...secretsAmong(names, environment)].filter(secret => secret.trim() !== '');
}

/** The variable in which the runner hands an input over. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

/** What must be hidden before anything else is read, however wrong the rest is. */
export function secretInputs(environment: NodeJS.ProcessEnv): { readonly token: string; readonly redact: string[] } {
  const value = (name: string) => environment[inputVariable(name)]?.trim() ?? '';
  return { token: value('token'), redact: linesOf(value('redact')) };
}

/** Lists are one item a line. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '');
}
