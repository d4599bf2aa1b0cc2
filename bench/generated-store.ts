// Makes a bare repository with a records branch of many generated records, through one `git fast-import`:
//   node bench/generated-store.ts FOLDER [COUNT]
// The records are valid, some 2.5 kB each, and as alike and as different as those of a busy group: a few people, hosts
// and environments, some sweeps over parameters, many states of the source. The same call makes the same commit ids.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { branchName, recordPath } from '../src/domain/branch-layout.ts';
import { assertDocument } from '../src/domain/documents.ts';
import type { RecordAtom, RecordedFile, RecordStatus, User } from '../src/domain/generated/shapes.ts';
import { makeRecordId } from '../src/domain/record-id.ts';
import { writeYaml } from '../src/domain/yaml-writing.ts';

const begin = Date.UTC(2025, 0, 1);
const day = 86_400_000;

const people: readonly User[] = [
  ...['ada', 'grace', 'katherine', 'emmy', 'sofia', 'hedy', 'rosalind', 'chien-shiung', 'lise', 'barbara'].map(
    (login, index) => ({ login, id: 1815 + index * 91 }),
  ),
  { name: 'Annie Jump', email: 'annie@observatory.example' },
];
const packages =
  'numpy scipy matplotlib pandas h5py numba llvmlite pyyaml requests six python-dateutil pytz packaging pillow kiwisolver cycler sympy mpmath netCDF4 xarray'.split(
    ' ',
  );
const reasons = [
  'check the new integrator',
  'sweep for figure 3',
  'does the seed matter?',
  'after the review: finer grid',
  '',
];
/** Each with the share of records up to and with it. */
const statuses: readonly (readonly [RecordStatus, number])[] = [
  ['finished', 0.86],
  ['failed', 0.94],
  ['cancelled', 0.98],
  ['unknown', 0.9998],
  ['paused', 0.9999],
  ['started', 1],
];

/** xorshift32: reproducible chance from 0 to 1. */
function chanceFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function digest(text: string, algorithm = 'sha256'): string {
  return createHash(algorithm).update(text).digest('hex');
}

/** The nth record of `count`. */
export function generateRecord(index: number, count: number): RecordAtom {
  const chance = chanceFrom(index * 2654435761 + 97);
  for (let warm = 0; warm < 4; warm++) chance();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!;
  const created = new Date(begin + Math.floor((index / count) * 600 * day) + Math.floor(chance() * 1000));
  const at = (milliseconds: number) => new Date(created.getTime() + milliseconds).toISOString();
  const id = makeRecordId(created, createHash('sha1').update(`record ${index}`).digest().subarray(0, 5));
  const seconds = Math.round(chance() ** 4 * 3.6e6) / 1000 + 0.1;
  const share = chance();
  const status = statuses.find(([, upTo]) => share < upTo)![0];
  const running = status === 'started' || status === 'paused';
  const state = Math.floor(index / 40);
  const environment = Math.floor(chance() * 12);
  const host = Math.floor(chance() * 40);
  const parameters = `sweep_${Math.floor(index / 200)}/${pick(['default', 'coarse', 'fine'])}_${index % 200}.param`;
  const file = (path: string, content: string): RecordedFile => ({
    path,
    sha256: digest(content),
    size: content.length * 331,
    stored: false,
  });
  const commit = digest(`commit ${state}`, 'sha1');
  return {
    id,
    created: created.toISOString(),
    updated: at(seconds * 1000 + 400),
    owner: people[Math.floor(chance() ** 2 * people.length)]!,
    project: 'demo-sumatra',
    image: `c-${digest(`image ${state}`).slice(0, 10)}`,
    reproduces: null,
    status,
    program: {
      command: ['python3', 'main.py', parameters],
      executable: { path: '/usr/bin/python3.11', sha256: digest(`python ${environment}`) },
      version_control: {
        system: 'git',
        repository: 'https://github.com/acme/demo-sumatra',
        commit,
        branch: chance() < 0.8 ? 'main' : `try-${state % 300}`,
        tag: null,
        dirty: chance() < 0.1,
      },
      source: digest(`source ${state}`, 'sha1'),
      exit_code: running || status === 'unknown' ? null : status === 'finished' ? 0 : 1,
      signal: null,
      started: at(12),
      finished: running ? null : at(seconds * 1000),
      duration_seconds: running ? null : seconds,
      cpu_seconds: running ? null : Math.round(seconds * 900) / 1000,
      peak_memory_bytes: running ? null : Math.floor(4e7 + chance() * 4e9),
      environment: { OMP_NUM_THREADS: pick(['1', '4', '16']) },
      stdin: null,
      reason: pick(reasons),
      tags: chance() < 0.2 ? [pick(['figure-3', 'review', 'baseline'])] : [],
    },
    inputs: [file(parameters, `parameters ${index}`)],
    outputs:
      status === 'finished'
        ? [file('Data/example.dat', `data ${index}`), file('Data/log.csv', `csv ${index % 5000}`)]
        : [],
    dependencies: packages.slice(0, 13 + (environment % 4)).map((name, position) => ({
      name,
      version: `${1 + ((environment + position) % 3)}.${environment}.${position % 5}`,
      system: 'pip',
    })),
    system: {
      os: 'Linux',
      release: `6.1.0-${environment % 3}-amd64`,
      architecture: 'x86_64',
      cpu: 'AMD EPYC 7763 64-Core Processor',
      cores: pick([2, 8, 64]),
      memory_bytes: 270_000_000_000,
      host: `node${String(host).padStart(3, '0')}.cluster.example`,
      runner: null,
      timezone: 'Europe/Paris',
      locale: 'C.UTF-8',
    },
    notes: [],
  };
}

