/** What the words of a command are, as far as they can be told without looking at the disk. */
export interface CommandWords {
  /** The program and, where it is an interpreter, its script: source, and no input. As they were written. */
  readonly programs: readonly string[];
  /** Words, or parts of words (`--config=FILE`), that may name files which the run reads. */
  readonly named: readonly string[];
  /** The same, where the option before them says that they are written: `-o FILE`, `--output=FILE`, `> FILE`. */
  readonly written: readonly string[];
}

/** How a program that runs another, or a script, is called. */
interface Caller {
  /** Options that take the next word as their value. */
  readonly values?: readonly string[];
  /** Options that take the next two. */
  readonly pairs?: readonly string[];
  /** Options after which no script comes, since the program text is their value. */
  readonly code?: readonly string[];
  /** Options whose value is program text in a file. */
  readonly files?: readonly string[];
  /** Words that stand between it and what it runs: `uv run`, `conda run`. */
  readonly verbs?: readonly string[];
  /** Words before the command: `timeout 5 sim`. */
  readonly skip?: number;
}

const mpi: Caller = {
  values:
    '-n -np -c --np -N -npernode -ppn -perhost -H -host --host -hosts -hostfile --hostfile -machinefile --machinefile -f -x -wdir -wd --map-by --bind-to --rank-by -map-by -bind-to -genvlist -envlist'.split(
      ' ',
    ),
  pairs: ['-mca', '--mca', '-genv', '-env'],
};

/** Programs that run the command that follows. */
const launchers: Readonly<{ [name: string]: Caller }> = {
  env: { values: ['-u', '--unset', '-C', '--chdir'] },
  time: { values: ['-f', '--format', '-o', '--output'] },
  nice: { values: ['-n', '--adjustment'] },
  ionice: { values: ['-c', '-n', '-p'] },
  chrt: { skip: 1 },
  nohup: {},
  setsid: {},
  exec: {},
  command: {},
  timeout: { values: ['-k', '--kill-after', '-s', '--signal'], skip: 1 },
  stdbuf: { values: ['-i', '-o', '-e'] },
  unbuffer: {},
  taskset: { skip: 1 },
  numactl: { values: ['-N', '-m', '-C', '-i', '-p'] },
  catchsegv: {},
  'xvfb-run': { values: ['-n', '-s', '--server-num', '--server-args', '-f', '-e'] },
  mpirun: mpi,
  mpiexec: mpi,
  orterun: mpi,
  prun: mpi,
  srun: {
    values:
      '-n -N -c -p -t -A -J -w -x -D -o -e -i -q -G --ntasks --nodes --cpus-per-task --partition --time --account --job-name --mem --gres --gpus --qos --output --error --input --mpi --constraint -C'.split(
        ' ',
      ),
  },
  uv: { verbs: ['run'], values: ['--with', '--python', '-p', '--extra', '--group', '--project'] },
  poetry: { verbs: ['run'] },
  pipenv: { verbs: ['run'] },
  pixi: { verbs: ['run'], values: ['-e', '--environment'] },
  conda: { verbs: ['run'], values: ['-n', '--name', '-p', '--prefix', '--cwd'] },
  mamba: { verbs: ['run'], values: ['-n', '--name', '-p', '--prefix', '--cwd'] },
  micromamba: { verbs: ['run'], values: ['-n', '--name', '-p', '--prefix', '--cwd'] },
};

const shell: Caller = { values: ['-o', '+o', '-O', '+O', '--rcfile', '--init-file'], code: ['-c'] };
const python: Caller = { values: ['-W', '-X', '-Q', '--check-hash-based-pycs'], code: ['-c'] };
const node: Caller = {
  values: ['-C', '--conditions', '--loader', '--env-file'],
  code: ['-e', '--eval', '-p', '--print'],
  files: ['-r', '--require', '--import'],
};
const octave: Caller = { values: ['-p', '--path'], code: ['--eval'] };

