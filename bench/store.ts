import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordPath } from '../src/domain/branch-layout.ts';
import { makeRecordId } from '../src/domain/record-id.ts';
import { writeYaml } from '../src/domain/yaml-writing.ts';
import { userGit } from '../src/machine/git/user-git.ts';
import { gitStore } from '../src/store/git-store/git-store.ts';
import { generateRecord, generateStore } from './generated-store.ts';
import { absoluteRow, median, type Row, ratioRow } from './row.ts';
import { corroborate, git, inTurns, node, seconds } from './timing.ts';

const many = Number(process.env.CORROBORATE_BENCH_RECORDS ?? 100_000);
const rounds = 15;

/** A store of many records: adding one, finding some, and the index that finds them. */
export async function measureStore(): Promise<Row[]> {
  const place = mkdtempSync(join(tmpdir(), 'bench-store-'));
  try {
    const [few, full] = [join(place, 'few'), join(place, 'full')];
    for (const [folder, count] of [
      [few, 100],
      [full, many],
    ] as const) {
      await generateStore(folder, count);
      git(folder, 'gc', '-q');
    }
    const added = { few: [] as number[], full: [] as number[] };
    const stores = { few: open(few), full: open(full) };
    for (let round = -2; round < rounds; round++) {
      for (const name of ['few', 'full'] as const) {
        const took = await addOne(stores[name], round + 1000);
        if (round >= 0) added[name].push(took);
      }
    }
    await Promise.all(Object.values(stores).map(store => store.close()));
    const built = timedBuild(full);
    const words = ['status:finished', 'dependency:numpy<2', 'input:a'];
    const taken = inTurns(rounds, {
      list: () => seconds({ command: [...corroborate, 'list', '--limit', '20'], cwd: full }),
      search: () => seconds({ command: [...corroborate, 'list', '--limit', '20', ...words], cwd: full }),
    });
    return [
      ratioRow(`store: add one record at ${many}, beside at 100`, median(added.full), median(added.few), 1.3),
      absoluteRow(`store: list at ${many}, index warm`, median(taken.list), 0.3),
      absoluteRow(`store: search on three fields at ${many}, index warm`, median(taken.search), 0.3),
      absoluteRow(`store: build the index of ${many}`, built.seconds, 40),
      absoluteRow(`store: memory of building it`, built.mebibytes, 600, 'MiB'),
    ];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function open(folder: string) {
  return gitStore({
    git: userGit(folder, process.env),
    gitDir: folder,
    branch: 'records',
    objectFormat: 'sha1',
    environment: process.env,
    clock: { now: () => new Date(), random: Math.random, sleep: milliseconds => sleep(milliseconds) },
    warn: () => {},
  });
}

async function addOne(store: ReturnType<typeof open>, index: number): Promise<number> {
  const at = new Date(Date.UTC(2026, 10, 22) + index * 1000);
  const id = makeRecordId(
    at,
    Uint8Array.from({ length: 5 }, (_, byte) => (index * 2654435761) >>> (byte * 5)),
  );
  const record = { ...generateRecord(index, many), id, created: at.toISOString() };
  const begun = performance.now();
  await store.append(async () => ({
    message: `Record ${id}`,
    author: { name: 'Ada', email: 'ada@example.org', at },
    files: new Map([[recordPath(id), Buffer.from(writeYaml(record))]]),
  }));
  return (performance.now() - begun) / 1000;
}

/** The first `list` builds the index; the peak is that of its largest process (GNU time's, from the kernel's accounting). */
function timedBuild(folder: string): { seconds: number; mebibytes: number } {
  const begun = performance.now();
  const script = 'process.on("exit",()=>process.stderr.write("\\npeak "+process.resourceUsage().maxRSS+"\\n"))';
  const { status, stderr } = spawnSync(
    node,
    ['--import', `data:text/javascript,${encodeURIComponent(script)}`, corroborate[1]!, 'list', '--limit', '1'],
    { cwd: folder, encoding: 'utf8' },
  );
  const peak = /peak (\d+)/.exec(stderr)?.[1];
  if (status !== 0 || peak === undefined) throw new Error(`list failed: ${stderr}`);
  return { seconds: (performance.now() - begun) / 1000, mebibytes: Number(peak) / 1024 };
}
