// The life of a claim, from the first run to the owners' answer: real commands, as processes, in a temporary folder.
// `npm run demo`, or `npm run demo -- --simulation ising` for the simulation that needs no Python.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs, styleText } from 'node:util';

const top = join(import.meta.dirname, '..');
const program = join(top, 'lib', 'corroborate.js');

type Edit = readonly [before: string, after: string];

/** What the demo needs to know of a simulation that it can show. */
interface Simulation {
  readonly folder: string;
  readonly command: readonly string[];
  readonly otherSeed: Edit;
  readonly main: string;
  /** A change of the source that leaves the outputs as they are. */
  readonly harmless: Edit;
  /** A change of the source that does not. */
  readonly harmful: Edit;
}

const simulations: Readonly<{ [name: string]: Simulation }> = {
  'demo-sumatra': {
    folder: 'demo-sumatra',
    command: ['python3', 'main.py', 'default.param'],
    otherSeed: ['seed = 65785', 'seed = 12345'],
    main: 'main.py',
    harmless: ['data = distr(size=parameters["n"])', 'count = parameters["n"]; data = distr(size=count)'],
    harmful: ['numpy.savetxt("Data/example2.dat", data)', 'numpy.savetxt("Data/example2.dat", data, fmt="%.6f")'],
  },
  ising: {
    folder: 'ising',
    command: ['node', 'main.mjs', 'default.param'],
    otherSeed: ['seed = 65785', 'seed = 12345'],
    main: 'main.mjs',
    harmless: ['if (cost <= 0 || random()', 'if (!(cost > 0) || random()'],
    harmful: ['energy / spins.length).toFixed(6)', 'energy / spins.length).toFixed(3)'],
  },
};

type Environment = { [name: string]: string | undefined };

/** What a step prints is shown as it comes, and given back without colours. */
interface Ended {
  readonly code: number | null;
  readonly text: string;
}

const colours = process.stdout.isTTY === true && process.stdout.hasColors();
const say = (line = '') => process.stdout.write(`${line}\n`);

function start(command: readonly string[], cwd: string, env: Environment, show: boolean): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (part: string) => {
        text += part;
        if (show) process.stdout.write(part);
      });
    }
    child.on('error', cause => reject(new Error(`${command[0]} could not be started: ${cause.message}.`, { cause })));
    child.on('close', code => resolve({ code, text: text.replaceAll(/\u001b\[\d+m/g, '') }));
  });
}

const shellWord = (word: string) =>
  /^[\w./:=@{}%+,-]+$/.test(word) ? word : word.includes("'") ? `"${word}"` : `'${word}'`;

/** One of the two scientists: a clone of their own, and a name that git knows. */
class Scientist {
  readonly name: string;
  readonly folder: string;
  readonly #environment: Environment;

