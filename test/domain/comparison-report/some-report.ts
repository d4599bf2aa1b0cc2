import type { ComparisonReport } from '../../../src/domain/comparison-report/comparison-report.ts';
import { type Evidence, noEvidence } from '../../../src/domain/comparison-report/evidence.ts';
import type { FileResult } from '../../../src/domain/generated/shapes.ts';

const options = { rtol: 1e-6, atol: 0, columns: [], column_rtol: {}, column_atol: {} };

/** Two runs of which one file is out of tolerance; each test changes what it is about. */
export function someReport(
  files: readonly FileResult[] = [offFile],
  changes: Partial<ComparisonReport['comparison']> = {},
  evidence: { [path: string]: Partial<Evidence> } = {},
): ComparisonReport {
  const same = files.every(file => file.same);
  return {
    comparison: {
      from: '20261122T092530Z-7f3a9c04e1',
      toward: '20261121T092530Z-00aa9c04e1',
      source: 'same',
      inputs: 'same',
      outputs: same ? 'same' : 'different',
      assessment: same ? 'repeatable' : 'non-repeatable',
      proposition: same ? 'repeated' : 'non-repeated',
      method: { method: 'custom', name: 'numeric', options },
      same,
      missing: [],
      extra: [],
      files,
      dependencies: [
        { system: 'pip', name: 'numpy', from: '1.26.4', toward: '2.0.1', same: false },
        { system: 'pip', name: 'scipy', from: '1.13.0', toward: '1.13.0', same: true },
      ],
      system: [{ field: 'architecture', from: 'arm64', toward: 'x86_64', same: false }],
      ...changes,
    },
    method: { name: 'numeric', promise: '|from - toward| <= atol + rtol * |toward| for every number', given: [] },
    inputDifferences: [],
    settings: [],
    hints: [],
    hint: null,
    unsettled: [],
    failed: null,
    evidence: new Map(Object.entries(evidence).map(([path, seen]) => [path, { ...noEvidence, ...seen }])),
  };
}

export const offFile: FileResult = {
  path: 'Data/energy.csv',
  same: false,
  identical: false,
  compared: 1_000_000,
  differing: 3,
  max_abs: 3.25e-7,
  max_rel: 3e-7,
  worst: { at: 'row 5, column energy', from: 1.0000003, toward: 1 },
  first: { at: 'row 2, column energy', from: 2.0000003, toward: 2 },
  passes_with: { rtol: 3e-7 },
};
