import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';

export type Schema = { readonly [keyword: string]: unknown };

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly [type: string]: { readonly schema?: Schema };
}

export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: { readonly [status: string]: { readonly content?: Content; readonly $ref?: string } };
}

interface Description {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly 'x-webhooks': { readonly [name: string]: { readonly post: Operation } };
  readonly components: Schema;
}

/** OpenAPI 3.0's `nullable` as JSON Schema has it. Changes the description in place: it is large and ours alone. */
function withoutNullable(value: unknown): unknown {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) value[at] = withoutNullable(item);
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const schema = value as { [key: string]: unknown };
  for (const [key, item] of Object.entries(schema)) {
    if (key !== 'example' && key !== 'examples') schema[key] = withoutNullable(item);
  }
  if (schema.nullable !== true) return schema;
  const { nullable: _, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }] };
}

let loaded: { readonly description: Description; readonly ajv: Ajv } | undefined;

/** GitHub's own OpenAPI description; read at the first use (0.2 s) and kept. */
function load(): NonNullable<typeof loaded> {
  if (loaded === undefined) {
    const path = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
    const description = withoutNullable(JSON.parse(readFileSync(path, 'utf8'))) as Description;
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, validateSchema: false });
    ajv.addSchema({ $id: 'github', components: description.components });
    loaded = { description, ajv };
  }
  return loaded;
}

export function paths(): Description['paths'] {
  return load().description.paths;
}

export function webhookSchema(name: string): Schema | undefined {
  return load().description['x-webhooks'][name]?.post.requestBody?.content['application/json']?.schema;
}

/** Follows `{ $ref: '#/…' }`. */
export function resolved<T extends object>(value: T | { readonly $ref: string }): T {
  if (!('$ref' in value) || typeof value.$ref !== 'string') return value as T;
  const names = value.$ref.slice(2).split('/');
  return resolved(names.reduce<unknown>((at, name) => (at as Schema)[name], load().description) as T);
}

const compiled = new WeakMap<object, ValidateFunction>();

/** The validator of one schema of the description, compiled at its first use. */
export function validator(schema: Schema): ValidateFunction {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"github#/');
  const validate = load().ajv.compile(JSON.parse(text) as Schema);
  compiled.set(schema, validate);
  return validate;
}