/** @returns the tip of the branch */
export async function generateStore(folder: string, count: number, branch = branchName): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await git(folder, ['init', '--quiet', '--bare', '.']);
  const who = 'Generated <generated@example.org> 1764547200 +0000';
  await git(folder, ['fast-import', '--quiet', '--done'], async write => {
    const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
    const project = {
      created: new Date(begin).toISOString(),
      private: false,
      name: 'demo-sumatra',
      description: '',
      goals: 'Draw n values from a distribution',
      owner: people[0],
    };
    await write(`commit refs/heads/${branch}\ncommitter ${who}\n${data('Start the records')}`);
    await write(
      `M 100644 inline project.yml\n${data(writeYaml(project))}M 100644 inline history.yml\n${data('[]\n')}\n`,
    );
    await write(`commit refs/heads/${branch}\ncommitter ${who}\n${data(`${count} records`)}`);
    for (let index = 0; index < count; index++) {
      const record = generateRecord(index, count);
      if (index % 1000 === 0) assertDocument('record', record);
      await write(`M 100644 inline ${recordPath(record.id)}\n${data(writeYaml(record))}`);
    }
    await write('\ndone\n');
  });
  return (await git(folder, ['rev-parse', `refs/heads/${branch}`])).trim();
}

function git(
  folder: string,
  args: readonly string[],
  feed?: (write: (text: string) => Promise<void>) => Promise<void>,
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn('git', args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', chunk => {
      said += chunk;
    });
    child.once('error', fail);
    child.once('close', code => (code === 0 ? done(said) : fail(new Error(`git ${args[0]} ended with ${code}`))));
    const write = (text: string) =>
      new Promise<void>(written => {
        if (child.stdin.write(text)) written();
        else child.stdin.once('drain', written);
      });
    Promise.resolve(feed?.(write)).then(() => child.stdin.end(), fail);
  });
}

if (import.meta.main) {
  const [folder, count = '100000'] = process.argv.slice(2);
  if (folder === undefined) throw new Error('usage: node bench/generated-store.ts FOLDER [COUNT]');
  console.log(await generateStore(resolve(folder), Number(count)));
}
