import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { Problem } from '../../../src/domain/problem.ts';
import { rules } from '../../../src/domain/rules/rules.ts';
import { JudgingPool } from '../../../src/doors/app/judging-pool.ts';
import type { Outside } from '../../../src/doors/app/judging-worker.ts';
import { practiseJudging, practiseShowing } from '../../../src/doors/app/practice.ts';
import { rootFiles } from '../../../src/flows/branch-documents.ts';
import type { AskedQuestion } from '../../../src/flows/reconcile-pull-request.ts';
import type { CommitReader, Snapshot } from '../../../src/store/record-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'corroborate-threads-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A thread's entry that does as told with each task: hostile files come in no other way. */
function entry(name: string, onTask: string, atFirst = ''): URL {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(
    file,
    `import { parentPort } from 'node:worker_threads';
     const say = message => parentPort.postMessage(message);
     ${atFirst}
     say({ is: 'ready' });
     parentPort.on('message', message => {
       if (message.is !== 'task') return globalThis.answered?.(message);
       const { number, branch, task } = message;
       const { question } = task;
       const done = value => say({ is: 'done', task: number, value });
       const ask = (name, ...words) => new Promise(answered => {
         globalThis.answered = answered;
         say({ is: 'call', task: number, call: 1, name, words });
       });
       ${onTask}
     });`,
  );
  return pathToFileURL(file);
}

const question: AskedQuestion = {
  commit: 'c'.repeat(40),
  tip: 'd'.repeat(40),
  isMerged: false,
  defaultCommit: null,
  author: { login: 'grace', id: 1906, isBot: false },
};
const owner = { login: 'ada', id: 1815 };
const files = rootFiles({
  name: 'demo',
  created: '2026-11-22T09:00:00.000Z',
  goals: 'Draw values',
  description: '',
  owner,
  private: false,
} as never);

function outside(change: Partial<CommitReader> = {}): Outside {
  const snapshot = async (commit: string): Promise<Snapshot> => ({
    commit,
    read: async path => files.get(path) ?? null,
    readAll: async paths => paths.map(path => files.get(path) ?? null),
    folder: async () => [],
    files: async () => [],
  });
  const nothing = async (): Promise<never> => {
    throw new Problem('NOT_FOUND', 'there is no such commit');
  };
  const store = { branch: 'records', snapshot, isAncestor: nothing, commitInfo: nothing, differences: nothing };
  return { store: { ...store, ...change }, actorOfRun: async () => ({ unknown: 'nobody asked' }) };
}

const budget = { threads: 2, milliseconds: 20_000, megabytes: 64 };

async function withPool<T>(
  options: Partial<ConstructorParameters<typeof JudgingPool>[0]>,
  work: (pool: JudgingPool) => Promise<T>,
) {
  const restarts: string[] = [];
  const pool = new JudgingPool({ ...budget, ...options, onRestart: why => restarts.push(why.message) });
  try {
    return { value: await work(pool), restarts };
  } finally {
    await pool.close();
  }
}

describe('what goes over its budget', () => {
  test('of time is ended, and asked again without computing', async () => {
    const file = entry('slow', "if (question.computes) for (;;); done({ said: 'attested' });");
    const { value, restarts } = await withPool({ file, milliseconds: 300 }, pool =>
      pool.judging('acme/demo', outside()).judge(question),
    );
    expect(value).toEqual({ said: 'attested' });
    expect(restarts).toEqual(['more than 0.3 s of computing']);
  });

  test('of memory likewise', async () => {
    const file = entry(
      'greedy',
      "if (question.computes) { const all = []; for (;;) all.push(Array.from({ length: 1e5 }, Math.random)); } done({ said: 'attested' });",
    );
    const { value, restarts } = await withPool({ file, megabytes: 32 }, pool =>
      pool.judging('acme/demo', outside()).judge(question),
    );
    expect(value).toEqual({ said: 'attested' });
    expect(restarts).toEqual(['more than 32 MB of memory']);
  });

  test('twice leaves every rule unknown, and says why', async () => {
    const file = entry('slower', 'for (;;);');
    const { value } = await withPool({ file, milliseconds: 200 }, pool =>
      pool.judging('acme/demo', outside()).judge(question),
    );
    expect(value).toMatchObject({ commit: question.commit, tip: question.tip, answerer: null, projectOwner: owner });
    expect(value.judgement.verdict).toBe('unknown');
    expect(value.judgement.findings.map(({ rule, is }) => [rule, is])).toEqual(rules.map(({ id }) => [id, 'unknown']));
    expect(value.judgement.findings[0]!.because).toContain('more than 0.2 s of computing');
  });

  test('is not what waits for the outside', async () => {
    const file = entry('patient', "ask('commitInfo', 'a').then(answer => done(answer.value));");
    const commitInfo = () => new Promise<never>(done => setTimeout(() => done('at last' as never), 600));
    const { value, restarts } = await withPool({ file, milliseconds: 300 }, pool =>
      pool.judging('acme/demo', outside({ commitInfo })).judge(question),
    );
    expect([value, restarts]).toEqual(['at last', []]);
  });

  test('keeps no other repository waiting', async () => {
    const file = entry('one of two', "if (branch === 'hostile') for (;;); done({ said: 'holds' });");
    await withPool({ file, milliseconds: 60_000 }, async pool => {
      const hostile = outside({ branch: 'hostile' });
      const stuck = [1, 2, 3].map(() =>
        pool
          .judging('mallory/demo', hostile)
          .judge(question)
          .catch(error => error),
      );
      for (let times = 0; times < 3; times++) {
        expect(await pool.judging('acme/demo', outside()).judge(question)).toEqual({ said: 'holds' });
      }
      await pool.close();
      // What could not begin is told so; what had begun ends with its thread.
      expect((await stuck[2]!) as unknown).toMatchObject({ code: 'BUSY' });
    });
  });
});

