import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { readRecordFile, writeRecordFile } from '../../flows/record-file.ts';
import type { EndedRun } from '../../flows/recover-runs.ts';
import type { RecordKeeping } from '../../flows/run/run-world.ts';
import type { ProjectWords } from '../../flows/start-project.ts';
import type { Context } from './context.ts';

/** Records that ended, each as one file that fits to be an artifact, where the runner cleans up after the job. */
export function recordKeeping({ temporary }: Pick<Context, 'temporary'>, project: ProjectWords): RecordKeeping {
  return {
    async keep(state) {
      const path = pathOf(temporary, state.draft.id);
      await mkdir(temporary, { recursive: true });
      // Whole or not at all: whoever writes it may be stopped.
      await writeFile(`${path}.new`, await writeRecordFile(state, project));
      await rename(`${path}.new`, path);
      return path;
    },
    drop: id => dropRecord({ temporary }, id),
  };
}

/** What a step that was stopped while it stored had kept. */
export async function keptRecord({ temporary }: Pick<Context, 'temporary'>, id: string): Promise<EndedRun | null> {
  const path = pathOf(temporary, id);
  try {
    return readRecordFile(await readFile(path), path);
  } catch (cause) {
    if (cause instanceof Problem || (cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw cause;
  }
}

export function dropRecord({ temporary }: Pick<Context, 'temporary'>, id: string): Promise<void> {
  return rm(pathOf(temporary, id), { force: true });
}

function pathOf(temporary: string, id: string): string {
  return join(temporary, `corroborate-${id}.record.json`);
}
