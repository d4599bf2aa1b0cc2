import { existsSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { ListedFile } from '../../differentiation/compare-outputs.ts';
import type { Method, Options } from '../../differentiation/method.ts';
import { comparisonHtml } from '../../domain/comparison-report/comparison-html.ts';
import { commentBudget, comparisonMarkdown } from '../../domain/comparison-report/comparison-markdown.ts';
import type { ComparisonReport } from '../../domain/comparison-report/comparison-report.ts';
import { Problem } from '../../domain/problem.ts';
import { readRecord, requireTip } from '../../flows/branch-documents.ts';
import { compareFolders, compareRecords, outputsOf } from '../../flows/compare-records.ts';
import { parameterHint } from '../../flows/parameter-hint.ts';
import { type FoundComparison, reportComparison } from '../../flows/report-comparison.ts';
import { filesOfFolder } from '../../machine/files/folder-listing.ts';
import { openClone } from './clone.ts';
import { type Call, type Command, flag, jsonFlag, text } from './command.ts';
import { comparisonLines } from './comparison-view.ts';
import { methodFlag, methodOf } from './method-flags.ts';
import { plain } from './terminal.ts';
import { writeDocument } from './write-document.ts';

export const compare: Command = {
  name: 'compare',
  synopsis: 'FROM TOWARD [--method M] [--output FILE] [--exit-code]',
  summary: 'Compares two runs, or two folders or files, and says what Table 1 makes of it.',
  details: [
    'FROM and TOWARD are two records (an id, any unique part of its beginning or end, `latest`, or `@{n}`, n before the latest), or two folders, or two files; folders and files need no repository. TOWARD is the one that the other is held against. Source and inputs are compared by their digests, outputs by the method, file by file; a file on one side only is different.',
    'Dependencies and machines never enter Table 1, so they are always shown, differences first. Exits 0 whatever it found; with --exit-code, 1 when outputs differ.',
  ],
  flags: {
    ...methodFlag,
    output: {
      type: 'string',
      value: 'FILE',
      help: 'write it to this file too: .html (one page with plots and pictures), .md or .json',
    },
    'exit-code': { type: 'boolean', help: 'exit 1 when outputs differ' },
    ...jsonFlag,
  },
  examples: [
    ['corroborate compare latest @{1}', 'The newest record with the one before it.'],
    ['corroborate compare latest 7f3a --method default --max-distance 2', 'Two characters may differ in each output.'],
    ['corroborate compare latest @{1} --output report.html', 'Both side by side, as one page to look at or print.'],
    [
      'corroborate compare run-1/Data run-2/Data --exit-code',
      'Two folders that no record knows; exit 1 if they differ.',
    ],
  ],
  words: [2, 2],
  methodFlags: true,
  async run(call) {
    const output = text(call, 'output');
    const write = output === null ? null : writerFor(output);
    const { method, options } = await methodOf(call);
    const [from, toward] = call.words as [string, string];
    const places = [from, toward].map(word => resolve(call.folder, word));
    const onDisk = places.map(place => existsSync(place));
    requireNames(call.words, onDisk);
    const { sides, ...found } =
      onDisk[0] && onDisk[1]
        ? await ofFolders(call, places, method, options)
        : await ofRecords(call, from, toward, method, options);
    const { comparison, failed } = found;
    if (failed !== null) call.terminal.say(`${call.terminal.paint('red', 'nothing was compared:')} ${plain(failed)}`);
    if (flag(call, 'json') && write === null) call.terminal.json(comparison);
    else {
      const report = await reportComparison(found, method, options, sides.from, sides.toward, write === comparisonHtml);
      if (write !== null) await writeDocument(call, output!, write(report));
      if (flag(call, 'json')) call.terminal.json(comparison);
      else for (const line of comparisonLines(report, call.terminal)) call.terminal.print(line);
    }
    return flag(call, 'exit-code') && !comparison.same ? 1 : 0;
  },
};

const writers: Readonly<{ [ending: string]: (report: ComparisonReport) => string }> = {
  '.html': comparisonHtml,
  '.md': report => comparisonMarkdown(report, commentBudget),
  '.json': ({ comparison }) => `${JSON.stringify(comparison, null, 2)}\n`,
};

function writerFor(output: string): (report: ComparisonReport) => string {
  const writer = writers[extname(output).toLowerCase()];
  if (writer) return writer;
  throw new Problem('USAGE', `--output ${output}: a comparison is written as ${Object.keys(writers).join(', ')}`);
}

/** What was found, and the listings that it was found in. */
interface Found extends FoundComparison {
  readonly sides: { readonly from: readonly ListedFile[]; readonly toward: readonly ListedFile[] };
}

/** A mistyped path is told as one; nothing else is made of these letters than (a part of) a record's id. */
function requireNames(words: readonly string[], onDisk: readonly boolean[]): void {
  const missing = words.find((word, at) => !onDisk[at] && !/^(?:latest|@\{\d+\}|[\dTZa-f-]+)$/i.test(word));
  if (missing !== undefined)
    throw new Problem('NOT_FOUND', `There is no file or folder ${missing}, and no record has such an id.`);
}

async function ofFolders(call: Call, places: readonly string[], method: Method, options: Options): Promise<Found> {
  const kinds = places.map(place => statSync(place).isDirectory());
  if (kinds[0] !== kinds[1])
    throw new Problem('USAGE', 'one is a folder and the other a file: give two folders or two files');
  const [from, toward] = await Promise.all(
    places.map(async (place, index) => {
      const { files, leftOut, notes } = await filesOfFolder(place);
      for (const note of notes)
        call.terminal.say(`${call.terminal.paint('yellow', 'note:')} ${call.words[index]}: ${note}`);
      const listed = files.map(file => ({ ...file, read: async () => file.read() }));
      // Two files are compared with each other, whatever their names are; toward's tells a method what is in it.
      return {
        name: call.words[index]!,
        leftOut,
        files: kinds[0] ? listed : listed.map(file => ({ ...file, path: call.words[1]! })),
      };
    }),
  );
  const found = await compareFolders(from!, toward!, method, options);
  return {
    ...found,
    inputDifferences: [],
    settings: [],
    hints: [],
    hint: null,
    sides: { from: from!.files, toward: toward!.files },
  };
}

async function ofRecords(call: Call, from: string, toward: string, method: Method, options: Options): Promise<Found> {
  const clone = await openClone(call);
  const [fromId, towardId] = [await clone.recordId(from), await clone.recordId(toward)];
  const tip = await requireTip(clone.store);
  const [one, other] = await Promise.all([readRecord(tip, fromId), readRecord(tip, towardId)]);
  const read = (path: string) => tip.read(path);
  const found = await compareRecords(one, other, read, read, method, options);
  const hint =
    found.comparison.source === 'different'
      ? await parameterHint(clone.git, tip, one, other, clone.configuration)
      : null;
  return { ...found, hint, sides: { from: outputsOf(one, read), toward: outputsOf(other, read) } };
}
