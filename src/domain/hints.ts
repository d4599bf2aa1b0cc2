import type { RecordAtom } from './generated/shapes.ts';

/** A usual cause of other outputs that two runs leave open, as data. */
export interface Hint {
  /** What it is called, e.g. `threads`. */
  readonly cause: string;
  /** How it was seen in the two records. */
  readonly seen: string;
  /** What to try, so that it is none the next time. */
  readonly remedy: string;
}

/** A seed or a number of threads that a run was given, by an asked-for variable or an argument. */
export interface Setting {
  readonly kind: 'seed' | 'threads';
  /** The variable, or the option as it was written. */
  readonly name: string;
  /** Null: this side was not given it. */
  readonly from: string | null;
  readonly toward: string | null;
  readonly same: boolean;
}

const threadVariable =
  /^(?:OMP_NUM_THREADS|OMP_THREAD_LIMIT|(?:MKL|OPENBLAS|GOTO|BLIS|NUMEXPR|VECLIB_MAXIMUM|NUMBA|JULIA|ITK_GLOBAL_DEFAULT_NUMBER_OF|RAYON|TBB|KOKKOS)_(?:NUM_)?THREADS|NUMEXPR_MAX_THREADS|MKL_DYNAMIC|OMP_DYNAMIC|OMP_SCHEDULE|SLURM_(?:NTASKS|CPUS_PER_TASK|NPROCS))$/;
const seedVariable = /(?:^|_)SEED(?:$|_|S$)|^(?:RANDOM_STATE|GSL_RNG_SEED|PYTHONHASHSEED)$/i;
const threadOption =
  /^(?:--?(?:n|num|max|omp)?[-_]?threads|--n(?:um)?[-_]?(?:procs|cores|cpus|jobs|workers)|--(?:procs|jobs|workers|cores|ntasks|cpus-per-task|np|tasks-per-node|ranks)|-j|-nt|-np)$/i;
const seedOption = /^--?(?:[a-z0-9]+[-_])*(?:seed|seeds|random[-_]?state|rng)(?:[-_][a-z0-9]+)*$/i;
/** Programs after which `-n 4` is a number of processes. */
const parallelLauncher = /(?:^|\/)(?:mpirun|mpiexec(?:\.\w+)?|orterun|prun|srun|aprun|jsrun)$/;
/** Programs after which `-t 4` and `-p 4` are. */
const parallelInterpreter = /(?:^|\/)julia[\d.-]*$/;
/** What a name in `seed=42` or `threads=4` means. */
const bareThreads = /^(?:n|num|max)?_?(?:threads|procs|cores|workers|ranks)$/i;
const bareSeed = /(?:^|_)(?:seed|random_state)$/i;

type Given = ReadonlyMap<string, { readonly kind: Setting['kind']; readonly value: string }>;

/** The seeds and numbers of threads that either run was given, those that differ first. */
export function runSettings(from: RecordAtom, toward: RecordAtom): Setting[] {
  const [mine, theirs] = [settingsOf(from), settingsOf(toward)];
  const names = [...new Set([...mine.keys(), ...theirs.keys()])];
  const settings = names.map(name => {
    const [one, other] = [mine.get(name), theirs.get(name)];
    const [value, otherValue] = [one?.value ?? null, other?.value ?? null];
    return { kind: (one ?? other)!.kind, name, from: value, toward: otherValue, same: value === otherValue };
  });
  return [...settings.filter(({ same }) => !same), ...settings.filter(({ same }) => same)];
}

function settingsOf({ program }: RecordAtom): Given {
  const given = new Map<string, { kind: Setting['kind']; value: string }>();
  for (const [name, value] of Object.entries(program.environment)) {
    const kind = threadVariable.test(name) ? 'threads' : seedVariable.test(name) ? 'seed' : null;
    if (kind !== null) given.set(name, { kind, value: value ?? 'not set' });
  }
  const words = program.command;
  for (const [at, word] of words.entries()) {
    const equals = word.indexOf('=');
    const name = equals > 0 ? word.slice(0, equals) : word;
    const value = equals > 0 ? word.slice(equals + 1) : words[at + 1];
    const kind = kindOfOption(name, words.slice(0, at), equals > 0);
    if (kind === null || value === undefined || (equals < 0 && value.startsWith('--'))) continue;
    given.set(name, { kind, value });
  }
  return given;
}

