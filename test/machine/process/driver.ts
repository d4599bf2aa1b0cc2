// A stand-in for `corroborate run`: starts a simulation with the options of its first argument, tells what it sees by
// lines of JSON in the file named there, and ends as the simulation did. Its standard streams are the test's to choose.
import { appendFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Problem } from '../../../src/domain/problem.ts';
import { redactionOf } from '../../../src/domain/redaction.ts';
import { diesOfInterrupt, exitStatus, statusOf } from '../../../src/machine/process/exit-status.ts';
import { startSimulation } from '../../../src/machine/process/simulation.ts';

const { report, engine = false, ...options } = JSON.parse(process.argv[2]!);
const tell = (event: object) => appendFileSync(report, `${JSON.stringify(event)}\n`);

try {
  const running = await startSimulation({
    cwd: process.cwd(),
    environment: process.env,
    stdin: null,
    stdout: null,
    json: false,
    timeout: null,
    grace: 10_000,
    logLimit: 64 * 1024,
    redaction: redactionOf([]),
    temporaryFolder: tmpdir(),
    now: () => new Date(),
    onState: state => tell({ state }),
    // As if the command were an engine's program, whose container can be told nothing.
    reach: engine ? { signal() {}, ended() {}, pause: async () => {}, resume: async () => {} } : null,
    ...options,
  });
  tell({ pid: running.pid, processStart: running.processStart, recorder: process.pid, atTerminal: running.atTerminal });
  const outcome = await running.done;
  tell({
    outcome: {
      ...outcome,
      status: statusOf(outcome),
      log: outcome.log.toString(),
      stdoutText: outcome.stdout && readFileSync(outcome.stdout.path, 'utf8').slice(0, 1000),
    },
  });
  running.release();
  if (diesOfInterrupt(outcome, running.atTerminal)) process.kill(process.pid, 'SIGINT');
  process.exitCode = exitStatus(outcome);
} catch (error) {
  tell({
    problem: error instanceof Problem ? error.code : String((error as Error).stack),
    message: (error as Error).message,
  });
  process.exitCode = 125;
}