  constructor(name: string, folder: string, environment: Environment) {
    this.name = name;
    this.folder = folder;
    const email = `${name.toLowerCase()}@example.org`;
    this.#environment = {
      ...environment,
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
    };
  }

  /** Shows a command line, runs it, shows what it prints. @throws when it ends otherwise than expected */
  async runs(command: readonly string[], { exits = 0 } = {}): Promise<string> {
    const line = command.map(shellWord).join(' ');
    say(`${styleText('dim', this.name)} ${styleText('bold', `$ ${line}`)}`);
    const ended = await start(command, this.folder, this.#environment, true);
    if (ended.code !== exits) {
      throw new Error(`${this.name}'s \`${line}\` ended with exit code ${ended.code}; ${exits} was expected.`);
    }
    if (exits !== 0) say(styleText('dim', `(exit code ${exits})`));
    say();
    return ended.text;
  }

  corroborate(...words: readonly string[]): Promise<string> {
    return this.runs(['corroborate', ...words]);
  }

  /** Records a run. @returns its id */
  async records(reason: string, command: readonly string[]): Promise<string> {
    return idIn(await this.corroborate('run', '--reason', reason, ...command));
  }

  async prepares(...command: readonly string[]): Promise<void> {
    const { code, text } = await start(command, this.folder, this.#environment, false);
    if (code !== 0) throw new Error(`\`${command.join(' ')}\` ended with exit code ${code}: ${text.trim()}`);
  }

  edits(file: string, [before, after]: Edit): void {
    const path = join(this.folder, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(before)) throw new Error(`${path} holds no ${JSON.stringify(before)} to change.`);
    writeFileSync(path, text.replace(before, after));
    say(styleText('dim', `${this.name} edits ${file}`));
    say(styleText('red', `  - ${before}`));
    say(styleText('green', `  + ${after}`));
  }
}

/** The id of the record or the request that a command told of. */
function idIn(text: string): string {
  const id = /\b\d{8}T\d{6}Z-[0-9a-f]{10}\b(?=:|, on the branch)/.exec(text)?.[0];
  if (id === undefined) throw new Error(`no id was printed in ${JSON.stringify(text)}.`);
  return id;
}

/** The ten digits by which an id is told from all others. */
const short = (id: string) => id.slice(-10);

function title(text: string): void {
  say(styleText(['bold', 'cyan'], `— ${text} —`));
  say();
}

/** The user's environment without their git, their home and their colours: nothing of theirs is read or written. */
function quietEnvironment(folder: string): Environment {
  const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|npm_|XDG_|NO_COLOR$|FORCE_COLOR$)/i.test(name));
  return {
    ...Object.fromEntries(kept),
    HOME: join(folder, 'home'),
    GIT_CONFIG_GLOBAL: join(folder, 'home', '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    COLUMNS: String(process.stdout.columns ?? 100),
    [colours ? 'FORCE_COLOR' : 'NO_COLOR']: '1',
  };
}

const withFirst = (environment: Environment, folder: string): Environment => ({
  ...environment,
  PATH: `${folder}${delimiter}${environment.PATH ?? ''}`,
});

/** The environment in which `python3` has numpy, and which versions those are; null where there is none. */
async function findPython(environment: Environment): Promise<{ environment: Environment; versions: string } | null> {
  const question =
    'import sys, numpy; print(sys.executable); print("Python %d.%d.%d" % sys.version_info[:3] + ", numpy " + numpy.__version__)';
  for (const python of ['python3', '/usr/bin/python3']) {
    const asked = await start([python, '-c', question], tmpdir(), environment, false).catch(() => null);
    const [executable, versions] = asked?.code === 0 ? asked.text.trim().split('\n') : [];
    if (!executable || !versions) continue;
    const found = withFirst(environment, dirname(executable));
    const again = await start(['python3', '-c', 'import numpy'], tmpdir(), found, false).catch(() => null);
    if (again?.code === 0) return { environment: found, versions };
  }
  return null;
}

