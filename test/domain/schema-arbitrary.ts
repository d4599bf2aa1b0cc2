import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly oneOf?: readonly Schema[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly $defs?: { readonly [name: string]: Schema };
}

const folder = join(import.meta.dirname, '../../schemas');
export const schemas: ReadonlyMap<string, Schema> = new Map(
  readdirSync(folder).map(name => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Schema]),
);

/** Values that a schema of `schemas/` takes. @param base the file that the schema stands in, for its references */
export function arbitraryOf(schema: Schema, base: string): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const [file, pointer] = schema.$ref.split('#') as [string, string | undefined];
    const top = schemas.get(file || base)!;
    const name = pointer?.split('/').at(-1);
    return arbitraryOf(name === undefined ? top : top.$defs![name]!, file || base);
  }
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.oneOf) return fc.oneof(...schema.oneOf.map(one => arbitraryOf(one, base)));
  const types = [schema.type ?? 'null'].flat();
  return fc.oneof(...types.map(type => ofType(type, schema, base)));
}

function ofType(type: string, schema: Schema, base: string): fc.Arbitrary<unknown> {
  const { minimum = -1e9, maximum = 1e9 } = schema;
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min: minimum, max: Math.min(maximum, Number.MAX_SAFE_INTEGER) });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e300, max: schema.maximum ?? 1e300, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf(schema.items!, base), { minLength: schema.minItems ?? 0, maxLength: 3 });
    case 'object':
      return mapping(schema, base);
    default:
      throw new Error(`no type ${type}`);
  }
}

function text({ pattern, minLength = 0, maxLength = 1000 }: Schema): fc.Arbitrary<string> {
  const texts = pattern === undefined ? fc.string({ unit: 'binary' }) : fc.stringMatching(new RegExp(pattern));
  return texts.filter(one => one.length >= minLength && one.length <= maxLength && !/[\ud800-\udfff]/u.test(one));
}

function mapping(schema: Schema, base: string): fc.Arbitrary<object> {
  const fields = Object.entries(schema.properties ?? {});
  const known = fc.record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field, base)])), {
    requiredKeys: [...(schema.required ?? [])],
    noNullPrototype: true,
  });
  const open = schema.additionalProperties;
  if (open === false || open === undefined) return known;
  const values =
    open === true ? fc.jsonValue({ maxDepth: 2 }).map(one => JSON.parse(JSON.stringify(one))) : arbitraryOf(open, base);
  const more = fc.dictionary(text(schema.propertyNames ?? {}), values, { maxKeys: 3, noNullPrototype: true });
  return fc.tuple(more, known).map(([one, other]) => ({ ...other, ...one, ...other }));
}