describe('errors', () => {
  test('of the flow come with their code, message and faults', async () => {
    await withPool({}, async pool => {
      const foreign = outside({
        snapshot: async commit => ({ ...(await outside().store.snapshot(commit)), read: async () => null }),
      });
      const failed = pool.judging('acme/demo', foreign).judge(question);
      await expect(failed).rejects.toThrow(Problem);
      await expect(failed).rejects.toMatchObject({ code: 'FOREIGN_BRANCH', faults: [] });
    });
  });

  test('of the outside are the very same, with all that they know', async () => {
    const limited = new Problem('RATE_LIMITED', 'GitHub takes no more calls', { cause: { status: 403 } });
    await withPool({}, async pool => {
      const failing = outside({
        commitInfo: async () => {
          throw limited;
        },
      });
      const failed = await pool
        .judging('acme/demo', failing)
        .judge(question)
        .catch(error => error);
      expect(failed).toBe(limited);
    });
  });

  test('of a thread that ends by itself are no verdict', async () => {
    const file = entry('gone', 'process.exit(3);');
    const { restarts } = await withPool({ file }, async pool => {
      await expect(pool.judging('acme/demo', outside()).judge(question)).rejects.toThrow('ended by itself');
    });
    expect(restarts).toEqual(['a judging thread ended by itself.']);
  });

  test('are all that comes of asking for what is not on the list', async () => {
    const file = entry('curious', "ask('constructor', 'x').then(answer => done(answer));");
    const { value } = await withPool({ file }, pool => pool.judging('acme/demo', outside()).judge(question));
    expect(value).toMatchObject({ is: 'refused' });
  });
});

describe('getting ready', () => {
  test('is no part of what a task may take', async () => {
    const file = entry(
      'late',
      "done({ said: 'holds' });",
      'const until = Date.now() + 600; while (Date.now() < until);',
    );
    const { value, restarts } = await withPool({ file, milliseconds: 300 }, pool =>
      pool.judging('acme/demo', outside()).judge(question),
    );
    expect([value, restarts]).toEqual([{ said: 'holds' }, []]);
  });

  test('is waited for, also where a thread ends meanwhile', async () => {
    const states: string[] = [];
    const file = entry('lost', 'done(null);', 'process.exit(1);');
    const late = entry('later', 'done(null);', 'const until = Date.now() + 300; while (Date.now() < until);');
    await withPool({ file }, pool => pool.ready().then(() => states.push('ended')));
    const begun = performance.now();
    await withPool({ file: late }, pool => pool.ready().then(() => states.push('ready')));
    expect(states).toEqual(['ended', 'ready']);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
  });

  test('is done on a request that holds every rule', async () => {
    const { judgement, comparison } = await practiseJudging(1);
    expect(judgement.findings.filter(({ is }) => is !== 'holds')).toEqual([]);
    expect(judgement.verdict).toBe('holds');
    expect(comparison).toContain('Data/curve.dat');
    await practiseShowing(1);
  });
});

test('a thread knows nothing of the environment', async () => {
  const file = entry('nosy', 'done(process.env);');
  const { value } = await withPool({ file }, pool => pool.judging('acme/demo', outside()).judge(question));
  expect(value).toEqual({});
});