async function demo(wanted: string | undefined, folder: string): Promise<void> {
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'bin'));
  const launcher = join(folder, 'bin', 'corroborate');
  writeFileSync(launcher, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(launcher, 0o755);
  let environment = withFirst(quietEnvironment(folder), dirname(process.execPath));

  const python = wanted === 'ising' ? null : await findPython(environment);
  if (wanted === 'demo-sumatra' && !python) throw new Error('no python3 with numpy was found.');
  const simulation = simulations[python ? 'demo-sumatra' : 'ising']!;
  environment = withFirst(python?.environment ?? environment, join(folder, 'bin'));
  say(
    python
      ? `The simulation is the paper's own example, examples/${simulation.folder} (${python.versions}).`
      : `The simulation is examples/${simulation.folder}, in JavaScript${wanted ? '' : ": no python3 with numpy was found for the paper's own"}.`,
  );
  say(`Everything happens in ${folder}.`);
  say();

  const ada = new Scientist('Ada', join(folder, 'ada'), environment);
  const grace = new Scientist('Grace', join(folder, 'grace'), environment);
  const { command, main } = simulation;

  cpSync(join(top, 'examples', simulation.folder), ada.folder, { recursive: true });
  await ada.prepares('git', 'init', '--quiet', '--bare', '--initial-branch=main', '../shared.git');
  await ada.prepares('git', 'init', '--quiet', '--initial-branch=main');
  await ada.prepares('git', 'add', '.');
  await ada.prepares('git', 'commit', '--quiet', '--message', 'The simulation');
  await ada.prepares('git', 'remote', 'add', 'origin', '../shared.git');
  await ada.prepares('git', 'push', '--quiet', '--set-upstream', 'origin', 'main');

  title('Ada records a run of her simulation');
  await ada.corroborate('init');
  const first = await ada.records('the first run', command);
  await ada.corroborate('push');

  title('Grace clones it and repeats the run');
  mkdirSync(grace.folder);
  await grace.runs(['git', 'clone', '--quiet', '../shared.git', '.']);
  await grace.corroborate('pull');
  const repeat = await grace.records("repeat Ada's run", command);
  await grace.corroborate('compare', short(repeat), short(first));

  title('The same source on another input');
  grace.edits('default.param', simulation.otherSeed);
  const otherSeed = await grace.records('another seed', command);
  await grace.corroborate('compare', short(otherSeed), short(first));
  await grace.prepares('git', 'checkout', '--quiet', '--', 'default.param');

  title('Another source with the same outputs');
  grace.edits(main, simulation.harmless);
  const rewritten = await grace.records('the same in other words', command);
  await grace.corroborate('compare', short(rewritten), short(first));
  await grace.prepares('git', 'checkout', '--quiet', '--', main);

  title('Another source with other outputs');
  grace.edits(main, simulation.harmful);
  const rounded = await grace.records('fewer digits', command);
  await grace.corroborate('compare', short(rounded), short(first));
  await grace.prepares('git', 'checkout', '--quiet', '--', main);

  title('Grace asks Ada to agree: first to what Table 1 forbids, then to two claims that it allows');
  const claim = ['corroborate', 'request', short(rewritten), short(first), '--proposition', 'repeated'];
  const refusal = await grace.runs(claim, { exits: 1 });
  if (!refusal.includes('rule table-1')) throw new Error('the refusal does not name Table 1.');
  const repeated = idIn(await grace.corroborate('request', short(repeat), short(first), '--proposition', 'repeated'));
  const observation = 'the values are others altogether';
  const nonReproduced = idIn(
    await grace.corroborate('request', short(otherSeed), short(first), '--observation', observation),
  );
  await grace.corroborate('push');

  title('Ada looks at both, agrees to one and denies the other');
  await ada.corroborate('pull');
  await ada.corroborate('requests');
  await ada.corroborate('check', short(repeated));
  await ada.corroborate('agree', short(repeated));
  const reason = 'Another seed draws other values. That says nothing against the first run.';
  await ada.corroborate('deny', short(nonReproduced), '--reason', reason);

  title('What the project can show for itself');
  await ada.corroborate('list');
  await ada.corroborate('report');
  await ada.corroborate('verify');
  await ada.corroborate('push');

  title("Ada's repository stays there. To look at it");
  for (const line of [`cd ${ada.folder}`, '../bin/corroborate show latest', 'git log --graph --stat records']) {
    say(`  ${styleText('bold', line)}`);
  }
}

const { values } = parseArgs({ options: { simulation: { type: 'string' } } });
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'corroborate-demo-'));
try {
  if (values.simulation !== undefined && !Object.hasOwn(simulations, values.simulation)) {
    throw new Error(`--simulation is one of ${Object.keys(simulations).join(', ')}.`);
  }
  if (!existsSync(program)) throw new Error(`${program} is not there: \`npm ci\` builds it.`);
  await demo(values.simulation, folder);
} catch (cause) {
  process.stderr.write(`${styleText('red', 'The demo stopped:')} ${(cause as Error).message} (in ${folder})\n`);
  process.exitCode = 1;
}
