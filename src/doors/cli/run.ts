import type { Command } from './command.ts';
import { findRepository } from './found-repository.ts';

export const run: Command = {
  name: 'run',
  synopsis:
    '[--input GLOB]… [--output GLOB]… [--env NAME]… [--stdin FILE] [--stdout FILE] [--reason R] [--tag T]… [--container SPEC] [--isolate] [--trace] [--timeout TIME] [--json] [--] COMMAND…',
  summary: 'Runs a simulation and records the run on the branch `records`.',
  details: [
    'COMMAND runs as it would by itself: same terminal, same signals, same exit code. Flags for Corroborate stand before it. Without COMMAND, `command:` of corroborate.yml runs.',
    'Recorded are the source (tracked files as they are on disk, and modules that were loaded), the inputs (files that the command line names, and what --input or `inputs:` match), the outputs (what it wrote, under --output or `outputs:` if given; its stdout if it wrote no file), its dependencies and the machine. The record is committed when the run starts, at each change of its state, and when it ends.',
    "Two runs in one directory never take each other's outputs: the second is refused unless the declared outputs cannot overlap, or --isolate gives it a directory of its own.",
    'With `container:` in corroborate.yml, or --container, it runs in the container of its source: the working tree is mounted where it is, the network is off unless configured. Where the history has none of this source, it is built first.',
    'Exits as the simulation did (128+n for a signal, 124 for --timeout); 125 when Corroborate itself failed or refused, 126 and 127 as a shell does. Your checkout and index are not touched.',
  ],
  flags: {
    input: {
      type: 'string',
      short: 'i',
      multiple: true,
      value: 'GLOB',
      help: 'files that it reads; relative to the top of the working tree',
    },
    output: {
      type: 'string',
      short: 'o',
      multiple: true,
      value: 'GLOB',
      help: 'where its outputs are; without it, whatever it writes',
    },
    env: {
      type: 'string',
      short: 'e',
      multiple: true,
      value: 'NAME',
      help: 'record this environment variable; *** where its name says that it is a secret',
    },
    stdin: { type: 'string', value: 'FILE', help: 'its standard input, recorded by its digest' },
    stdout: { type: 'string', value: 'FILE', help: 'where its standard output goes' },
    reason: { type: 'string', short: 'r', value: 'TEXT', help: 'why it is run, for whoever reads the record' },
    tag: {
      type: 'string',
      short: 't',
      multiple: true,
      value: 'TAG',
      help: 'a word to find it by: `corroborate list tag:TAG`',
    },
    container: {
      type: 'string',
      value: 'SPEC',
      help: 'an image, the id of a container, or an engine to take: docker, podman, apptainer; none: on the host',
    },
    isolate: { type: 'boolean', help: 'run in a working directory of its own, with the source and the inputs in it' },
    trace: { type: 'boolean', help: 'see by strace every file that it loads (Linux; slows it down)' },
    timeout: { type: 'string', value: 'TIME', help: 'stop it after 90s, 15m, 1h30m, …; it then counts as cancelled' },
    json: { type: 'boolean', help: 'print the record as JSON on stdout; the stdout of COMMAND goes to stderr' },
  },
  examples: [
    ['corroborate run python3 main.py default.param', "Record the paper's example."],
    [
      "corroborate run -o 'Data/**' -e OMP_NUM_THREADS -- mpirun -n 4 ./sim mesh.h5",
      'Say where outputs are, and which variable counts as an input.',
    ],
    ["corroborate run -r 'a longer run' -t sweep --isolate --timeout 2h ./sim 7", 'One of many at the same time.'],
  ],
  words: 'rest',
  async run(call) {
    // Ctrl-C and Ctrl-Z go to the simulation: a git that they killed or stopped would take the record with it.
    const found = findRepository(call, true);
    const { recordedRun } = await import('./recorded-run.ts');
    return recordedRun(call, found);
  },
};
