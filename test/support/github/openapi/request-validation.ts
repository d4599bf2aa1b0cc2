import type { ErrorObject } from 'ajv';
import { type Operation, type Parameter, resolved, type Schema, validator } from './description.ts';

/** What GitHub's description says against a value, in words. */
function inWords(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).map(({ instancePath, message, params }) => {
    const allowed = 'allowedValues' in params ? `: ${JSON.stringify(params.allowedValues)}` : '';
    return `${instancePath === '' ? 'body' : instancePath.slice(1)} ${message}${allowed}`;
  });
}

/** A parameter comes as text: read as what the schema wants. */
function typed(text: string, schema: Schema): unknown {
  if (schema.type === 'integer' || schema.type === 'number') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (schema.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (schema.type === 'array') return text.split(',');
  const choices = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined;
  if (choices !== undefined && /^\d+$/.test(text) && !choices.some(choice => resolved(choice).type === 'string')) {
    return Number(text);
  }
  return text;
}

/** @returns what is wrong with the parameters; a query parameter that the description does not know is wrong as well */
export function parameterFaults(
  operation: Operation,
  path: { readonly [name: string]: string },
  query: URLSearchParams,
): string[] {
  const parameters = (operation.parameters ?? []).map(parameter => resolved<Parameter>(parameter));
  const faults: string[] = [];
  const known = new Set<string>();
  for (const parameter of parameters) {
    if (parameter.in === 'header') continue;
    known.add(parameter.name);
    const text = parameter.in === 'path' ? path[parameter.name] : (query.get(parameter.name) ?? undefined);
    if (text === undefined) {
      if (parameter.required) faults.push(`"${parameter.name}" wasn't supplied.`);
      continue;
    }
    const schema = resolved<Schema>(parameter.schema);
    const validate = validator(schema);
    if (!validate(typed(text, schema))) {
      faults.push(...inWords(validate.errors).map(words => words.replace(/^body/, parameter.name)));
    }
  }
  for (const name of query.keys()) {
    if (!known.has(name)) faults.push(`"${name}" is not a permitted key.`);
  }
  return faults;
}

/** The properties that a schema names, its branches included; undefined where it takes any. */
function namedProperties(schema: Schema): { readonly [name: string]: Schema } | undefined {
  if (typeof schema.additionalProperties === 'object') return undefined;
  const branches = [schema.allOf, schema.anyOf, schema.oneOf].flatMap(list => (list as Schema[] | undefined) ?? []);
  const all = [schema, ...branches.map(branch => resolved<Schema>(branch))];
  const named = Object.assign({}, ...all.map(one => one.properties as object | undefined));
  return Object.keys(named).length === 0 ? undefined : named;
}

/** Fields that the description does not know. It does not forbid them; GitHub ignores them, so they are mistakes. */
function unknownFields(value: unknown, given: Schema, at = ''): string[] {
  const schema = resolved<Schema>(given);
  if (Array.isArray(value)) {
    const items = schema.items as Schema | undefined;
    return items === undefined ? [] : value.flatMap((item, index) => unknownFields(item, items, `${at}${index}/`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const named = namedProperties(schema);
  if (named === undefined) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    named[name] === undefined
      ? [`"${at}${name}" is not a permitted key.`]
      : unknownFields(item, named[name], `${at}${name}/`),
  );
}

/** Rules that GitHub has in words only. */
const spoken: { readonly [operationId: string]: (body: { readonly [name: string]: unknown }) => string[] } = {
  'checks/create': completed,
  'checks/update': completed,
};

function completed(body: { readonly [name: string]: unknown }): string[] {
  const faults: string[] = [];
  if ((body.status === 'completed' || body.completed_at !== undefined) && body.conclusion === undefined) {
    faults.push('"conclusion" wasn\'t supplied, which a completed check run must have.');
  }
  const actions = (body.actions ?? []) as { readonly label: string }[];
  if (actions.length > 3) faults.push('Only 3 actions are allowed.');
  return faults;
}

/** @param body undefined where the request had none */
export function bodyFaults(operation: Operation, body: unknown): string[] {
  const { requestBody } = operation;
  if (requestBody === undefined) {
    const empty = body === undefined || (typeof body === 'object' && body !== null && Object.keys(body).length === 0);
    return empty ? [] : ['This route takes no body.'];
  }
  const content = resolved(requestBody).content['application/json'];
  if (body === undefined) return requestBody.required ? ['A body is required.'] : [];
  if (content?.schema === undefined) return [];
  const validate = validator(content.schema);
  if (!validate(body)) return inWords(validate.errors);
  const named = spoken[operation.operationId]?.(body as { readonly [name: string]: unknown }) ?? [];
  return [...unknownFields(body, content.schema), ...named];
}

/** What the description says against an answer of ours; nothing where it does not describe that answer. */
export function answerFaults(operation: Operation, status: number, body: unknown): string[] {
  const response = operation.responses[String(status)];
  if (response === undefined) return [`${operation.operationId} never answers ${status}`];
  const schema = resolved(response).content?.['application/json']?.schema;
  if (schema === undefined) return body === undefined ? [] : [`${operation.operationId} ${status} has no body`];
  const validate = validator(schema);
  return validate(body) ? [] : inWords(validate.errors).map(words => `${operation.operationId} ${status}: ${words}`);
}