function kindOfOption(name: string, before: readonly string[], isJoined: boolean): Setting['kind'] | null {
  if (seedOption.test(name) && name.startsWith('-')) return 'seed';
  if (threadOption.test(name)) return 'threads';
  if (/^-[nc]$/.test(name) && isLaunchers(before)) return 'threads';
  if (/^-[tp]$/.test(name) && parallelInterpreter.test(before.at(-1) ?? '')) return 'threads';
  if (!isJoined) return null;
  if (bareSeed.test(name) || seedVariable.test(name)) return 'seed';
  return bareThreads.test(name) || threadVariable.test(name) ? 'threads' : null;
}

/** Whether an option here is the launcher's own: behind it stand nothing but options and their values. */
function isLaunchers(before: readonly string[]): boolean {
  const launcher = before.findLastIndex(word => parallelLauncher.test(word));
  if (launcher < 0) return false;
  const since = before.slice(launcher + 1);
  return since.every((word, at) => word.startsWith('-') || since[at - 1]?.startsWith('-') === true);
}

/** What the causes look at. */
interface Pair {
  readonly from: RecordAtom;
  readonly toward: RecordAtom;
  readonly settings: readonly Setting[];
  /** Source and inputs are the same: then what nobody fixed is suspected, too, and not only what differs. */
  readonly isRepetition: boolean;
}

/** The usual causes, the likeliest first. Each says what it saw, or null. */
const causes: readonly { readonly cause: string; readonly remedy: string; seen(pair: Pair): string | null }[] = [
  {
    cause: 'seed',
    remedy:
      'Give the simulation a fixed seed, in an input file, an argument or a variable that is asked for (`run --env NAME`), and one for each parallel stream.',
    seen: ({ settings, isRepetition }) => {
      const seeds = settings.filter(({ kind, name }) => kind === 'seed' && name !== 'PYTHONHASHSEED');
      const other = seeds.find(({ same }) => !same);
      if (other) return `${other.name} is ${shown(other.from)} and ${shown(other.toward)}`;
      return isRepetition && seeds.length === 0
        ? 'no argument and no asked-for variable of either run is a seed; if an input file holds none, either, the numbers are drawn anew each time'
        : null;
    },
  },
  {
    cause: 'threads',
    remedy:
      'Run both with one thread (OMP_NUM_THREADS=1, and `environment: [OMP_NUM_THREADS]` in corroborate.yml records it): threads add up in another order each time.',
    seen: ({ from, toward, settings, isRepetition }) => {
      const threads = settings.filter(({ kind }) => kind === 'threads');
      const other = threads.find(({ same }) => !same);
      if (other) return `${other.name} is ${shown(other.from)} and ${shown(other.toward)}`;
      const many = threads.find(({ from: value }) => value !== '1' && value !== 'not set');
      if (many && isRepetition) return `both ran with ${many.name} ${shown(many.from)}`;
      const [cores, otherCores] = [from.system.cores, toward.system.cores];
      return threads.length === 0 && cores !== otherCores && cores !== null && otherCores !== null
        ? `no number of threads is recorded, and the machines have ${cores} and ${otherCores} cores, of which many libraries take all`
        : null;
    },
  },
  {
    cause: 'hash seed',
    remedy:
      'Set PYTHONHASHSEED=0 (and `environment: [PYTHONHASHSEED]` in corroborate.yml), or sort what comes out of sets before it is used.',
    seen: ({ from, toward, isRepetition }) => {
      if (
        ![from, toward].every(
          record => dependency(record, /^(?:python[\d.]*|pypy)$/i, /^(?:python|pypy|conda)$/) !== null,
        )
      )
        return null;
      const name = 'PYTHONHASHSEED';
      const [value, other] = [from, toward].map(({ program }) => program.environment[name] ?? null);
      if (value !== other) return `${name} is ${shown(value ?? null)} and ${shown(other ?? null)}`;
      return value === null && isRepetition
        ? `Python ran without ${name}: sets of text come out in another order in each process`
        : null;
    },
  },
  {
    cause: 'BLAS library',
    remedy:
      'Run both with the same BLAS (a container fixes it), and OPENBLAS_CORETYPE or MKL_CBWR=COMPATIBLE set alike.',
    seen: pair => otherDependency(pair, /(?<!cu|hip|roc)blas|^(?:lib)?(?:mkl|blis|atlas|lapack|flame)|^intel-mkl/i),
  },
  {
    cause: 'GPU libraries',
    remedy:
      'Use the same versions, and the deterministic algorithms of the framework (CUBLAS_WORKSPACE_CONFIG=:4096:8, torch.use_deterministic_algorithms).',
    seen: pair => {
      const names = /cuda|cudnn|cublas|cufft|curand|nccl|rocm|^hip|nvidia|^libOpenCL/i;
      const other = otherDependency(pair, names);
      if (other !== null || !pair.isRepetition) return other;
      const used = dependency(pair.from, names, /./);
      return used === null ? null : `both ran with ${used}, whose sums need not come in the same order twice`;
    },
  },
  {
    cause: 'CPU',
    remedy:
      'Compile for a common processor (no -march=native), and let libraries choose alike (OPENBLAS_CORETYPE, MKL_CBWR=COMPATIBLE): each takes the instructions that it finds.',
    seen: pair => otherSystem(pair, 'architecture') ?? otherSystem(pair, 'cpu'),
  },
  {
    cause: 'numerical software',
    remedy: 'Run both with the same versions: pin them, or build a container (`corroborate container build`).',
    seen: pair =>
      otherDependency(
        pair,
        /^(?:numpy|scipy|pandas|numba|jax|jaxlib|torch|tensorflow|scikit-learn|mpi4py|h5py|petsc4py|python[\d.]*|julia|r|r-base|r-base-core|octave|nodejs?|libgfortran\d*|libgomp\d*|libstdc\+\+\d*|libopenmpi\d*|libmpich\d*|libfftw3.*|libgsl\d*|libc6|glibc)$/i,
      ),
  },
  {
    cause: 'locale',
    remedy:
      'Run both with LC_ALL=C.UTF-8 (and `environment: [LC_ALL]`): it decides how text is sorted and numbers are written.',
    seen: pair => otherSystem(pair, 'locale'),
  },
  {
    cause: 'time zone',
    remedy: 'Run both with TZ=UTC (and `environment: [TZ]`).',
    seen: pair => otherSystem(pair, 'timezone'),
  },
  {
    cause: 'operating system',
    remedy: 'Run both in the same container: system libraries, such as the one of sin and exp, come with the system.',
    seen: pair => otherSystem(pair, 'os'),
  },
];

