/** One command in a container: what is mounted, what it may use, who it is. */
export interface ContainerCommand {
  /** For the engine, and for `recover`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** As the engine knows it. */
  readonly image: string;
  readonly command: readonly string[];
  /** Absolute, in the container as here. */
  readonly cwd: string;
  /** Absolute folders and files, at the same path in the container, so that every path in a record stays true. */
  readonly mounts: readonly Mount[];
  /** Values to set. */
  readonly variables: Readonly<Record<string, string>>;
  /** Variables whose values are taken from the engine's own environment: they never stand on a command line. */
  readonly passed: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly access: ContainerAccess;
  /** Whether it has a standard input that may hold something. */
  readonly interactive: boolean;
}

export interface Mount {
  readonly path: string;
  readonly writable: boolean;
}

/** What the container may use of the machine (`container:` of corroborate.yml). */
export interface ContainerAccess {
  /** `none` unless told. */
  readonly network: string;
  /** Bytes. */
  readonly memory: number | null;
  readonly cpus: number | null;
  readonly processes: number | null;
  /** `all`, how many, or which, by number or id: `0,2`. */
  readonly gpus: string | number | null;
}

/** Who the command is in the container; null where the engine itself makes it us. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The arguments of `create` that docker and podman share.
 * @param own the engine's own, before the image
 */
export function createArguments(spec: ContainerCommand, user: ContainerUser | null, own: readonly string[]): string[] {
  const { name, labels, cwd, mounts, passed, access, interactive, image, command } = spec;
  // A user that the image does not know has no home there, and many programs want to keep something.
  const homeless = user !== null && user.uid !== 0 && !passed.includes('HOME');
  const variables = { ...(homeless ? { HOME: '/tmp' } : {}), ...spec.variables };
  return [
    'create',
    '--pull=never',
    `--name=${name}`,
    // A process number 1 gets no signal that it does not ask for: this one passes on, and reaps.
    '--init',
    ...(interactive ? ['--interactive'] : []),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    `--workdir=${cwd}`,
    ...mounts.map(mountArgument),
    ...Object.entries(variables).map(([key, value]) => `--env=${key}=${value}`),
    ...passed.map(key => `--env=${key}`),
    ...(user === null ? [] : [`--user=${user.uid}:${user.gid}`]),
    `--network=${access.network}`,
    ...(access.memory === null ? [] : [`--memory=${access.memory}b`]),
    ...(access.cpus === null ? [] : [`--cpus=${access.cpus}`]),
    ...(access.processes === null ? [] : [`--pids-limit=${access.processes}`]),
    '--security-opt=no-new-privileges',
    // Folders of the user's home keep the labels that SELinux gave them.
    '--security-opt=label=disable',
    '--entrypoint=',
    ...own,
    image,
    ...command,
  ];
}

function mountArgument({ path, writable }: Mount): string {
  return `--mount=${csvLine(['type=bind', `source=${path}`, `target=${path}`, ...(writable ? [] : ['readonly'])])}`;
}

/** As engines read what follows `--mount`: a path with a comma or a quote is quoted. */
export function csvLine(fields: readonly string[]): string {
  return fields.map(field => (/[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
