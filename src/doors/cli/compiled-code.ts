import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writevSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** The bundled command, and what V8 compiled of it in earlier calls. */
export interface CompiledCode {
  /** What a file of the bundle exports; it is run once. */
  load(name: string): unknown;
  /** To be called at the end: keeps what was compiled, where that is more than was kept before. */
  keep(): void;
}

type Exports = Record<string, unknown>;
type Wrapped = (
  exports: Exports,
  require: (name: string) => unknown,
  module: { exports: Exports },
  filename: string,
  dirname: string,
  __import: (specifier: string) => Promise<unknown>,
) => void;

/** On a line of its own, so that the lines of the bundle keep their columns. */
const head = '(function (exports, require, module, __filename, __dirname, __import) {\n';
const month = 30 * 24 * 3600 * 1000;

/**
 * Loads files of the bundle with what V8 compiled of them when the same command was called before. Node's own compile cache
 * (`module.enableCompileCache`) keeps only what is compiled on loading; most functions are compiled when they are first
 * called, which takes a fifth of the time of a short command. A cache made at its end has these too
 * (https://nodejs.org/api/vm.html#scriptcreatecacheddata).
 * @param folder absolute; of the bundle
 * @param cache absolute; of this build and this node, and the user's alone, since what stands there is run; null: nothing is kept
 * @param command what is called: each has code of its own
 */
export function compiledCode(folder: string, cache: string | null, command: string): CompiledCode {
  const requireOthers = createRequire(join(folder, 'corroborate.js'));
  const kept = cache === null ? new Map<string, Buffer>() : readKept(join(cache, command));
  const scripts = new Map<string, Script>();
  const modules = new Map<string, { exports: Exports }>();
  let lacking = false;

  function load(name: string): unknown {
    const known = modules.get(name);
    if (known) return known.exports;
    const module = { exports: {} };
    modules.set(name, module);
    const filename = join(folder, name);
    const cachedData = kept.get(name);
    const script = new Script(`${head}${readFileSync(filename, 'latin1')}\n})`, {
      filename,
      lineOffset: -1,
      ...(cachedData && { cachedData }),
    });
    scripts.set(name, script);
    if (script.cachedDataRejected !== false) {
      lacking = true;
      kept.delete(name);
    }
    const run = script.runInThisContext() as Wrapped;
    run(module.exports, requireFrom, module, filename, folder, specifier => import(specifier));
    return module.exports;
  }

  function requireFrom(name: string): unknown {
    return name.startsWith('./') ? load(name.slice(2)) : requireOthers(name);
  }

  return {
    load,
    keep() {
      if (cache === null || !lacking) return;
      for (const [name, script] of scripts) kept.set(name, script.createCachedData());
      try {
        writeKept(join(cache, command), kept);
      } catch {
        // The next call only takes longer.
      }
    },
  };
}

/** The files' names and sizes as JSON on the first line, and behind it their code. */
function readKept(path: string): Map<string, Buffer> {
  const kept = new Map<string, Buffer>();
  try {
    const whole = readFileSync(path);
    let at = whole.indexOf('\n') + 1;
    for (const [name, size] of JSON.parse(whole.toString('latin1', 0, at)) as [string, number][]) {
      kept.set(name, whole.subarray(at, at + size));
      at += size;
    }
  } catch {
    kept.clear();
  }
  return kept;
}

/** On the disk before it has its name: what V8 is given is whole. */
function writeKept(path: string, kept: ReadonlyMap<string, Buffer>): void {
  const folder = dirname(path);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) removeOld(dirname(folder));
  const own = `${path}.${process.pid}`;
  const file = openSync(own, 'wx', 0o600);
  try {
    const sizes = [...kept].map(([name, { length }]) => [name, length]);
    writevSync(file, [Buffer.from(`${JSON.stringify(sizes)}\n`), ...kept.values()]);
    fsyncSync(file);
    renameSync(own, path);
  } catch (cause) {
    rmSync(own, { force: true });
    throw cause;
  } finally {
    closeSync(file);
  }
}

/** Code of builds that nobody added to for a month; one that is still called makes its own anew. */
function removeOld(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (Date.now() - statSync(path).mtimeMs > month) rmSync(path, { recursive: true, force: true });
  }
}
