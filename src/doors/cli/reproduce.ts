import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { nameOf } from '../../differentiation/registry.ts';
import { recordFolder } from '../../domain/branch-layout.ts';
import { limitsOf } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { parseQuery } from '../../domain/query.ts';
import { requireTip } from '../../flows/branch-documents.ts';
import { outputsOf } from '../../flows/compare-records.ts';
import { listRecords } from '../../flows/list-records.ts';
import { type OpenedRequest, openRequest } from '../../flows/open-request.ts';
import { reportComparison } from '../../flows/report-comparison.ts';
import { wantedPlace } from '../../flows/reproduce/recorded-container.ts';
import {
  type Reproduction,
  type ReproductionWorld,
  reproduceRecord,
  type Wanted,
} from '../../flows/reproduce-record.ts';
import { parseDuration } from '../../flows/run/run-words.ts';
import { isWebAddress } from '../../machine/files/download.ts';
import { ofNoRepository, userGit } from '../../machine/git/user-git.ts';
import { cacheFolder } from './cache-folder.ts';
import { type Clone, openClone, projectWords } from './clone.ts';
import { type Call, type Command, flag, jsonFlag, text, texts } from './command.ts';
import { comparisonLines } from './comparison-view.ts';
import { methodFlag, methodOf } from './method-flags.ts';
import { paintRecordStatus } from './record-status.ts';
import { plain, plainLines, table } from './terminal.ts';

export const reproduce: Command = {
  name: 'reproduce',
  synopsis: 'RECORD [--input PATH=FILE]… [--request] | --all [QUERY…]',
  summary: "Runs anybody's record again, with the same or with other inputs, and compares the two.",
  details: [
    'RECORD is an id, any unique part of its beginning or end, `latest`, or `@{n}`, n before the latest. Its source (the commit, fetched where it is not here, and its patch) is brought back in a directory of its own and proved before anything runs; its inputs come from the branch, or are found in the working tree by their sha256, or must be given. The new record is yours and stands on your branch. Your checkout and index are not touched.',
    "It runs the recorded command as you, on this machine: what somebody's simulation does, it may do to you. What cannot be the same as then (the machine, a secret's value) is said.",
    'With --all, or words of a query as for `list`, many are reproduced one after the other (those that finished and are no reproductions themselves), and one that fails does not stop the others.',
    'Exits as the simulation did; 1 when it was refused before it ran or no request could be opened. With --all 0 when every run finished.',
  ],
  flags: {
    input: {
      type: 'string',
      short: 'i',
      multiple: true,
      value: 'PATH=FILE',
      help: 'FILE in the place of the recorded input PATH: another input, or one that the branch does not hold',
    },
    stdin: { type: 'string', value: 'FILE', help: 'its standard input, where the recorded one is not found' },
    output: {
      type: 'string',
      short: 'o',
      multiple: true,
      value: 'GLOB',
      help: 'where its outputs are, as was told to `run`; a record does not say',
    },
    stdout: { type: 'string', value: 'FILE', help: 'where its standard output goes, as was told to `run`' },
    reason: { type: 'string', short: 'r', value: 'TEXT', help: 'why, for whoever reads the new record' },
    tag: { type: 'string', short: 't', multiple: true, value: 'TAG', help: 'a word to find the new record by' },
    // `--timeout` is the method `command`'s.
    'time-limit': { type: 'string', value: 'TIME', help: 'stop each run after 90s, 15m, 1h30m, …; as cancelled' },
    container: {
      type: 'string',
      value: 'SPEC',
      help: 'the engine to take: docker, podman, apptainer; none: on the host, where the record was in a container',
    },
    archive: {
      type: 'string',
      value: 'FILE',
      help: "where the archive of the record's image is, if not where the history says: a file, or its address (https://…)",
    },
    all: { type: 'boolean', help: 'reproduce every record that the query finds; all finished ones without a query' },
    ...methodFlag,
    request: { type: 'boolean', help: 'open the diff request with the proposition in the cell of Table 1' },
    observation: {
      type: 'string',
      value: 'TEXT',
      help: 'what was seen; needed for a request where Table 1 says unknown',
    },
    ...jsonFlag,
  },
  examples: [
    ['corroborate reproduce 7f3a', 'Run it again and see what Table 1 says.'],
    ['corroborate reproduce 7f3a --input default.param=mine.param --request', 'With another input, and claim it.'],
    ['corroborate reproduce --all owner:ada since:2026-11-01', 'All that Ada recorded since then.'],
  ],
  words: [0, Number.POSITIVE_INFINITY],
  methodFlags: true,
  async run(call) {
    const many = flag(call, 'all') || call.words.length > 1 || /[:<>=]/.test(call.words[0] ?? '');
    if (call.words.length === 0 && !many) {
      throw new Problem('USAGE', 'reproduce takes a record, or --all (`corroborate reproduce --help` tells more)');
    }
    if (many && (texts(call, 'input').length > 0 || text(call, 'stdin') !== null)) {
      throw new Problem('USAGE', '--input and --stdin are for one record, not for many');
    }
    const clone = await openClone(call);
    const wanted = await wantedOf(call, clone);
    return many ? reproduceMany(call, clone, wanted) : reproduceOne(call, clone, wanted);
  },
};

