import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { imageOfSource } from '../../domain/container.ts';
import type { Container, History } from '../../domain/generated/shapes.ts';
import { digestOf, parseArchiveReference } from '../../domain/image-reference.ts';
import { Problem } from '../../domain/problem.ts';
import { type ContainerEngine, type ReadyContainer, runLabel } from '../../machine/containers/container-engine.ts';
import { type KeptPapers, readImagePapers } from '../../machine/containers/image-papers.ts';
import { findProgramInside, joinVariables } from '../../machine/containers/inside-image.ts';
import { probeInside } from '../../machine/dependencies/probe-inside.ts';
import { requireWorkingTree } from '../../machine/git/repository.ts';
import { heartbeatPath } from '../../machine/process/heartbeat.ts';
import { mayHoldInput } from '../../machine/process/standard-input.ts';
import { finishSource } from '../../machine/source/finish-source.ts';
import { addContainer } from '../add-container.ts';
import { readHistory } from '../branch-documents.ts';
import { buildContainer } from '../build-container.ts';
import type { ContainerWords } from '../container/container-words.ts';
import { fetchImage, localName } from '../container/fetch-image.ts';
import { bareSource } from '../container/present-source.ts';
import { excludedFrom, type PreparedRun } from './going-run.ts';
import { containerName } from './inside-run.ts';
import { prepareRun } from './prepare-run.ts';
import type { RunWords } from './run-words.ts';
import type { RunWorld } from './run-world.ts';

/**
 * Everything that must be known before a run in a container starts. Where the history has no container of the run's
 * source, it is built first, or the run is refused with the sentence that tells how (the paper: a changed source needs a
 * new container before its first record). The record begins after its container was made, as the rules ask.
 * @throws Problem where it cannot start; then no container and no heartbeat is left behind
 */
export async function prepareInside(
  world: RunWorld,
  words: RunWords,
  wanted: ContainerWords,
  leavings: string[],
): Promise<PreparedRun> {
  if (words.trace) {
    throw new Problem(
      'UNSUPPORTED',
      '--trace cannot look into a container: leave it away, or run with `--container none`.',
    );
  }
  // Asked for beside everything else; whoever needs it sees why there is none.
  const engine = world.engine(wanted.system).catch(cause => {
    if (!(cause instanceof Problem)) throw cause;
    throw new Problem(cause.code, `${cause.message} \`--container none\` runs it on the host.`, { cause });
  });
  engine.catch(() => {});
  let made: Container | null = null;
  for (;;) {
    const prepared = await prepareRun(world, words, leavings);
    // From here on a container may be there, which `recover` finds by the heartbeat.
    leavings.splice(leavings.indexOf(heartbeatPath(prepared.runsFolder, prepared.id)), 1);
    try {
      const container = wanted.given?.container ?? (await chooseContainer(prepared, made?.id ?? wanted.asked));
      if (container !== null) return await enter(prepared, await engine, container, wanted);
      if (made !== null) throw new Problem('BUSY', 'the source changed while its container was being made: run again.');
    } catch (problem) {
      await abandon(prepared);
      throw problem;
    }
    await abandon(prepared);
    await engine;
    made = await makeContainer(world, words, wanted);
  }
}

/** Nothing of a run that was prepared and not started stays. */
async function abandon({ beating, capture, scratch, isolated }: PreparedRun): Promise<void> {
  await beating.end();
  await Promise.all([
    capture.release(),
    rm(scratch, { recursive: true, force: true }),
    isolated === null ? null : rm(isolated, { recursive: true, force: true }),
  ]);
}

/**
 * The one that was asked for, else the last one of this source. What the command line alone makes an input is source for
 * whoever builds, so a container of that source is one of this, too.
 * @returns null where one has to be made
 */
async function chooseContainer(prepared: PreparedRun, asked: string | null): Promise<Container | null> {
  const { world, words, capture, inputs } = prepared;
  const tip = await world.store.tip();
  const history: History = tip ? await readHistory(tip) : [];
  const own = (await finishSource(capture, { excluded: excludedFrom(words, inputs.files) })).source;
  const sources = [own, await bareSource(capture, [...words.configured, ...words.configuredOutputs, ...words.ignore])];
  if (asked === null) return imageOfSource(history, sources);
  if (!asked.startsWith('c-')) {
    return history.findLast(({ image, version }) => image === asked && sources.includes(version.source)) ?? null;
  }
  const found = history.filter(({ id }) => id.startsWith(asked));
  if (found.length !== 1) {
    const how = found.length === 0 ? 'has no container' : `has ${found.length} containers`;
    throw new Problem(
      found.length === 0 ? 'NOT_FOUND' : 'AMBIGUOUS',
      `the history ${how} ${asked}: \`corroborate container list\` shows those there are.`,
    );
  }
  const container = found[0]!;
  if (container.image === null) throw new Problem('REFUSED', `${container.id} is a run on the host: it has no image.`);
  if (sources.includes(container.version.source)) return container;
  throw new Problem(
    'REFUSED',
    `the container ${container.id} was built from the source ${container.version.source.slice(0, 10)}, and this is ${own.slice(0, 10)}: a changed source needs a container of its own (\`corroborate container build\`).`,
  );
}

