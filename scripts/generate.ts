// Makes src/domain/generated/ from schemas/: the TypeScript types and, ahead of time, the validators, so that no command
// has to load and run a schema compiler. `npm run generate`; test/domain/generated.test.ts proves the files fresh.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';

const top = join(import.meta.dirname, '..');
const schemaFolder = join(top, 'schemas');
const header = '// Generated from schemas/ by `npm run generate`. Do not edit.\n';

interface Schema {
  $id: string;
  title: string;
  $defs?: Record<string, { title?: string }>;
}

function readSchemas(): Schema[] {
  return readdirSync(schemaFolder)
    .filter(name => name.endsWith('.schema.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(schemaFolder, name), 'utf8')) as Schema);
}

/** All schemas as one document, so that each shape becomes one type, however many files name it. */
async function generateTypes(schemas: readonly Schema[]): Promise<string> {
  const nameOf = new Map<string, string>();
  const definitions: Record<string, unknown> = {};
  for (const schema of schemas) {
    for (const [name, definition] of Object.entries(schema.$defs ?? {})) {
      const title = definition.title ?? name[0]!.toUpperCase() + name.slice(1);
      nameOf.set(`${schema.$id}#/$defs/${name}`, title);
    }
    if (!schema.$defs) nameOf.set(schema.$id, schema.title);
  }
  const rewrite = (value: unknown, base: string): unknown => {
    if (Array.isArray(value)) return value.map(item => rewrite(item, base));
    if (typeof value !== 'object' || value === null) return value;
    const copy: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      if (key === '$ref' && typeof item === 'string') {
        const full = item.startsWith('#') ? base + item : item;
        const name = nameOf.get(full);
        if (name === undefined) throw new Error(`${base}: ${item} names no schema`);
        copy[key] = `#/$defs/${name}`;
      } else if (key !== '$schema' && key !== '$id' && key !== 'minItems' && key !== 'maxItems') {
        copy[key] = rewrite(item, base);
      }
    }
    return copy;
  };
  for (const schema of schemas) {
    if (schema.$defs) {
      for (const [name, definition] of Object.entries(schema.$defs)) {
        definitions[nameOf.get(`${schema.$id}#/$defs/${name}`)!] = rewrite(definition, schema.$id);
      }
    } else {
      definitions[schema.title] = rewrite(schema, schema.$id);
    }
  }
  const all = {
    title: 'Shapes',
    type: 'object',
    properties: Object.fromEntries(Object.keys(definitions).map(name => [name, { $ref: `#/$defs/${name}` }])),
    required: Object.keys(definitions),
    additionalProperties: false,
    $defs: definitions,
  };
  return compile(all as Parameters<typeof compile>[0], 'Shapes', {
    bannerComment: header.trim(),
    unreachableDefinitions: false,
    strictIndexSignatures: true,
    style: { singleQuote: true, printWidth: 120 },
  });
}

/** One exported function a file of the branch, each a standalone ajv validator. */
function generateValidators(schemas: readonly Schema[]): { code: string; declarations: string } {
  const ajv = new Ajv2020({
    allErrors: true,
    unicode: false,
    strictTypes: false,
    inlineRefs: false,
    logger: false,
    code: { source: true, esm: true },
  });
  for (const schema of schemas) ajv.addSchema(schema);
  const entries = schemas.filter(schema => !schema.$defs);
  const exported: Record<string, string> = Object.fromEntries(
    entries.map(schema => [`validate${schema.title}`, schema.$id]),
  );
  // What a method of somebody's own answers of a file is checked before it is part of a document.
  exported.validateFileResult = 'common.schema.json#/$defs/fileResult';
  const code = (standaloneCode as unknown as (ajv: Ajv2020, exported: Record<string, string>) => string)(ajv, exported);
  if (code.includes('require(')) throw new Error('the validators would need ajv at run time');
  const declarations = [
    "import type { ErrorObject } from 'ajv';",
    'type Validator = { (data: unknown): boolean; errors?: null | ErrorObject[] };',
    ...Object.keys(exported).map(name => `export const ${name}: Validator;`),
  ].join('\n');
  return { code, declarations };
}

/** Every generated file by its name. */
export async function generate(): Promise<Record<string, string>> {
  const schemas = readSchemas();
  const { code, declarations } = generateValidators(schemas);
  return {
    'shapes.ts': `${await generateTypes(schemas)}`,
    'validators.js': `${header}${code}\n`,
    'validators.d.ts': `${header}${declarations}\n`,
  };
}

if (import.meta.main) {
  const folder = join(top, 'src/domain/generated');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(await generate())) writeFileSync(join(folder, name), text);
}