/** What is told of one reproduction: `--json` prints it as it is. */
interface Told {
  readonly reproduction: Reproduction;
  readonly request: OpenedRequest | null;
  /** Why there is no request although one was asked for. */
  readonly refused: string | null;
}

async function reproduceOne(call: Call, clone: Clone, wanted: Wanted): Promise<number> {
  const { terminal } = call;
  const id = await clone.recordId(call.words[0]!);
  const told = await reproduceAndRequest(call, clone, id, wanted);
  const { reproduction, request, refused } = told;
  const { record, original, compared, because, kept, exitCode, interrupted } = reproduction;
  terminal.done();
  if (flag(call, 'json')) terminal.json(jsonOf(told));
  else {
    if (compared !== null) {
      const tip = await requireTip(clone.store);
      const read = (path: string) => tip.read(path);
      const { method, options } = wanted;
      const sides = [outputsOf(record, read), outputsOf(original, read)] as const;
      const report = await reportComparison({ ...compared, hint: null }, method, options, ...sides, false);
      for (const line of comparisonLines(report, terminal, request !== null)) terminal.print(line);
    }
    terminal.say(
      `${terminal.paint('dim', 'recorded')} ${record.id}${terminal.paint('dim', ':')} ${paintRecordStatus(record, terminal)}, to reproduce ${original.id}`,
    );
    if (because !== null) terminal.say(`${terminal.paint('yellow', 'not compared:')} ${plain(because)}`);
    if (request !== null) {
      const { diff, branch } = request;
      terminal.print(`${terminal.paint('yellow', 'proposed:')} ${diff.from} ${diff.proposition} ${diff.toward}`);
      const send = clone.repository.remote === null ? '' : ': `corroborate push` sends it';
      terminal.print(`The request is ${diff.id}, on the branch ${branch}${send}.`);
    }
    for (const note of record.notes) terminal.say(`${terminal.paint('dim', 'note:')} ${plain(note)}`);
    if (kept !== null)
      terminal.say(`${terminal.paint('dim', 'note:')} what it wrote is not all on the branch: ${plain(kept)} is kept`);
  }
  if (refused !== null) terminal.say(`${terminal.paint('red', 'corroborate:')} ${plain(refused)}`);
  if (interrupted) process.kill(process.pid, 'SIGINT');
  return exitCode === 0 && refused !== null ? 1 : exitCode;
}

function jsonOf({ reproduction, request }: Told) {
  const { record, compared, otherwise } = reproduction;
  return {
    record: { ...record, path: recordFolder(record.id) },
    comparison: compared?.comparison ?? null,
    request: request === null ? null : { ...request.diff, branch: request.branch, commit: request.commit },
    could_not_be_the_same: otherwise,
    hints: compared?.hints ?? [],
  };
}

async function reproduceMany(call: Call, clone: Clone, wanted: Wanted): Promise<number> {
  const { terminal } = call;
  const asked = call.words.some(word => word.startsWith('status:')) ? call.words : [...call.words, 'status:finished'];
  const query = parseQuery(asked);
  const found = await listRecords(await clone.index(), clone.runsFolder, query, undefined, call.chance.now());
  const originals = found.flatMap(stored => ('record' in stored ? [stored.record] : []));
  const ids = originals.filter(({ reproduces }) => reproduces === null).map(({ id }) => id);
  const rows: string[][] = [];
  const documents: unknown[] = [];
  let code = 0;
  for (const [index, id] of ids.entries()) {
    terminal.say(`${terminal.paint('bold', `${index + 1} of ${ids.length}:`)} ${id}`);
    try {
      const told = await reproduceAndRequest(call, clone, id, wanted);
      const { record, compared, because, interrupted } = told.reproduction;
      if (record.status !== 'finished' || told.refused !== null) code = 1;
      for (const why of [because, told.refused]) if (why !== null) terminal.say(plain(why));
      rows.push([
        id,
        paintRecordStatus(record, terminal),
        compared?.comparison.assessment ?? 'not compared',
        record.id,
      ]);
      documents.push({ reproduces: id, ...jsonOf(told), refused: told.refused ?? because });
      if (interrupted) {
        process.kill(process.pid, 'SIGINT');
        break;
      }
    } catch (cause) {
      // Not even a defect of ours with one of them is the others' matter.
      const refused = (cause as Error).message;
      code = 1;
      terminal.say(`${terminal.paint('red', 'corroborate:')} ${plainLines(refused)}`);
      rows.push([id, terminal.paint('red', 'refused'), '', '']);
      documents.push({
        reproduces: id,
        record: null,
        comparison: null,
        request: null,
        could_not_be_the_same: [],
        refused,
      });
    }
  }
  terminal.done();
  if (flag(call, 'json')) terminal.json(documents);
  else if (ids.length === 0) terminal.print('No record is so.');
  else {
    const heads = ['RECORD', 'STATUS', 'ASSESSMENT', 'NEW RECORD'].map(head => terminal.paint('dim', head));
    for (const line of table([heads, ...rows])) terminal.print(line);
  }
  return code;
}

