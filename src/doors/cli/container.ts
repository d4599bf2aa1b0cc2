import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Container } from '../../domain/generated/shapes.ts';
import { Problem } from '../../domain/problem.ts';
import { configuredContainer } from '../../flows/container/container-words.ts';
import type { ContainerWorld } from '../../flows/container/container-world.ts';
import { cacheFolder } from './cache-folder.ts';
import { type Clone, openClone, projectWords } from './clone.ts';
import { type Call, type Command, flag, jsonFlag, text } from './command.ts';
import { plain, type Terminal } from './terminal.ts';

export const container: Command = {
  name: 'container',
  synopsis: 'build | add IMAGE | list [--rebuild] [--archive FILE] [--json]',
  summary: 'Builds the container of the present source, or adds one, or lists them.',
  details: [
    'A container belongs to one state of the source: a changed source needs a new one before its first record. `build` makes it from the Dockerfile, Containerfile or Apptainer definition that corroborate.yml names (`container: {build: …}`), with docker, podman or apptainer; pushes it to the registry that it names (`image:`), or keeps it as a file; and puts it into the history by the digest that the registry gave it. Where the source has one already, nothing is built.',
    '`add` takes an image that was built elsewhere for the present source. A tag is resolved to its digest and never recorded.',
    "The builder's own words are kept in .git/corroborate/builds/, and shown when it fails; then nothing is recorded.",
  ],
  flags: {
    rebuild: { type: 'boolean', help: 'build another one, though the source has one, from nothing that is cached' },
    archive: {
      type: 'string',
      value: 'FILE',
      help: 'keep the image as an OCI archive (a folder where it ends in /), not in a registry',
    },
    ...jsonFlag,
  },
  examples: [
    ['corroborate container build', 'Build, push and record the container of the source as it is.'],
    ['corroborate container build --archive ../demo.tar', 'Without a registry: keep it as a file.'],
    ['corroborate container add ghcr.io/acme/demo:1.2', 'Take one that was built elsewhere.'],
    ['corroborate container list', "The project's history."],
  ],
  words: [1, 2],
  async run(call) {
    const [verb, image, ...rest] = call.words;
    const takesImage = verb === 'add';
    if (!['build', 'add', 'list'].includes(verb!)) {
      throw new Problem(
        'USAGE',
        `\`corroborate container\` builds, adds or lists; ${JSON.stringify(verb)} is none of it.`,
      );
    }
    if (takesImage !== (image !== undefined) || rest.length > 0) {
      throw new Problem(
        'USAGE',
        takesImage
          ? 'which image? `corroborate container add IMAGE`'
          : `\`corroborate container ${verb}\` takes no further word`,
      );
    }
    if (verb !== 'build' && (flag(call, 'rebuild') || text(call, 'archive') !== null)) {
      throw new Problem('USAGE', '--rebuild and --archive are for `corroborate container build`');
    }
    const clone = await openClone(call);
    if (verb === 'list') return list(clone, call);
    return takesImage ? add(clone, call, image!) : build(clone, call);
  },
};

async function build(clone: Clone, call: Call): Promise<number> {
  const { buildContainer } = await import('../../flows/build-container.ts');
  const words = configuredContainer(clone.configuration);
  const archive = text(call, 'archive');
  const { container, built, log } = await buildContainer(worldOf(clone, call), {
    container: archive === null ? words : { ...words, archive: fromHere(archive, call.folder) },
    globs: clone.configuration,
    rebuild: flag(call, 'rebuild'),
  });
  const { terminal } = call;
  terminal.done();
  if (flag(call, 'json')) terminal.json({ ...container, built, log });
  else {
    const did = built ? 'built' : 'there already:';
    terminal.print(`${did} ${describe(container, terminal)}`);
    if (log !== null) terminal.say(`${terminal.paint('dim', 'log:')} ${plain(log)}`);
  }
  return 0;
}

/** What the command line names is meant from where the command was called; a folder stays one. */
function fromHere(archive: string, folder: string): string {
  return `${resolve(folder, archive)}${archive.endsWith('/') ? '/' : ''}`;
}

async function add(clone: Clone, call: Call, image: string): Promise<number> {
  const { addContainer } = await import('../../flows/add-container.ts');
  const words = { container: configuredContainer(clone.configuration), globs: clone.configuration };
  const { container, appended } = await addContainer(worldOf(clone, call), image, words);
  call.terminal.done();
  if (flag(call, 'json')) call.terminal.json({ ...container, added: appended });
  else call.terminal.print(`${appended ? 'added' : 'there already:'} ${describe(container, call.terminal)}`);
  return 0;
}

async function list(clone: Clone, call: Call): Promise<number> {
  const { listContainers } = await import('../../flows/list-containers.ts');
  const containers = await listContainers(clone.store);
  if (flag(call, 'json')) call.terminal.json(containers);
  else if (containers.length === 0) call.terminal.print('No containers yet.');
  else for (const one of containers) call.terminal.print(describe(one, call.terminal));
  return 0;
}

function describe({ id, created, system, version, image }: Container, terminal: Terminal): string {
  const of = `source ${version.source.slice(0, 10)}, commit ${version.commit.slice(0, 10)}${version.tag === null ? '' : ` (${plain(version.tag)})`}`;
  const what = image === null ? 'on the host' : `${system} ${plain(image)}`;
  return `${terminal.paint('yellow', id)} ${terminal.paint('dim', created.slice(0, 19))} ${what} ${terminal.paint('dim', of)}`;
}

function worldOf(clone: Clone, { environment, folder, chance, terminal }: Call): ContainerWorld {
  const { git, repository, store, engine, progress } = clone;
  return {
    git,
    repository,
    store,
    owner: clone.owner(),
    project: projectWords(clone),
    origin: null,
    engine,
    temporaryFolder: tmpdir(),
    cacheFolder: cacheFolder(environment),
    folder: realpathSync(folder),
    chance,
    say: sentence => terminal.say(`${terminal.paint('yellow', 'corroborate:')} ${plain(sentence)}`),
    progress,
  };
}
