import type { RecordedFile } from '../../domain/generated/shapes.ts';
import type { Limits } from '../../domain/limits.ts';
import type { CapturedFile } from './captured-file.ts';
import { chooseStored } from './choose-stored.ts';

export interface RecordedFiles {
  readonly inputs: RecordedFile[];
  readonly outputs: RecordedFile[];
  /** The content of each input that is `stored`, by its path. */
  readonly inputContents: ReadonlyMap<string, Buffer>;
  readonly outputContents: ReadonlyMap<string, Buffer>;
}

/** Inputs and outputs as record.yml lists them, and the contents that stand beside it. */
export function recordFiles(
  inputs: readonly CapturedFile[],
  outputs: readonly CapturedFile[],
  limits: Limits,
  keep: readonly string[],
): RecordedFiles {
  const chosen = chooseStored([...inputs, ...outputs], limits, keep);
  const contentsOf = (files: readonly CapturedFile[]) =>
    new Map(files.flatMap(file => (chosen.has(file) && file.content ? [[file.path, file.content] as const] : [])));
  const inputContents = contentsOf(inputs);
  const outputContents = contentsOf(outputs);
  const list = (files: readonly CapturedFile[], contents: ReadonlyMap<string, Buffer>) =>
    files.map(({ path, sha256, size }) => ({ path, sha256, size, stored: contents.has(path) }));
  return {
    inputs: list(inputs, inputContents),
    outputs: list(outputs, outputContents),
    inputContents,
    outputContents,
  };
}
