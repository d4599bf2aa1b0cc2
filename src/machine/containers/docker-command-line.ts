import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Problem } from '../../domain/problem.ts';
import { type ContainerCommand, type ContainerUser, createArguments } from './container-arguments.ts';
import type {
  BuildOptions,
  ContainerEnd,
  ContainerEngine,
  EngineName,
  ImageFacts,
  ReadyContainer,
} from './container-engine.ts';
import { callEngine, type EngineAnswer, streamOfEngine } from './engine-call.ts';
import { engineProblem } from './engine-problem.ts';
import { placeArchive, readOciArchive } from './oci-archive.ts';

/** Where docker and podman differ. */
export interface Dialect {
  readonly system: EngineName;
  readonly user: ContainerUser | null;
  /** Further arguments of `create`. */
  createOptions(command: ContainerCommand): readonly string[];
  /** Arguments of `build` that label an image: its configuration, and its manifest where the builder can. */
  labelOptions(key: string, value: string): readonly string[];
  /** @returns the digest that the registry gave */
  push(call: EngineCall, image: string, to: string, scratch: string): Promise<string>;
  /** Arguments that write an archive of an image. */
  saveOptions(image: string, file: string): readonly string[];
}

export type EngineCall = (
  args: readonly string[],
  doing: string,
  onOutput?: (chunk: Buffer) => void,
  stop?: AbortSignal,
) => Promise<EngineAnswer>;

/**
 * An engine with docker's command line, which podman has too.
 * @param program its name or path
 * @param environment of the engine's program: where its daemon is, who is logged in
 * @param temporaryFolder for small files that it writes
 */
export function dockerCommandLine(
  dialect: Dialect,
  program: string,
  environment: NodeJS.ProcessEnv,
  temporaryFolder: string,
): ContainerEngine {
  const { system } = dialect;

  async function ask(
    args: readonly string[],
    onOutput?: (chunk: Buffer) => void,
    stop?: AbortSignal,
  ): Promise<EngineAnswer> {
    // At the other signals podman is gone before it has ended what it builds in.
    const ending = stop === undefined ? null : ({ on: stop, by: 'SIGHUP' } as const);
    const answer = await callEngine(program, args, environment, onOutput, ending);
    if (answer !== null) return answer;
    throw new Problem('UNSUPPORTED', `${program} is not there any more: install ${system} again.`);
  }

  const call: EngineCall = async (args, doing, onOutput, stop) => {
    const answer = await ask(args, onOutput, stop);
    if (answer.code === 0) return answer;
    throw engineProblem(system, doing, answer.stderr || answer.stdout);
  };

  async function inspect(image: string): Promise<ImageFacts | null> {
    const answer = await ask(['image', 'inspect', image]);
    if (answer.code !== 0) {
      const problem = engineProblem(system, `look at the image ${image}`, answer.stderr);
      if (problem.code === 'NOT_FOUND') return null;
      throw problem;
    }
    return factsOf(answer.stdout, image);
  }

  async function remove(name: string): Promise<void> {
    await call(['rm', '--force', '--volumes', name], `remove the container ${name}`);
  }

  return {
    system,

    async build({ context, file, labels, fresh, scratch, stop, onOutput }: BuildOptions) {
      const idFile = join(scratch, 'image-id');
      const args = [
        'build',
        ...(fresh ? ['--no-cache'] : []),
        // Of a build that fails nothing stays, either.
        '--force-rm',
        `--iidfile=${idFile}`,
        `--file=${join(context, file)}`,
        ...Object.entries(labels).flatMap(([key, value]) => dialect.labelOptions(key, value)),
        context,
      ];
      await call(args, `build ${file}`, onOutput, stop);
      return (await readFile(idFile, 'utf8')).trim();
    },

    push: (image, { name, tag }) => dialect.push(call, image, `${name}:${tag}`, temporaryFolder),

    async pull(reference) {
      await call(['pull', '--quiet', reference], `fetch ${reference}`);
    },

    async resolveDigest({ name, tag }) {
      const reference = `${name}:${tag ?? 'latest'}`;
      await call(['pull', '--quiet', reference], `fetch ${reference}`);
      const digests = (await inspect(reference))?.digests ?? [];
      for (const known of digests.filter(digest => digest.startsWith(`${name}@sha256:`))) {
        // One that was built here has a local digest, too, which no registry knows: its layers were not compressed.
        const answer = await ask(['pull', '--quiet', known]);
        if (answer.code === 0) return known.slice(name.length + 1);
        const problem = engineProblem(system, `fetch ${known}`, answer.stderr);
        if (problem.code !== 'NOT_FOUND') throw problem;
      }
      throw new Problem(
        'NOT_FOUND',
        `${system} knows no registry's digest of ${reference}: push it to a registry first.`,
      );
    },

    inspect,

    async tag(image, name) {
      await call(['tag', image, name], `name the image ${name}`);
    },

    async saveArchive(image, file) {
      return placeArchive(file, async partial => {
        await call(dialect.saveOptions(image, partial), `write the image to ${file}`);
        try {
          return (await readOciArchive(partial)).manifest;
        } catch (cause) {
          if (!(cause instanceof Problem) || cause.code !== 'INVALID') throw cause;
          throw new Problem(
            'UNSUPPORTED',
            `${system} wrote ${file} in a form of its own and not as an OCI archive, so it was removed: docker does that from version 25 on, and podman does.`,
            { cause },
          );
        }
      });
    },

    async loadArchive(file, digest) {
      const archive = await readOciArchive(file);
      if (archive.manifest !== digest) {
        throw new Problem(
          'DAMAGED',
          `${file} holds the image ${archive.manifest}, not ${digest} as recorded: it was replaced. Nothing was run.`,
        );
      }
      const { stdout } = await call(['load', '--input', file], `take the image out of ${file}`);
      const id = /sha256:([0-9a-f]{64})/.exec(stdout)?.[1];
      const known = [archive.config, archive.manifest].map(one => one.slice('sha256:'.length));
      const image = id ?? known[0]!;
      if (known.includes(image) && (await inspect(image)) !== null) return image;
      throw new Problem('DAMAGED', `what ${system} took out of ${file} is not the image that its manifest names.`);
    },

    async prepare(spec) {
      const options = createArguments(spec, dialect.user, dialect.createOptions(spec));
      const answer = await callEngine(program, options, spec.environment);
      if (answer === null)
        throw new Problem('UNSUPPORTED', `${program} is not there any more: install ${system} again.`);
      if (answer.code !== 0) throw engineProblem(system, `make a container of ${spec.image}`, answer.stderr);
      return ready(spec, warningsIn(answer.stderr));
    },

    files(image) {
      const name = `corroborate-look-${process.pid}-${image.replace(/\W/g, '').slice(-12)}`;
      return treeOf(image, name);
    },

    async isRunning(name) {
      const { code, stdout, stderr } = await ask(['container', 'inspect', '--format={{.State.Status}}', name]);
      if (code === 0) return !/^(?:created|configured|initialized|exited|stopped|dead)$/.test(stdout.trim());
      if (/no such (?:container|object)/i.test(stderr)) return null;
      throw engineProblem(system, `look for the container ${name}`, stderr);
    },

    async stopContainer(name, grace) {
      await call(['stop', '-t', String(grace), name], `stop the container ${name}`);
    },

    removeContainer: remove,
  };

  function ready(
    { name, interactive, environment: own }: ContainerCommand,
    warnings: readonly string[],
  ): ReadyContainer {
    return {
      environment: own,
      warnings,
      command: [program, 'start', '--attach', ...(interactive ? ['--interactive'] : []), name],
      name,
      async kill(signal) {
        return (await ask(['kill', `--signal=${signal}`, name])).code === 0;
      },
      async pause() {
        await call(['pause', name], `pause the container ${name}`);
      },
      async resume() {
        await call(['unpause', name], `let the container ${name} go on`);
      },
      async processId() {
        const { code, stdout } = await ask(['inspect', '--format={{.Id}} {{.State.Pid}}', name]);
        const [id, pid] = stdout.trim().split(' ');
        if (code !== 0 || !id || !Number(pid)) return null;
        // The engine may run in a machine of its own, where another process of ours has that number.
        const groups = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
        return groups.includes(id) ? Number(pid) : null;
      },
      async end() {
        const { code, stdout } = await ask(['inspect', '--format={{json .State}}', name]);
        return code === 0 ? endOf(stdout) : null;
      },
      remove: () => remove(name),
    };
  }

  function treeOf(image: string, name: string): ReturnType<ContainerEngine['files']> {
    const made = call(
      ['create', '--pull=never', `--name=${name}`, '--network=none', image, 'true'],
      `look into the image ${image}`,
    );
    const source = made.then(() => streamOfEngine(program, ['export', name], environment));
    const stream = new PassThrough();
    const done = source
      .then(async ({ stream: tree, done: ended }) => {
        tree.pipe(stream);
        const answer = await ended;
        if (answer?.code !== 0) throw engineProblem(system, `look into the image ${image}`, answer?.stderr ?? '');
      })
      .finally(async () => {
        stream.end();
        await ask(['rm', '--force', name]);
      });
    return { stream, done };
  }
}

