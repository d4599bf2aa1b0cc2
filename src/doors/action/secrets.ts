import { secretsAmong } from '../../domain/redaction.ts';

/**
 * What must stand nowhere (design, section 8): the token, also in the form in which git's configuration has it; the
 * values of `redact`; the variables that were asked for and are secrets by name.
 */
export function secretsOf(
  { token, redact }: { readonly token: string; readonly redact: readonly string[] },
  names: readonly string[],
  environment: NodeJS.ProcessEnv,
): string[] {
  const basic = token === '' ? [] : [token, Buffer.from(`x-access-token:${token}`).toString('base64')];
  return [...basic, ...redact, ...secretsAmong(names, environment)].filter(secret => secret.trim() !== '');
}