/** Programs that run a script: the first word that is no option. By name without its version (`python3.11`). */
const interpreters: Readonly<{ [name: string]: Caller }> = {
  python,
  pythonw: python,
  pypy: python,
  ipython: python,
  Rscript: { code: ['-e'] },
  littler: { code: ['-e'] },
  R: { code: ['-e'], files: ['-f', '--file'], verbs: ['CMD', 'BATCH'] },
  julia: {
    values: ['-J', '--sysimage', '-p', '--procs', '-t', '--threads', '-C', '--cpu-target'],
    code: ['-e', '--eval', '-E', '--print'],
    files: ['-L', '--load'],
  },
  node,
  nodejs: node,
  tsx: node,
  'ts-node': node,
  bun: { ...node, verbs: ['run'] },
  deno: { verbs: ['run'], values: ['-c', '--config'] },
  sh: shell,
  bash: shell,
  dash: shell,
  zsh: shell,
  ksh: shell,
  fish: shell,
  perl: { values: ['-I'], code: ['-e', '-E'] },
  ruby: { values: ['-I', '-r'], code: ['-e'] },
  lua: { values: ['-l'], code: ['-e'] },
  luajit: { values: ['-l'], code: ['-e'] },
  php: { values: ['-d', '-c'], code: ['-r'], files: ['-f'] },
  tclsh: {},
  wish: {},
  octave,
  'octave-cli': octave,
  gnuplot: { values: ['-d'], code: ['-e'], files: ['-c'] },
  java: { values: ['-cp', '-classpath', '--class-path', '-p', '--module-path'], files: ['-jar'] },
  mono: {},
  dotnet: { verbs: ['exec'] },
  wine: {},
  awk: { values: ['-F', '-v'], files: ['-f'] },
  gawk: { values: ['-F', '-v'], files: ['-f'] },
  mawk: { values: ['-F', '-v'], files: ['-f'] },
  sage: { code: ['-c'] },
  nrniv: {},
  wolframscript: { code: ['-c', '-code'], files: ['-f', '-file', '-script'] },
  runghc: {},
  guile: { code: ['-c'], files: ['-s', '-l'] },
  racket: { code: ['-e'], files: ['-f', '-u'] },
};

/** Python modules that run the script that follows them. */
const pythonRunners =
  /^(?:cProfile|profile|pdb|ipdb|trace|coverage|runpy|scalene|memory_profiler|kernprof|line_profiler|mpi4py(?:\.run)?|debugpy|torch\.distributed\.(?:run|launch))$/;

/** Options whose value is a file that the program writes, by the custom of command lines. */
const writes =
  /^(?:-o|-?-?(?:out|output|outfile|out[-_]?file|output[-_]?(?:file|path|name)|save|save[-_]?(?:to|as)|log|log[-_]?file|dest|destination|result|results))$/i;

/**
 * Tells program, script and the rest apart, through launchers (`mpirun -n 4 ./sim in.dat`), interpreters and shell
 * strings (`sh -c "python main.py a.param > out"`: each simple command of the string is looked at likewise; its
 * variables and wildcards are not expanded). Pure: what a word names on the disk is the caller's to see, and so is
 * leaving out words that name nothing.
 */
export function classifyCommand(command: readonly string[]): CommandWords {
  const words = { programs: [] as string[], named: [] as string[], written: [] as string[] };
  classify(command, words, 0);
  return words;
}

type Words = { programs: string[]; named: string[]; written: string[] };

function classify(command: readonly string[], words: Words, depth: number): void {
  let rest = [...command];
  // Launchers may follow one another: `nice mpirun -n 4 env A=1 ./sim`.
  for (;;) {
    while (rest.length > 0 && /^[A-Za-z_][A-Za-z0-9_]*=/.test(rest[0]!)) takeArguments([rest.shift()!], words);
    const launcher = own(launchers, nameOf(rest[0]));
    if (launcher === undefined) break;
    words.programs.push(rest.shift()!);
    rest = skipOptions(rest, launcher, words).rest.slice(launcher.skip ?? 0);
  }
  const program = rest.shift();
  if (program === undefined) return;
  words.programs.push(program);
  const name = nameOf(program);
  const interpreter = own(interpreters, name);
  if (interpreter === undefined) {
    takeArguments(rest, words);
    return;
  }
  if (interpreter === python) rest = intoPythonModule(rest, words);
  const { rest: after, code } = skipOptions(rest, interpreter, words);
  if (code === null) {
    const script = after.shift();
    if (script !== undefined) words.programs.push(script);
  } else if (interpreter === shell && depth < 4) {
    let folder = '';
    for (const { command: simple, reads, writes: writesTo } of simpleCommands(code)) {
      if (simple[0] === 'cd') {
        folder = inFolder(folder, simple.at(-1)!);
        continue;
      }
      const inner: Words = { programs: [], named: [...reads], written: [...writesTo] };
      classify(simple, inner, depth + 1);
      words.programs.push(...inner.programs.map(word => inFolder(folder, word)));
      words.named.push(...inner.named.map(word => inFolder(folder, word)));
      words.written.push(...inner.written.map(word => inFolder(folder, word)));
    }
  }
  takeArguments(after, words);
}

/** `-m cProfile main.py` runs main.py; `-m mod a.csv` runs a module, whose arguments follow. */
function intoPythonModule(rest: string[], words: Words): string[] {
  const at = rest.indexOf('-m');
  // Options before it, or their values, are no script; anything else is.
  if (
    at < 0 ||
    rest.slice(0, at).some((word, i) => !word.startsWith('-') && !python.values!.includes(rest[i - 1] ?? ''))
  ) {
    return rest;
  }
  const module = rest[at + 1] ?? '';
  const after = rest.slice(at + 2);
  const script = pythonRunners.test(module) ? after.findIndex(word => /\.py$/i.test(word)) : -1;
  if (script >= 0) words.programs.push(after[script]!);
  takeArguments(
    after.filter((_, i) => i !== script),
    words,
  );
  return [];
}

