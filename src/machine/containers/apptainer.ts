import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Problem } from '../../domain/problem.ts';
import { digestFile } from '../files/digest.ts';
import { type ContainerCommand, csvLine } from './container-arguments.ts';
import type { ContainerEngine, ImageFacts } from './container-engine.ts';
import { callEngine } from './engine-call.ts';
import { engineProblem } from './engine-problem.ts';
import { placeArchive } from './oci-archive.ts';

/**
 * Apptainer (and Singularity, its elder), by its documented command line: an image is a SIF file, its identity the
 * file's sha256; images of registries are made into one at the first use. A container is a process of ours like any other,
 * so signals, pauses and resources need nothing from the engine.
 */
export function apptainerEngine(program: string, environment: NodeJS.ProcessEnv): ContainerEngine {
  const folder = join(environment.APPTAINER_CACHEDIR ?? join(environment.HOME ?? '/tmp', '.apptainer'), 'corroborate');

  async function call(args: readonly string[], doing: string, onOutput?: (chunk: Buffer) => void): Promise<string> {
    const answer = await callEngine(program, args, environment, onOutput);
    if (answer?.code === 0) return answer.stdout;
    throw engineProblem('apptainer', doing, answer?.stderr || answer?.stdout || `${program} is not there any more`);
  }

  /** Where the SIF of an image stands: the image itself where it is a file. */
  const fileOf = (image: string) =>
    image.startsWith('/') ? image : join(folder, `${image.slice(image.lastIndexOf(':') + 1).replace(/\W/g, '_')}.sif`);

  const cannot = (what: string) => new Problem('UNSUPPORTED', `apptainer cannot ${what}`);

  return {
    system: 'apptainer',

    async build({ context, file, labels, scratch, stop, onOutput }) {
      const image = join(scratch, 'image.sif');
      // Labels are given in the definition; a section that comes twice is taken together.
      const definition = join(scratch, 'labelled.def');
      const lines = Object.entries(labels).map(([key, value]) => `    ${key} ${value}\n`);
      const own = await readFile(join(context, file), 'utf8');
      await writeFile(definition, `${own.trimEnd()}\n\n%labels\n${lines.join('')}`);
      const answer = await callEngine(
        'sh',
        ['-c', 'cd "$1" && exec "$2" build --force "$3" "$4"', 'sh', context, program, image, definition],
        environment,
        onOutput,
        { on: stop, by: 'SIGTERM' },
      );
      if (answer?.code !== 0) throw engineProblem('apptainer', `build ${file}`, answer?.stderr ?? '');
      // Each image under a name of its own.
      const named = join(scratch, (await sha256Of(image)).slice('sha256:'.length));
      await rename(image, named);
      return named;
    },

    async push() {
      throw cannot('tell which digest a registry gives an image: keep it with `--archive FILE.sif`.');
    },

    async pull(reference) {
      await mkdir(folder, { recursive: true });
      await call(['pull', '--force', fileOf(reference), `docker://${reference}`], `fetch ${reference}`);
    },

    async resolveDigest({ name }) {
      throw cannot(
        `tell the digest of a tag: name ${name} by its digest (${name}@sha256:…), as the registry shows it.`,
      );
    },

    async inspect(image): Promise<ImageFacts | null> {
      const file = fileOf(image);
      const answer = await callEngine(program, ['inspect', '--json', '--labels', file], environment);
      if (answer?.code !== 0) return null;
      const told = JSON.parse(answer.stdout) as { data?: { attributes?: { labels?: Record<string, string> } } };
      const labels = told.data?.attributes?.labels ?? {};
      const architecture = labels['org.label-schema.build-arch'] ?? '';
      return { id: file, architecture, os: 'linux', labels, environment: [], digests: [] };
    },

    async tag() {},

    saveArchive: (image, file) =>
      placeArchive(file, async partial => {
        await copyFile(image, partial);
        return sha256Of(partial);
      }),

    async loadArchive(file, digest) {
      const found = await sha256Of(file);
      if (found === digest) return file;
      throw new Problem('DAMAGED', `${file} is ${found}, not ${digest} as recorded: it was replaced. Nothing was run.`);
    },

    async prepare(spec) {
      return {
        command: [program, ...execArguments({ ...spec, image: fileOf(spec.image) })],
        environment: execEnvironment(spec, basename(program) === 'singularity' ? 'SINGULARITY' : 'APPTAINER'),
        warnings: [],
        name: null,
        kill: async () => false,
        pause: async () => {},
        resume: async () => {},
        processId: async () => null,
        end: async () => null,
        remove: async () => {},
      };
    },

    files() {
      const stream = new PassThrough();
      stream.end();
      return { stream, done: Promise.reject(cannot('show the files of an image.')) };
    },

    isRunning: async () => null,
    stopContainer: async () => {},
    removeContainer: async () => {},
  };
}

/** `apptainer exec`, with nothing of the user's home and environment in it but what is mounted and passed. */
export function execArguments({ image, command, cwd, mounts, access }: ContainerCommand): string[] {
  return [
    'exec',
    '--containall',
    '--no-home',
    `--pwd=${cwd}`,
    ...mounts.map(
      ({ path, writable }) =>
        `--mount=${csvLine(['type=bind', `source=${path}`, `destination=${path}`, ...(writable ? [] : ['ro'])])}`,
    ),
    ...(access.network === 'host' ? [] : ['--net', `--network=${access.network}`]),
    ...(access.memory === null ? [] : [`--memory=${access.memory}`]),
    ...(access.cpus === null ? [] : [`--cpus=${access.cpus}`]),
    ...(access.processes === null ? [] : [`--pids-limit=${access.processes}`]),
    ...(access.gpus === null ? [] : ['--nv']),
    image,
    ...command,
  ];
}

/**
 * What it is started with. Variables go into the container by names of their own, since `--env` parts a value at its
 * commas; `NO_EVAL` says that none is a shell's to evaluate (as a flag, elder versions would refuse it).
 * @param prefix of the program's own variables
 */
export function execEnvironment(
  { environment, variables, passed, access }: ContainerCommand,
  prefix: 'APPTAINER' | 'SINGULARITY',
): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(([key]) => !/^(?:APPTAINER|SINGULARITY)ENV_/.test(key));
  const inside = {
    ...variables,
    ...visibleGpus(access.gpus),
    ...Object.fromEntries(passed.map(key => [key, environment[key]])),
  };
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(Object.entries(inside).map(([key, value]) => [`${prefix}ENV_${key}`, value])),
    [`${prefix}_NO_EVAL`]: '1',
  };
}

/** `--nv` gives all that there are. */
function visibleGpus(gpus: ContainerCommand['access']['gpus']): { CUDA_VISIBLE_DEVICES?: string } {
  if (gpus === null || gpus === 'all') return {};
  const which = typeof gpus === 'number' ? Array.from({ length: gpus }, (_, index) => index).join(',') : gpus;
  return { CUDA_VISIBLE_DEVICES: which };
}

async function sha256Of(file: string): Promise<string> {
  try {
    return `sha256:${(await digestFile(file, { keep: -1, follow: true })).sha256}`;
  } catch (cause) {
    throw new Problem(
      'NOT_FOUND',
      `the image ${file} cannot be read: ${(cause as Error).message}. Put it back, or build anew.`,
      {
        cause,
      },
    );
  }
}
