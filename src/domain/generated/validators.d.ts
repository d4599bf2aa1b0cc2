// Generated from schemas/ by `npm run generate`. Do not edit.
import type { ErrorObject } from 'ajv';
type Validator = { (data: unknown): boolean; errors?: null | ErrorObject[] };
export const validateAssessment: Validator;
export const validateContainer: Validator;
export const validateConfiguration: Validator;
export const validateDiffRequest: Validator;
export const validateHistory: Validator;
export const validateProject: Validator;
export const validateRecordAtom: Validator;
export const validateFileResult: Validator;