/** Limits that the system cannot set are told beside an exit code of 0. */
function warningsIn(said: string): string[] {
  return said
    .split('\n')
    .filter(line => /limit|swap|cgroup/i.test(line) && /ignor|discard|not support|not mounted|unsupported/i.test(line))
    .map(line => line.replace(/^(?:time="[^"]*" level=\w+ msg="?|WARNING:\s*)/, '').replace(/"$/, ''));
}

function endOf(text: string): ContainerEnd {
  const state = JSON.parse(text) as {
    StartedAt?: string;
    Running?: boolean;
    ExitCode?: number;
    OOMKilled?: boolean;
    Error?: string;
  };
  return {
    // Go's zero time.
    started: !/^0001-/.test(state.StartedAt ?? '0001-'),
    running: state.Running ?? false,
    exitCode: state.ExitCode ?? 0,
    outOfMemory: state.OOMKilled ?? false,
    error: state.Error ?? '',
  };
}

function factsOf(text: string, image: string): ImageFacts {
  const [found] = JSON.parse(text) as {
    Id?: string;
    Architecture?: string;
    Os?: string;
    Digest?: string;
    RepoDigests?: string[] | null;
    Config?: { Labels?: Record<string, string> | null; Env?: string[] | null } | null;
  }[];
  if (!found?.Id) throw new Problem('ENGINE_FAILED', `the engine tells nothing of the image ${image}.`);
  const digests = found.RepoDigests ?? [];
  // Of an image for several processors podman names the list's digest too: the one of these very bytes first.
  const own = digests.filter(digest => found.Digest !== undefined && digest.endsWith(`@${found.Digest}`));
  return {
    id: found.Id.replace(/^sha256:/, ''),
    architecture: found.Architecture ?? '',
    os: found.Os ?? '',
    labels: found.Config?.Labels ?? {},
    environment: found.Config?.Env ?? [],
    digests: [...own, ...digests.filter(digest => !own.includes(digest))],
  };
}