/**
 * The usual causes that two runs with other outputs leave open. Pure; they are hints and no findings.
 * @param isRepetition the source and the inputs are the same
 */
export function hintsFor(from: RecordAtom, toward: RecordAtom, isRepetition: boolean): Hint[] {
  const pair = { from, toward, settings: runSettings(from, toward), isRepetition };
  return causes.flatMap(({ cause, remedy, seen }) => {
    const how = seen(pair);
    return how === null ? [] : [{ cause, seen: how, remedy }];
  });
}

function shown(value: string | number | null): string {
  return value === null ? 'not given' : String(value);
}

function otherSystem(
  { from, toward }: Pair,
  field: 'architecture' | 'cpu' | 'locale' | 'timezone' | 'os',
): string | null {
  const [one, other] = [from.system[field], toward.system[field]];
  return one === null || other === null || one === other ? null : `${one} and ${other}`;
}

/** How dependencies of these names differ; more than three are counted. */
function otherDependency({ from, toward }: Pair, names: RegExp): string | null {
  const [mine, theirs] = [from, toward].map(
    record =>
      new Map(
        record.dependencies
          .filter(({ name }) => names.test(name))
          .map(({ name, version, system }) => [`${name} (${system})`, version ?? 'of unknown version']),
      ),
  ) as [Map<string, string>, Map<string, string>];
  const differing = [...new Set([...mine.keys(), ...theirs.keys()])]
    .sort()
    .filter(name => mine.get(name) !== theirs.get(name))
    .map(name => `${name} is ${mine.get(name) ?? 'absent'} and ${theirs.get(name) ?? 'absent'}`);
  if (differing.length === 0) return null;
  const more = differing.length > 3 ? `, and ${differing.length - 3} more` : '';
  return `${differing.slice(0, 3).join(', ')}${more}`;
}

function dependency(record: RecordAtom, names: RegExp, systems: RegExp): string | null {
  return record.dependencies.find(({ name, system }) => names.test(name) && systems.test(system))?.name ?? null;
}
