import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import type { Call } from './command.ts';

/** Writes what a command was asked to write to a file. Throws Problem READ_ONLY where that cannot be. */
export async function writeDocument(call: Call, path: string, content: string): Promise<void> {
  await writeFile(resolve(call.folder, path), content).catch((cause: Error) => {
    throw new Problem('READ_ONLY', `${path} could not be written: ${cause.message}`, { cause });
  });
}
