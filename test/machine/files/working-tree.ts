import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultLimits } from '../../../src/domain/limits.ts';
import { markStart, type StartMark, settleMark } from '../../../src/machine/files/file-clock.ts';
import { findInputs, type InputQuery } from '../../../src/machine/files/inputs.ts';
import { findOutputs, type OutputQuery } from '../../../src/machine/files/outputs.ts';

/** A folder with files, in which a shell script stands for the simulation. */
export function workingTree(files: { readonly [path: string]: string } = {}) {
  // With room beside it for what stands outside.
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'corroborate files-')));
  const top = join(base, 'tree');
  mkdirSync(top);
  const at = (path: string) => join(top, path);
  const write = (path: string, text: string | Uint8Array) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const sh = (script: string) => {
    const { status, stderr } = spawnSync('bash', ['-euc', script], { cwd: top, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${script}\n${stderr}`);
  };
  const mark = () => markStart([top]);
  const outputs = (start: StartMark, query: Partial<OutputQuery> = {}) =>
    findOutputs({
      top,
      mark: settleMark(start),
      declared: [],
      ignore: [],
      inputs: [],
      limits: defaultLimits,
      keep: [],
      isTracked: () => false,
      ...query,
    });
  return {
    top,
    at,
    write,
    sh,
    mark,
    outputs,
    /** What a script writes. */
    async run(script: string, query: Partial<OutputQuery> = {}) {
      const start = await mark();
      sh(script);
      return await outputs(start, query);
    },
    inputs: (command: readonly string[], query: Partial<InputQuery> = {}) =>
      findInputs({
        top,
        cwd: top,
        command,
        asked: [],
        configured: [],
        outputs: [],
        limits: defaultLimits,
        keep: [],
        ...query,
      }),
    [Symbol.dispose]() {
      spawnSync('chmod', ['-R', 'u+rwX', base]);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** Root may read everything; what a user may not is seen as somebody else. */
export async function asUser<Result>(top: string, act: () => Promise<Result>): Promise<Result> {
  if (process.getuid?.() !== 0) return await act();
  for (const folder of [dirname(top), top]) chownSync(folder, 65534, 65534);
  process.seteuid!(65534);
  try {
    return await act();
  } finally {
    process.seteuid!(0);
  }
}

export function paths(found: { readonly files: readonly { readonly path: string }[] }): string[] {
  return found.files.map(file => file.path);
}
