import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { Comparison } from '../../src/differentiation/method.ts';
import type { FileResult } from '../../src/domain/generated/shapes.ts';

const ajv = new Ajv2020({ strict: false });
ajv.addSchema(JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/common.schema.json'), 'utf8')));
const validate = ajv.getSchema('common.schema.json#/$defs/fileResult')!;

/** That what a method answers fits the schema of a file's result. */
export function validFileResult(result: Comparison | FileResult): void {
  const { steps: _steps, unsettled: _unsettled, ...measures } = result as Comparison;
  validate({ path: 'x', identical: false, ...measures });
  expect(validate.errors ?? []).toEqual([]);
}
