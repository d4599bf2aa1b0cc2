import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const driver = join(import.meta.dirname, 'driver.ts');

// What a test says is read as JSON from the driver's report.
// biome-ignore lint/suspicious/noExplicitAny: asserted on by the tests
export type Report = any;

/** A folder that is the test's own. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'process-test-'));
}

/** The words that record `command` by the driver, and where it reports. */
export function recordingOf(command: readonly string[], options: object = {}) {
  const report = join(emptyFolder(), 'report');
  return {
    report,
    words: [process.execPath, driver, JSON.stringify({ report, command, grace: 500, ...options })],
  };
}

export function eventsIn(report: string): Report[] {
  if (!existsSync(report)) return [];
  return readFileSync(report, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line));
}

/** Waits until something is there; the test's own time limit ends it. */
export async function until<T>(look: () => T | undefined | null | false): Promise<T> {
  for (;;) {
    const found = look();
    if (found) return found;
    await pause(20);
  }
}

export interface Recorded {
  readonly child: ChildProcess;
  /** Resolves at the first report that has the key, to its value. */
  seen(key: string): Promise<Report>;
  states(): string[];
  ended(): Promise<{
    code: number | null;
    signal: string | null;
    stdout: string;
    stderr: string;
    outcome: Report;
    problem: Report;
  }>;
}

/** Records `command` with pipes, or what `stdio` says, for its standard streams. */
export function record(
  command: readonly string[],
  options: object = {},
  how: { stdin?: number | 'pipe' | 'ignore'; cwd?: string; input?: string; environment?: object } = {},
): Recorded {
  const { report, words } = recordingOf(command, options);
  const child = spawn(words[0]!, words.slice(1), {
    stdio: [how.input === undefined ? (how.stdin ?? 'ignore') : 'pipe', 'pipe', 'pipe'],
    cwd: how.cwd ?? emptyFolder(),
    env: { ...process.env, ...how.environment },
  });
  if (how.input !== undefined) child.stdin!.end(how.input);
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const closed = new Promise<[number | null, string | null]>(fulfil =>
    child.once('close', (code, signal) => fulfil([code, signal])),
  );
  return {
    child,
    seen: key => until(() => eventsIn(report).find(event => key in event)?.[key]),
    states: () =>
      eventsIn(report)
        .filter(event => 'state' in event)
        .map(event => event.state),
    async ended() {
      const [code, signal] = await closed;
      const events = eventsIn(report);
      const problem = events.find(event => 'problem' in event) ?? null;
      return { code, signal, stdout, stderr, problem, outcome: events.find(event => 'outcome' in event)?.outcome };
    },
  };
}

/** Whether a process runs: neither gone nor a zombie. */
export function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

export interface Terminal {
  type(keys: string): void;
  /** Waits until the screen shows it after what was seen before; returns the match. */
  shows(pattern: RegExp): Promise<RegExpMatchArray>;
  resize(rows: number, columns: number): void;
  readonly exit: Promise<number | null>;
}

/** Runs words under a real pseudo-terminal. */
export function terminal(words: readonly string[], cwd = emptyFolder()): Terminal {
  const child = spawn('python3', [join(import.meta.dirname, 'terminal.py'), ...words], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    cwd,
    env: { ...process.env, TERM: 'xterm', HISTFILE: '' },
  });
  let screen = '';
  let seen = 0;
  child.stdout!.setEncoding('utf8').on('data', text => {
    screen += text;
  });
  return {
    type: keys => void child.stdin!.write(keys),
    async shows(pattern) {
      const match = await until(() => screen.slice(seen).match(pattern));
      seen += match.index! + match[0].length;
      return match;
    },
    resize: (rows, columns) => void (child.stdio[3] as NodeJS.WritableStream).write(`resize ${rows} ${columns}\n`),
    exit: new Promise(fulfil => child.once('close', code => fulfil(code))),
  };
}
