import { accessSync, constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import type { Run } from './probe.ts';

export interface Interpreter {
  /** Path of the program that is really run: the executable, or what its `#!` line names; null where unknown. */
  readonly interpreter: string | null;
  /** Its arguments: those of the `#!` line, then the command's. */
  readonly words: readonly string[];
}

/** Which program the run's command really starts: a script's `#!` line is followed, `env` in it too. */
export async function interpreterOf(run: Run): Promise<Interpreter> {
  const rest = run.command.slice(1);
  if (!run.executable) return { interpreter: null, words: rest };
  const line = await hashBang(run.executable);
  if (line === null) return { interpreter: run.executable, words: rest };
  const words = line.split(/\s+/).filter(word => word !== '');
  if (basename(words[0] ?? '') === 'env') {
    words.shift();
    while (words[0]?.startsWith('-') || words[0]?.includes('=')) words.shift();
  }
  const name = words[0] ?? '';
  return {
    interpreter: isAbsolute(name) ? name : onPath(name, run.environment.PATH ?? ''),
    words: [...words.slice(1), run.executable, ...rest],
  };
}

/** The first executable file of that name in the folders of PATH. */
export function onPath(name: string, path: string): string | null {
  if (name === '' || name.includes('/')) return null;
  for (const folder of path.split(':')) {
    const file = join(folder || '.', name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

async function hashBang(file: string): Promise<string | null> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    return text.startsWith('#!') ? text.slice(2).split('\n')[0]!.trim() : null;
  } finally {
    await handle.close();
  }
}
