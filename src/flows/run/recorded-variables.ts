import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { isSecretVariable } from '../../domain/secret-name.ts';

/** The asked-for variables and their values; null where one is not set. Values of secrets are never written down. */
export function recordedVariables(
  names: readonly string[],
  environment: Readonly<{ [name: string]: string | undefined }>,
): { recorded: RecordAtom['program']['environment']; notes: string[] } {
  const recorded: { [name: string]: string | null } = {};
  const notes: string[] = [];
  for (const name of names) {
    const value = environment[name];
    if (value !== undefined && isSecretVariable(name)) {
      recorded[name] = '***';
      notes.push(`the value of ${name} is not recorded, since its name says that it is a secret`);
    } else {
      recorded[name] = value ?? null;
    }
  }
  return { recorded, notes };
}