async function makeContainer(world: RunWorld, words: RunWords, wanted: ContainerWords): Promise<Container> {
  const { configured: inputs, configuredOutputs: outputs, ignore, source } = words;
  const globs = { inputs: [...inputs], outputs: [...outputs], ignore: [...ignore], source: [...source] };
  if (wanted.asked !== null) {
    return (await addContainer(world, wanted.asked, { container: wanted, globs })).container;
  }
  if (wanted.build !== null && (wanted.image !== null || wanted.archive !== null)) {
    world.say(`no container has this source yet: building one from ${wanted.build}.`);
    return (await buildContainer(world, { container: wanted, globs, rebuild: false })).container;
  }
  throw new Problem(
    'REFUSED',
    `no container in the history has this source, and a changed source needs a new one before its first record: \`corroborate container build\` builds it, \`corroborate container add IMAGE\` takes one built elsewhere (\`build:\` and \`image:\` under \`container:\` in corroborate.yml let \`run\` do it by itself; \`--container none\` runs on the host).`,
  );
}

async function enter(
  prepared: PreparedRun,
  engine: ContainerEngine,
  container: Container,
  { access, given }: ContainerWords,
): Promise<PreparedRun> {
  const { world, words, id, top, cwd, scratch, inputs } = prepared;
  const place = {
    engine,
    container,
    top: requireWorkingTree(world.repository),
    archive: given?.archive ?? null,
  };
  const archive = parseArchiveReference(container.image!);
  const name = localName(container.image!);
  const image = archive?.path.endsWith('.sif') ? resolve(place.top, given?.archive ?? name) : name;
  const papers = await papersOf(prepared, place, image);
  const folder = join(scratch, 'probes');
  const mounted = [top, folder];
  const outside = inputs.files.filter(({ path }) => path.startsWith('external/')).map(({ where }) => where);
  const mountable = outside.filter(where => typeof where === 'string');
  const passed = words.environment.filter(variable => world.environment[variable] !== undefined);
  const own = { ...papers.variables, ...Object.fromEntries(passed.map(key => [key, world.environment[key]])) };
  const program = await findProgramInside(papers, words.command[0]!, { cwd, mounted, path: own.PATH });
  const probing = await probeInside(papers, mounted, {
    command: words.command,
    program: program.path,
    cwd,
    worktree: top,
    environment: own,
    folder,
  });
  const ready = await readyContainer(prepared, place, {
    name: containerName(id),
    labels: { [runLabel]: id },
    image,
    command: words.command,
    cwd,
    mounts: [
      { path: top, writable: true },
      { path: folder, writable: true },
      ...mountable.map(path => ({ path, writable: false })),
    ],
    variables: joinVariables(papers.variables, probing.environment),
    passed,
    environment: world.environment,
    access,
    interactive: mayHoldInput(words.stdin),
  });
  const notes = [
    ...ready.warnings.map(warning => `${engine.system}: ${warning}`),
    ...(mountable.length < outside.length ? ['inputs whose names are no UTF-8 are not in the container'] : []),
    ...(papers.unread === null ? [] : [`what is in the image could not be seen: ${papers.unread}`]),
    ...(program.sha256 === null ? [`the digest of ${program.path} in the image is not known`] : []),
    ...(engine.system === container.system
      ? []
      : [`it ran with ${engine.system}; ${container.system} built its image`]),
  ];
  const inside = { container, ready, papers, program, environment: { ...own, ...probing.environment }, notes };
  return { ...prepared, probing, inside };
}

interface ImagePlace {
  readonly engine: ContainerEngine;
  readonly container: Container;
  readonly top: string;
  readonly archive: string | null;
}

async function papersOf(
  { world }: PreparedRun,
  { engine, container, top, archive }: ImagePlace,
  image: string,
): Promise<KeptPapers> {
  const folder = join(world.cacheFolder ?? join(world.repository.commonDir, 'corroborate'), 'images');
  const fetched = async () => {
    // What an engine holds under a digest it has proved; a SIF is a file that anybody may replace.
    const isFile = image.endsWith('.sif');
    if (!isFile && (await engine.inspect(image)) !== null) return;
    if (!isFile) world.say(`fetching the image ${container.image}.`);
    await fetchImage(engine, container, top, archive);
  };
  return readImagePapers(engine, image, digestOf(container.image!), folder, fetched);
}

/** The image is fetched where the engine does not have it (any more). */
async function readyContainer(
  { world }: PreparedRun,
  { engine, container, top, archive }: ImagePlace,
  spec: Parameters<ContainerEngine['prepare']>[0],
): Promise<ReadyContainer> {
  try {
    return await engine.prepare(spec);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.code !== 'NOT_FOUND') throw problem;
    world.say(`fetching the image ${container.image}.`);
    await fetchImage(engine, container, top, archive);
    return engine.prepare(spec);
  }
}
