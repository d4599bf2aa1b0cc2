import { readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Problem } from '../../domain/problem.ts';
import { storeRecordFiles } from '../../flows/record-file.ts';
import { recordLinks } from './record-links.ts';
import type { Step } from './step.ts';
import { collectSummary } from './summary.ts';

const isRecordFile = /\.record\.json$/;

/** Stores what other jobs left as files, all in as few commits as GitHub takes. */
export async function collect({ inputs, context, hub, runner, log, chance }: Step, folder: string): Promise<void> {
  const top = resolve(context.workspace, folder);
  const paths = await recordFilesIn(top);
  if (paths.length === 0) {
    throw new Problem(
      'NOT_FOUND',
      `${top} holds no record file (*.record.json): let actions/download-artifact put there what the jobs left.`,
    );
  }
  const files = await Promise.all(
    paths.map(async path => ({ name: relative(top, path), bytes: await readFile(path) })),
  );
  const { stored, known } = await storeRecordFiles(hub.store(context.repository), files, chance.now);
  const linksOf = (id: string) => recordLinks(context.server, context.repository, inputs.branch, id);
  log.say(`${stored.length} records stored on the branch ${inputs.branch}, ${known.length} were there already.`);
  const ids = [...stored.map(({ id }) => id), ...known];
  runner.output('record-id', ids.join('\n'));
  runner.output('record-url', ids.map(id => linksOf(id).folder).join('\n'));
  runner.summary(collectSummary(stored, known, inputs.branch, linksOf));
}

async function recordFilesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter(entry => entry.isFile() && isRecordFile.test(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .sort();
  } catch (cause) {
    throw new Problem('UNREADABLE', `${folder}, which \`collect\` names, cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
