import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  validateAssessment,
  validateConfiguration,
  validateContainer,
  validateDiffRequest,
  validateHistory,
  validateProject,
  validateRecordAtom,
} from '../../src/domain/generated/validators.js';
import { readYaml } from '../../src/domain/yaml-reading.ts';
import { writeYaml } from '../../src/domain/yaml-writing.ts';
import { arbitraryOf, type Schema, schemas } from './schema-arbitrary.ts';

const validators = {
  assessment: validateAssessment,
  container: validateContainer,
  corroborate: validateConfiguration,
  'diff-request': validateDiffRequest,
  history: validateHistory,
  project: validateProject,
  record: validateRecordAtom,
};

test('the schemas are draft 2020-12, and strict compilation has nothing to say of them', () => {
  const said: unknown[] = [];
  const say = (...words: unknown[]) => void said.push(words);
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    allErrors: true,
    logger: { log: say, warn: say, error: say },
  });
  for (const schema of schemas.values()) ajv.addSchema(schema);
  for (const [name, schema] of schemas) {
    expect(ajv.validateSchema(schema), name).toBe(true);
    expect(ajv.getSchema(schema.$id!), name).toBeTypeOf('function');
  }
  expect(said).toEqual([]);
});

function* mappings(schema: Schema, at: string): Generator<[string, Schema]> {
  if (schema.properties) yield [at, schema];
  const inner = {
    ...schema.properties,
    ...schema.$defs,
    ...schema.oneOf,
    ...(schema.items ? { items: schema.items } : {}),
  };
  for (const [name, one] of Object.entries(inner)) yield* mappings(one as Schema, `${at}/${name}`);
}

test('no mapping has fields that nobody knows', () => {
  for (const [name, schema] of schemas)
    for (const [at, one] of mappings(schema, name)) {
      if (at === 'corroborate.schema.json/compare')
        expect(one.additionalProperties, at).toMatchObject({ type: 'object' });
      else expect(one.additionalProperties, at).toBe(false);
    }
});

// The design, section 3, field by field, in the order in which the files are written.
const fieldsOfDesign: [string, string, string][] = [
  ['project', '', 'created private name description goals owner'],
  ['container', '', 'id created system version image origin'],
  ['container', 'version', 'system commit tag source'],
  [
    'record',
    '',
    'id created updated owner project image reproduces status program inputs outputs dependencies system notes',
  ],
  [
    'record',
    'program',
    'command executable version_control source exit_code signal started finished duration_seconds cpu_seconds peak_memory_bytes environment stdin reason tags',
  ],
  ['record', 'program.version_control', 'system repository commit branch tag dirty'],
  ['record', 'system', 'os release architecture cpu cores memory_bytes host runner timezone locale'],
  ['diff-request', '', 'id created sender toward from diff proposition run status answer'],
  ['diff-request', 'diff', 'method name options observation results'],
  ['assessment', '', 'property counts pairs'],
];
test.each(fieldsOfDesign)('%s %s has the fields of the design, all required', (file, path, fields) => {
  let schema = schemas.get(`${file}.schema.json`)!;
  for (const name of path.split('.').filter(Boolean)) schema = schema.properties![name]!;
  expect(Object.keys(schema.properties!)).toEqual(fields.split(' '));
  expect(schema.required).toEqual(fields.split(' '));
});

test.each([
  ['file', 'path sha256 size stored'],
  ['pair', 'diff from toward proposition method independent attested agreed'],
  ['counts', 'repeated reproduced non_repeated non_reproduced independent attested people'],
])('the shared %s has the fields of the design', (name, fields) => {
  const schema = schemas.get('common.schema.json')!.$defs![name]!;
  expect(Object.keys(schema.properties!)).toEqual(fields.split(' '));
  expect(schema.required).toEqual(fields.split(' '));
});

test('every key of corroborate.yml in the design is known', () => {
  const keys = 'project goals command inputs outputs source ignore environment container compare limits keep'.split(
    ' ',
  );
  expect(Object.keys(schemas.get('corroborate.schema.json')!.properties!)).toEqual(expect.arrayContaining(keys));
});

describe.each(Object.entries(validators))('%s', (name, validate) => {
  const arbitrary = arbitraryOf(schemas.get(`${name}.schema.json`)!, `${name}.schema.json`);

  test('whatever the schema takes is read back as it was written', () => {
    fc.assert(
      fc.property(arbitrary, value => {
        expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
        const reading = readYaml(new TextEncoder().encode(writeYaml(value)), name);
        expect('value' in reading && reading.value).toStrictEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  test('an unknown field, or one less, is refused', () => {
    fc.assert(
      fc.property(arbitrary, value => {
        if (Array.isArray(value)) return;
        expect(validate({ ...(value as object), more: 1 })).toBe(false);
        for (const field of schemas.get(`${name}.schema.json`)!.required ?? []) {
          const { [field]: _, ...less } = value as { [field: string]: unknown };
          expect(validate(less), field).toBe(false);
        }
      }),
      { numRuns: 20 },
    );
  });
});
