import { existsSync, rmSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { imageOfSource } from '../domain/container.ts';
import type { Container } from '../domain/generated/shapes.ts';
import { Problem } from '../domain/problem.ts';
import { whyUnsafe } from '../domain/safe-path.ts';
import { type BuildOptions, type ContainerEngine, sourceLabel } from '../machine/containers/container-engine.ts';
import { giveCommittedModes } from '../machine/files/committed-modes.ts';
import { onDisk } from '../machine/files/on-disk.ts';
import { requireWorkingTree } from '../machine/git/repository.ts';
import { cleanUpWhenStopped } from '../machine/process/preparation-signals.ts';
import { checkoutSource } from '../machine/source/checkout-source.ts';
import { readHistory } from './branch-documents.ts';
import { appendContainer } from './container/append-container.ts';
import type { ContainerWords } from './container/container-words.ts';
import type { ContainerWorld } from './container/container-world.ts';
import { keepImage, keepingPlace, requireArchiveName } from './container/keep-image.ts';
import { type PresentSource, presentSource, type SourceGlobs } from './container/present-source.ts';

export interface BuildWords {
  readonly container: ContainerWords;
  readonly globs: SourceGlobs;
  /** Another container of a source that has one. */
  readonly rebuild: boolean;
}

export interface BuiltContainer {
  readonly container: Container;
  /** False: the source had one already, and nothing was built, or another build of it was first. */
  readonly built: boolean;
  /** Where the builder's own words are; null where nothing was built. */
  readonly log: string | null;
}

/** Lines of a failed build that are shown. */
const shownLines = 40;
const files = ['Dockerfile', 'Containerfile', 'Apptainer.def', 'apptainer.def'];

/**
 * Builds a container from the source as it is now, keeps its image in a registry or an archive, and puts it into the
 * history (the paper: a container belongs to one state of the source). The builder sees the source and nothing else.
 * @throws Problem where it cannot be built or kept; then the history is as it was
 */
export async function buildContainer(world: ContainerWorld, words: BuildWords): Promise<BuiltContainer> {
  const top = requireWorkingTree(world.repository);
  const file = buildFile(top, words.container.build);
  const place = keepingPlace(words.container);
  const scratch = await onDisk(`the source to build from, in ${world.temporaryFolder},`, () =>
    mkdtemp(join(world.temporaryFolder, 'corroborate-build-')),
  );
  // The builder is in a session of its own, where Ctrl-C does not reach it.
  const stopping = new AbortController();
  const release = cleanUpWhenStopped(() => {
    stopping.abort();
    rmSync(scratch, { recursive: true, force: true });
  });
  try {
    const source = await presentSource(world, words.globs, scratch);
    try {
      const known = words.rebuild ? null : await knownContainer(world, source.id);
      if (known) return { container: known, built: false, log: null };
      const engine = await world.engine(words.container.system);
      requireArchiveName(place, engine, top);
      const log = await openLog(world, source.id);
      const context = join(scratch, 'source');
      await checkoutSource(source.capture, context);
      await giveCommittedModes(context);
      const id = await build(world, engine, {
        file,
        context,
        scratch,
        log,
        source,
        fresh: words.rebuild,
        stop: stopping.signal,
      });
      const image = await keepImage(world, engine, { id, place, source, top });
      const { container, appended } = await appendContainer(
        world,
        { system: engine.system, source: source.id, commit: source.commit, tag: source.tag, image },
        words.rebuild,
      );
      const kept = join(dirname(log), `${container.id}.log`);
      if (appended) await rename(log, kept);
      else await rm(log, { force: true });
      return { container, built: appended, log: appended ? kept : null };
    } finally {
      await source.capture.release();
    }
  } finally {
    release();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function knownContainer({ store }: ContainerWorld, source: string): Promise<Container | null> {
  const tip = await store.tip();
  return tip ? imageOfSource(await readHistory(tip), [source]) : null;
}

/** @throws Problem NOT_FOUND, USAGE */
function buildFile(top: string, configured: string | null): string {
  if (configured !== null) {
    const unsafe = whyUnsafe(configured);
    if (unsafe !== null)
      throw new Problem(
        'USAGE',
        `container.build ${JSON.stringify(configured)} names no file of the source: ${unsafe}.`,
      );
    if (existsSync(join(top, configured))) return configured;
    throw new Problem(
      'NOT_FOUND',
      `${configured}, from which the container is built, is not there: write it, or name another in corroborate.yml (container: {build: …}).`,
    );
  }
  const found = files.find(name => existsSync(join(top, name)));
  if (found) return found;
  throw new Problem(
    'NOT_FOUND',
    `there is nothing to build a container from: write a Dockerfile, or name the file in corroborate.yml (container: {build: …}).`,
  );
}

async function build(
  world: ContainerWorld,
  engine: ContainerEngine,
  how: Omit<BuildOptions, 'labels' | 'onOutput'> & { log: string; source: PresentSource },
): Promise<string> {
  const { log, source, ...options } = how;
  const { remote } = world.repository;
  const labels = {
    [sourceLabel]: source.id,
    'org.opencontainers.image.revision': source.commit,
    ...(remote === null ? {} : { 'org.opencontainers.image.source': remote }),
    ...(source.tag === null ? {} : { 'org.opencontainers.image.version': source.tag }),
  };
  const writing = await onDisk(`the log of the build, ${log},`, () => open(log, 'a'));
  let lines = 0;
  try {
    return await engine.build({
      ...options,
      labels,
      onOutput: chunk => {
        void writing.appendFile(chunk).catch(() => {});
        lines += chunk.toString('latin1').split('\n').length - 1;
        world.progress(`building with ${engine.system}, lines of its log`, lines, null);
      },
    });
  } catch (problem) {
    const text = await readFile(log, 'utf8').catch(() => '');
    // Of a line that was written over, what it came to.
    const lines = text
      .trimEnd()
      .split('\n')
      .map(line => line.split('\r').findLast(Boolean) ?? '');
    for (const line of lines.slice(-shownLines)) world.say(`| ${line}`);
    if (!(problem instanceof Problem)) throw problem;
    await appendFile(log, `${problem.message}\n`).catch(() => {});
    throw new Problem(problem.code, `${problem.message} Nothing was recorded as built. All of the log: ${log}`, {
      cause: problem,
    });
  } finally {
    await writing.close();
  }
}

/** In git's own folder, where it is nobody's source or output. */
async function openLog({ repository, chance }: ContainerWorld, source: string): Promise<string> {
  const folder = join(repository.commonDir, 'corroborate', 'builds');
  await onDisk(`the log of a build, in ${folder},`, () => mkdir(folder, { recursive: true }));
  const time = chance.now().toISOString().replace(/[-:.]/g, '');
  return join(folder, `${time}-${source.slice(0, 12)}-${Buffer.from(chance.randomBytes(3)).toString('hex')}.log`);
}
