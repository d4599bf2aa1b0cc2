// npm run bench [SECTION…]: measures side by side in one run and keeps the last results in bench/results.json, with the
// machine named. Nothing is asserted: a limit says what the project holds itself to on a quiet machine.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { isWithin, type Row } from './row.ts';

const sections: Readonly<Record<string, () => Promise<Row[]> | Row[]>> = {
  'start-up': async () => (await import('./start-up.ts')).measureStartUp(),
  run: async () => (await import('./run-overhead.ts')).measureRun(),
  containers: async () => (await import('./containers.ts')).measureContainers(),
  reproduce: async () => (await import('./reproduce.ts')).measureReproduce(),
  store: async () => (await import('./store.ts')).measureStore(),
  'github-store': async () => (await import('./github-store.ts')).measureGitHubStore(),
  action: async () => (await import('./action.ts')).measureAction(),
  app: async () => (await import('./app.ts')).measureApp(),
  hashing: async () => (await import('./hashing.ts')).measureHashing(),
  levenshtein: async () => (await import('./levenshtein.ts')).measure(),
  images: async () => (await import('./images.ts')).measureImages(),
  numeric: async () => (await import('./numeric.ts')).measure(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter(name => !Object.hasOwn(sections, name));
if (unknown.length > 0) {
  console.error(`there is no section ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}`);
  process.exit(2);
}
const path = join(import.meta.dirname, 'results.json');
const kept = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { sections?: object }) : {};
const results: Record<string, unknown> = { ...kept.sections };
for (const [name, measure] of Object.entries(sections)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const load = loadavg()[0]!;
  let rows: Row[];
  try {
    rows = await measure();
  } catch (error) {
    // What this machine cannot measure keeps nobody from the rest.
    console.error(`${name} was not measured: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
    continue;
  }
  for (const row of rows) console.log(lineOf(row));
  const machine = {
    cpu: cpus()[0]?.model ?? null,
    cores: cpus().length,
    memory: totalmem(),
    system: `${type()} ${release()}`,
    node: process.version,
  };
  results[name] = { measured: new Date().toISOString().slice(0, 10), machine, load, rows };
  writeFileSync(path, `${JSON.stringify({ sections: results }, null, 2)}\n`);
}

function lineOf(row: Row): string {
  const unit = row.unit ?? 's';
  const number = (value: number) => (unit === 's' ? value.toFixed(3) : value.toFixed(0));
  const beside = row.absolute
    ? ''
    : row.theirs === null
      ? ' (the other is not installed)'
      : ` beside ${number(row.theirs)} ${unit}: ${row.ratio?.toFixed(2)}`;
  const limit = Number.isFinite(row.limit) ? `, limit ${row.limit}${row.absolute ? ` ${unit}` : ''}` : '';
  const within = Number.isFinite(row.limit) ? isWithin(row) : null;
  return `${within === null ? '·' : within ? '✓' : '✗'} ${row.name}: ${number(row.ours)} ${unit}${beside}${limit}`;
}