async function reproduceAndRequest(call: Call, clone: Clone, id: string, wanted: Wanted): Promise<Told> {
  const reproduction = await reproduceRecord(worldOf(call, clone), id, wanted);
  if (!flag(call, 'request')) return { reproduction, request: null, refused: null };
  const { record, original, because } = reproduction;
  if (because !== null) return { reproduction, request: null, refused: `no request was opened: ${because}` };
  const { method, options } = wanted;
  try {
    const request = await openRequest(
      clone.store,
      {
        from: record.id,
        toward: original.id,
        method,
        options,
        proposition: null,
        observation: text(call, 'observation'),
      },
      { sender: clone.owner(), configuration: await clone.targetConfiguration(), chance: call.chance },
    );
    return { reproduction, request, refused: null };
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    const again = `\`corroborate request ${record.id} ${original.id}${nameOf(method) === 'default' ? '' : ` --method ${nameOf(method)}`} …\` opens one later.`;
    return { reproduction, request: null, refused: `${cause.message} The run is recorded; ${again}` };
  }
}

function worldOf(call: Call, clone: Clone): ReproductionWorld {
  const { terminal, environment, chance } = call;
  const { git, repository, store, configuration, runsFolder, workFolder, progress } = clone;
  const own = ofNoRepository(environment);
  return {
    git,
    gitAt: folder => userGit(folder, own),
    repository,
    store,
    originals: store,
    keeping: null,
    checkpoints: 'every',
    owner: clone.owner(),
    limits: limitsOf(configuration),
    project: projectWords(clone),
    origin: null,
    environment: own,
    folder: realpathSync(call.folder),
    temporaryFolder: tmpdir(),
    cacheFolder: cacheFolder(environment),
    engine: clone.engine,
    secrets: [],
    chance,
    say: sentence => terminal.say(`${terminal.paint('yellow', 'corroborate:')} ${plain(sentence)}`),
    progress,
    runsFolder,
    workFolder,
    configuration,
    interactive: terminal.isTerminal,
  };
}

async function wantedOf(call: Call, clone: Clone): Promise<Wanted> {
  const named = text(call, 'method') ?? firstAllowed(clone.configuration.compare?.methods);
  const { method, options } = await methodOf({ ...call, values: { ...call.values, method: named } });
  const stdin = text(call, 'stdin');
  const timeout = text(call, 'time-limit');
  const archive = text(call, 'archive');
  return {
    inputs: texts(call, 'input').map(word => {
      const at = word.indexOf('=');
      if (at < 1 || at === word.length - 1) {
        throw new Problem('USAGE', `--input takes PATH=FILE, PATH as the record names it, not ${JSON.stringify(word)}`);
      }
      return { path: word.slice(0, at), file: resolve(call.folder, word.slice(at + 1)) };
    }),
    stdin: stdin === null ? null : resolve(call.folder, stdin),
    told: {
      outputs: texts(call, 'output'),
      stdout: text(call, 'stdout'),
      reason: text(call, 'reason'),
      tags: texts(call, 'tag'),
      timeout: timeout === null ? null : parseDuration(timeout),
      noStdin: isatty(0) ? null : '/dev/null',
    },
    container: wantedPlace(text(call, 'container')),
    archive: archive === null || isWebAddress(archive) ? archive : resolve(call.folder, archive),
    method,
    options,
  };
}

/** The default method, unless the project allows only others; what is seen by eye no machine can say. */
function firstAllowed(methods: readonly string[] | undefined): string {
  if (methods === undefined || methods.includes('default')) return 'default';
  return methods.find(method => method !== 'visual') ?? 'default';
}
