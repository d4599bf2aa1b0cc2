import type { ErrorObject } from 'ajv';

export type FieldPath = readonly (string | number)[];

/** A fault at a field, in words. */
export interface Finding {
  readonly at: FieldPath;
  readonly because: string;
}

const findingLimit = 100;

/**
 * What a schema's errors say of a value, in words, each once. Of the forms of an `oneOf` only the one is spoken of
 * that the value seems to be meant as.
 */
export function schemaFindings(errors: readonly ErrorObject[], value: unknown): Finding[] {
  // What is wrong with a name is said at the mapping that has it.
  const top = errors.filter(error => error.propertyName === undefined || error.keyword === 'propertyNames');
  let said = top.map(error => ({ error, because: because(error, valueAt(value, error.instancePath).value) }));
  for (const { error: outcome } of said.filter(({ error }) => error.keyword === 'oneOf')) {
    const others = said.filter(({ error }) => !isOfOneOf(error, outcome));
    const kept = nearestForm(
      said.map(({ error }) => error).filter(error => isOfOneOf(error, outcome) && error !== outcome),
      outcome,
    );
    said = [
      ...others,
      ...said.filter(({ error }) => kept.includes(error)),
      ...(kept.length > 0
        ? []
        : [{ error: outcome, because: noForm(errors, outcome, valueAt(value, outcome.instancePath).value) }]),
    ];
  }
  const findings = new Map<string, Finding>();
  for (const { error, because } of said) {
    const { at } = valueAt(value, error.instancePath);
    const field = error.keyword === 'additionalProperties' ? [...at, String(error.params.additionalProperty)] : at;
    findings.set(JSON.stringify([field, because]), { at: field, because });
  }
  const all = [...findings.values()];
  if (all.length <= findingLimit) return all;
  return [...all.slice(0, findingLimit), { at: [], because: `and ${all.length - findingLimit} more faults` }];
}

function isOfOneOf(error: ErrorObject, outcome: ErrorObject): boolean {
  return error.instancePath === outcome.instancePath || error.instancePath.startsWith(`${outcome.instancePath}/`);
}

/** The complaints of the form that the value comes nearest to; none where it has the type of no form, or of several. */
function nearestForm(inside: readonly ErrorObject[], outcome: ErrorObject): ErrorObject[] {
  const isOwn = (error: ErrorObject) => error.instancePath === outcome.instancePath;
  const candidates = inside.filter(error => !(isOwn(error) && (error.keyword === 'type' || error.keyword === 'enum')));
  const formOf = (error: ErrorObject) =>
    error.schemaPath.startsWith(`${outcome.schemaPath}/`)
      ? (error.schemaPath.slice(outcome.schemaPath.length + 1).split('/')[0] ?? null)
      : null;
  const own = new Map<string, number>();
  for (const error of candidates) {
    const form = formOf(error);
    if (form !== null) own.set(form, (own.get(form) ?? 0) + (isOwn(error) ? 1 : 0));
  }
  const least = Math.min(...own.values());
  const nearest = [...own].filter(([, count]) => count === least).map(([form]) => form);
  if (nearest.length > 1) return [];
  return candidates.filter(error => formOf(error) === null || formOf(error) === nearest[0]);
}

/** What would have done, where no form comes near: the types and words, or the fields of each form. */
function noForm(errors: readonly ErrorObject[], outcome: ErrorObject, value: unknown): string {
  const own = errors.filter(error => error.instancePath === outcome.instancePath);
  const missing = new Map<string, string[]>();
  for (const { keyword, schemaPath, params } of own) {
    if (keyword === 'required') missing.set(schemaPath, [...(missing.get(schemaPath) ?? []), params.missingProperty]);
  }
  if (missing.size > 0) {
    const forms = [...missing.values()].map(names => names.join(' and '));
    return `must have the fields of one form only; missing are ${forms.join(', or else ')}`;
  }
  const types = new Set(own.filter(error => error.keyword === 'type').flatMap(error => error.params.type));
  const words = own.filter(error => error.keyword === 'enum').flatMap(error => error.params.allowedValues);
  return `must be ${[...types, ...words].join(' or ')}${instead([...types], value)}`;
}

function because({ keyword, params, message }: ErrorObject, value: unknown): string {
  switch (keyword) {
    case 'additionalProperties':
      return 'there is no such field';
    case 'required':
      return `the field ${params.missingProperty} is missing`;
    case 'enum':
      return `must be one of ${params.allowedValues.join(', ')}${instead([], value)}`;
    case 'const':
      return `must be ${params.allowedValue}${instead([], value)}`;
    case 'type':
      return `must be ${[params.type].flat().join(' or ')}${instead([params.type].flat(), value)}`;
    case 'pattern':
      return `does not have the form ${params.pattern}`;
    case 'propertyNames':
      return `${JSON.stringify(params.propertyName)} is no name that may stand here`;
    default:
      return message ?? keyword;
  }
}

/** What stands there instead; YAML takes a bare `1.10` or `true` for something else than a text. */
function instead(types: readonly string[], value: unknown): string {
  if (Array.isArray(value)) return ', not a list';
  if (typeof value === 'object' && value !== null) return ', not a mapping';
  if (typeof value === 'string') return `, not ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
  return `, not ${value}${types.includes('string') && value !== null ? ': put it in quotes' : ''}`;
}

/** Follows a JSON pointer. */
function valueAt(root: unknown, pointer: string): { at: FieldPath; value: unknown } {
  const at: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replace(/~1/g, '/').replace(/~0/g, '~');
    const key = Array.isArray(value) ? Number(name) : name;
    at.push(key);
    value = (value as { [key: string | number]: unknown } | null)?.[key];
  }
  return { at, value };
}