/** The words after a program's own options; `code` is the program text, where an option gave it. */
function skipOptions(given: readonly string[], caller: Caller, words: Words): { rest: string[]; code: string | null } {
  const rest = [...given];
  for (const verb of caller.verbs ?? []) if (rest[0] === verb) rest.shift();
  let code: string | null = null;
  let loaded = false;
  while (rest.length > 0) {
    const word = rest[0]!;
    if (word === '--') {
      rest.shift();
      break;
    }
    if (!/^[-+]./.test(word)) break;
    rest.shift();
    const equals = word.indexOf('=');
    const option = equals > 0 ? word.slice(0, equals) : word;
    const bundle = /^-[a-z]+$/i.test(word) ? `-${word.at(-1)}` : null;
    if (caller.files?.includes(option)) {
      const file = equals > 0 ? word.slice(equals + 1) : rest.shift();
      if (file !== undefined) words.programs.push(file);
      // `-r setup.js main.js` has a script still to come, `-jar sim.jar` and `-f prog.awk` have not.
      loaded ||= !['-r', '--require', '--import', '-L', '--load'].includes(option);
    } else if (
      caller.code?.includes(option) ||
      (bundle !== null && caller.code?.includes(bundle) && word.length <= 4)
    ) {
      code = equals > 0 && option !== word ? word.slice(equals + 1) : (rest.shift() ?? '');
      // What follows the text of a shell or of Python are its arguments, of others there may be more text.
      if (caller === shell || caller === python) break;
    } else if (caller.pairs?.includes(word)) takeArguments(rest.splice(0, 2), words);
    else if (caller.values?.includes(word)) takeArguments(rest.splice(0, 1), words);
    else takeArguments([word], words);
  }
  return { rest, code: code ?? (loaded ? '' : null) };
}

function takeArguments(given: readonly string[], words: Words): void {
  for (const [at, word] of given.entries()) {
    const before = given[at - 1] ?? '';
    const list = writes.test(before) && before.startsWith('-') ? words.written : words.named;
    list.push(word);
    const equals = word.indexOf('=');
    if (equals > 0) (writes.test(word.slice(0, equals)) ? words.written : words.named).push(word.slice(equals + 1));
    // Values that are joined to their option: `-iin.dat`, `-oout.csv`, and response files, `@args.txt`.
    else if (/^-o./.test(word)) words.written.push(word.slice(2));
    else if (/^-[A-Za-z]./.test(word)) words.named.push(word.slice(2));
    else if (/^@./.test(word)) words.named.push(word.slice(1));
  }
}

/** A program's name without folder, `.exe` and version. */
function nameOf(program: string | undefined): string {
  const name = (program ?? '').replace(/^.*[/\\]/, '').replace(/\.exe$/i, '');
  return own(interpreters, name) || own(launchers, name) ? name : name.replace(/-?\d+(?:\.\d+)*[a-z]?$/, '');
}

function own<Value>(table: Readonly<{ [name: string]: Value }>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

interface SimpleCommand {
  readonly command: string[];
  /** What it redirects from and to. */
  readonly reads: string[];
  readonly writes: string[];
}

/** The simple commands of a shell string, quotes resolved. */
function simpleCommands(text: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [{ command: [], reads: [], writes: [] }];
  let target: string[] | null = null;
  // An operator, or a word of quoted and plain pieces.
  for (const [token] of text.matchAll(
    /\d*(?:>>?|<<?<?)&?|(?:\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|[^\s'"\\;&|<>()])+|[;&|()\n]+/g,
  )) {
    const last = commands.at(-1)!;
    if (/^\d*[<>]/.test(token)) {
      // What follows `<<` is no file.
      target = token.includes('>') ? last.writes : token.includes('<<') ? [] : last.reads;
    } else if (/^[;&|()\n]/.test(token)) {
      commands.push({ command: [], reads: [], writes: [] });
      target = null;
    } else {
      const word = token.replace(/\\([\s\S])|'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"/g, (_, escaped, single, double) =>
        double !== undefined ? double.replace(/\\(["\\$`\n])/g, '$1') : (escaped ?? single ?? ''),
      );
      (target ?? last.command).push(word);
      target = null;
    }
  }
  for (const { command } of commands) while (command.length > 0 && keyword.test(command[0]!)) command.shift();
  return commands;
}

const keyword = /^(?:if|then|else|elif|do|while|until|!|\{|\})$/;

/** A word as it reads from where the shell string was started, after its `cd`. */
function inFolder(folder: string, word: string): string {
  return folder === '' || word.startsWith('/') || word === '' ? word : `${folder}/${word}`;
}
