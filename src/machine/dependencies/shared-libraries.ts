import { existsSync, realpathSync } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';
import { condaPackagesOf } from './conda-packages.ts';
import { interpreterOf } from './interpreter.ts';
import { lookAhead, mappedBy, pause } from './look-ahead.ts';
import { outputOf } from './output-of.ts';
import type { Found, Probe, Run } from './probe.ts';
import { debianPrograms, type SystemPackages, systemPackagesOf } from './system-packages.ts';

/** When the first process's mappings are looked at, in milliseconds after its start; then every 30 s. */
const looks = [100, 1_000, 10_000] as const;
const lastingLook = 30_000;

export interface LibraryProbe extends Probe {
  /** Files that any probe saw mapped, as dependencies (`apt`, `rpm`, `conda`, else `lib`) or as loaded source. */
  owners(run: Run, mapped: Iterable<string>): Promise<Pick<Found, 'dependencies' | 'loaded'>>;
}

/**
 * The shared libraries of a compiled program (or of the interpreter of a language that has no probe): those that the
 * loader resolves for it, as `ldd` lists them, and those that are seen in its process while it runs. Python and Node
 * processes tell theirs at exit. A library of the working tree is source; another belongs to its package, or else is
 * a `lib` with the version that its file name ends in.
 */
export function libraryProbe(): LibraryProbe {
  let debian: SystemPackages | null = null;
  let target: string | null = null;
  const mapped = new Set<string>();
  const notes: string[] = [];
  return {
    name: 'Shared library',

    async during(run, { pid, over }) {
      const { interpreter } = await interpreterOf(run);
      target = interpreter === null ? null : await realpath(interpreter);
      const compiled = target !== null && !/^(?:python|pypy|node)[\d.]*$/.test(basename(target)) ? target : null;
      if (process.platform !== 'linux') {
        if (compiled) notes.push(`Shared libraries are seen on Linux only: those of ${compiled} are unknown.`);
        return;
      }
      void lookAhead(over, async () => (await mappedBy(pid)).filter(isLibrary).map(file => debian?.ownerOf(file)));
      const call = { environment: run.environment, cwd: run.cwd };
      await Promise.all([
        debianPrograms(run.cache ?? null, call).then(found => {
          debian = found;
        }),
        compiled ? linked(compiled, call).then(found => add(mapped, found)) : undefined,
        compiled ? look(pid, over, mapped) : undefined,
      ]);
    },

    async after() {
      return { dependencies: [], loaded: [], mapped: [...mapped], notes };
    },

    async owners(run, files) {
      const seen = new Set([...files].filter(isLibrary));
      if (target !== null) seen.add(target);
      const loaded = [...seen].filter(file => file.startsWith(`${run.worktree}/`));
      const foreign = [...seen].filter(file => !file.startsWith(`${run.worktree}/`));
      const conda = condaPackagesOf(foreign);
      // dpkg's lists were read while the simulation ran; rpm is asked about these very files.
      const packages = debian ?? (await systemPackagesOf(foreign, { environment: run.environment }));
      const dependencies = foreign.flatMap((file): Dependency[] => {
        const environment = conda.get(file);
        if (environment) return [{ ...environment, system: 'conda' }];
        const owner = packages.ownerOf(file);
        if (owner) return [owner];
        return isLibrary(file) ? [unowned(file)] : [];
      });
      return { dependencies, loaded };
    },
  };
}

/** A shared object that is no part of a package environment or of an interpreter's own library. */
export function isLibrary(file: string): boolean {
  return (
    /\.(?:so|dylib)(?:\.[^/]*)?$/.test(file) &&
    !/\/(?:site-packages|dist-packages|node_modules|lib-dynload)\//.test(file)
  );
}

/** `libfoo.so.1` that links to `libfoo.so.1.2.3` is libfoo 1.2.3. */
export function unowned(file: string): Dependency {
  const [, name, version] =
    /^(.+?)\.so(?:\.(\d.*))?$/.exec(basename(existsSync(file) ? realpathSync(file) : file)) ?? [];
  return { name: name ?? basename(file), version: version ?? null, system: 'lib' };
}

async function linked(program: string, call: { environment: Run['environment']; cwd: string }): Promise<string[]> {
  if (!(await isElf(program))) return [];
  // `ldd` asks the loader itself (so RPATH and LD_LIBRARY_PATH count) and does not run the program.
  const printed = (await outputOf('ldd', [program], call)) ?? '';
  return [...printed.matchAll(/^\s*(?:.* => )?(\/.+) \(0x[0-9a-f]+\)$/gm)].map(match => resolve(match[1]!));
}

async function isElf(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.equals(Buffer.from('\x7fELF', 'latin1'));
  } finally {
    await handle.close();
  }
}

/** Libraries that a program opens by itself (dlopen) are only seen in its process. */
async function look(pid: number, over: AbortSignal, mapped: Set<string>): Promise<void> {
  let now = 0;
  for (let at = 0; !over.aborted; at++) {
    const next = looks[at] ?? now + lastingLook;
    await pause(next - now, over);
    if (over.aborted) return;
    now = next;
    // None where the process is gone, or not ours to look at (setuid): what ldd says remains.
    add(mapped, await mappedBy(pid));
  }
}

function add<T>(set: Set<T>, more: Iterable<T>): void {
  for (const item of more) set.add(item);
}
