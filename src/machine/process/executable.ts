import { accessSync, closeSync, constants, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Problem } from '../../domain/problem.ts';

export interface Executable {
  /** Absolute path that is executed: as found, so that a virtual environment's link keeps its meaning. */
  readonly path: string;
  /** The same with every symlink resolved. */
  readonly realPath: string;
  /** What its `#!` line names (through `env`, the program that env will find); null for a binary. */
  readonly interpreter: { readonly path: string; readonly realPath: string } | null;
}

/** Where a shell looks when PATH is not set. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin';

/**
 * Finds what a shell would execute for `command`, without running anything.
 * @param command the words; the first is the program
 * @param cwd absolute folder that it will run in
 * @param path the PATH it is looked for in; undefined when there is none
 * @throws Problem COMMAND_NOT_FOUND (exit 127), COMMAND_NOT_EXECUTABLE (126: a folder, no permission, no format that
 *   this system executes), REFUSED for an `sbatch` that does not wait, USAGE for no words
 */
export function resolveExecutable(command: readonly string[], cwd: string, path: string | undefined): Executable {
  const name = command[0];
  if (name === undefined) throw new Problem('USAGE', 'No command was given: `corroborate run -- COMMAND…`.');
  refuseDetachedBatch(command, cwd);
  const found = find(name, cwd, path);
  const head = readHead(found);
  const line = /^#![ \t]*([^\n\r]*)/.exec(head.toString('latin1'))?.[1]?.trim();
  if (line === undefined) {
    refuseForeignFormat(name, found, head);
    return { path: found, realPath: realpathSync(found), interpreter: null };
  }
  return { path: found, realPath: realpathSync(found), interpreter: interpreterOf(name, found, line, cwd, path) };
}

function find(name: string, cwd: string, path: string | undefined): string {
  if (name.includes('/')) {
    const candidate = resolve(cwd, name);
    const fault = faultOf(candidate);
    if (fault === null) return candidate;
    throw notExecutable(name, candidate, fault);
  }
  let rejected: Problem | null = null;
  for (const folder of name === '' ? [] : (path ?? defaultPath).split(':')) {
    const candidate = resolve(cwd, folder, name);
    const fault = faultOf(candidate);
    if (fault === null) return candidate;
    // A shell passes over folders, and remembers a file that it may not execute.
    if (fault === 'it may not be executed (chmod +x)') rejected ??= notExecutable(name, candidate, fault);
  }
  throw (
    rejected ??
    new Problem(
      'COMMAND_NOT_FOUND',
      `${JSON.stringify(name)} was not found on the PATH. Check the spelling, or give its path (./${name || 'program'}).`,
    )
  );
}

/** Why a shell would not execute this path; null when it would, 'it is not there' when there is none. */
function faultOf(path: string): string | null {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return 'it is a folder';
    if (!stat.isFile()) return 'it is no regular file';
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'EACCES' ? 'a folder on the way may not be entered' : 'it is not there';
  }
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return 'it may not be executed (chmod +x)';
  }
}

function notExecutable(name: string, path: string, fault: string): Problem {
  return new Problem(
    fault === 'it is not there' ? 'COMMAND_NOT_FOUND' : 'COMMAND_NOT_EXECUTABLE',
    `${JSON.stringify(name)} cannot be run: ${fault}${path === name ? '' : ` (${path})`}.`,
  );
}

/** The first bytes: as many as Linux reads of a `#!` line. Empty where the file may be executed but not read. */
function readHead(path: string): Buffer {
  const head = Buffer.alloc(256);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return head.subarray(0, 0);
  }
  try {
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function interpreterOf(name: string, script: string, line: string, cwd: string, path: string | undefined) {
  const [program = '', ...rest] = line.split(/[ \t]+/);
  const fault = faultOf(resolve(cwd, program));
  if (program === '' || fault !== null) {
    throw new Problem(
      fault === 'it is not there' ? 'COMMAND_NOT_FOUND' : 'COMMAND_NOT_EXECUTABLE',
      `${JSON.stringify(name)} cannot be run: its first line asks for ${JSON.stringify(program)}, and ${fault ?? 'that is no program'} (${script}).`,
    );
  }
  let interpreter = resolve(cwd, program);
  if (basename(program) === 'env') {
    const wanted = rest.find(word => !word.startsWith('-') && !word.includes('='));
    // What env cannot find it says itself, as it does without Corroborate.
    if (wanted !== undefined) {
      try {
        interpreter = find(wanted, cwd, path);
      } catch {}
    }
  }
  return { path: interpreter, realPath: realpathSync(interpreter) };
}

/**
 * A file that the kernel refuses is handed to `/bin/sh` (by a shell as by execvp), which is right for a script without
 * a `#!` line and garbage for a binary. So a binary that cannot be of this system is refused, as bash does.
 */
function refuseForeignFormat(name: string, path: string, head: Buffer): void {
  if (process.platform !== 'linux') return;
  const refuse = (because: string): never => {
    throw new Problem('COMMAND_NOT_EXECUTABLE', `${JSON.stringify(name)} cannot be run: ${because} (${path}).`);
  };
  const elf = head.length >= 4 && head.readUInt32BE(0) === 0x7f454c46;
  const firstLine = head.subarray(0, head.indexOf(10) === -1 ? head.length : head.indexOf(10));
  if ((!elf && !firstLine.includes(0)) || hasForeignFormats()) return;
  if (!elf) refuse('it is a binary file of a format that this system does not execute');
  const own = readHead(process.execPath);
  const machine = (bytes: Buffer) => (bytes.length < 20 ? 'none' : bytes.subarray(18, 20).toString('hex'));
  // 0300: 32-bit x86, which a 64-bit kernel executes too.
  if (machine(head) !== machine(own) && !(process.arch === 'x64' && machine(head) === '0300')) {
    refuse('it was compiled for another kind of processor');
  }
}

/** Whether the system was taught other formats (qemu, wine, java); then the kernel decides. */
export function hasForeignFormats(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').some(entry => entry !== 'register' && entry !== 'status');
  } catch {
    return false;
  }
}

function refuseDetachedBatch(command: readonly string[], cwd: string): void {
  if (basename(command[0]!) !== 'sbatch') return;
  for (const word of command.slice(1)) {
    if (word === '--wait' || word === '-W') return;
    // The batch script: words after it are the script's own.
    if (!word.startsWith('-') && faultOf(join(resolve(cwd), word)) !== 'it is not there') break;
  }
  throw new Problem(
    'REFUSED',
    '`sbatch` only queues the job and ends, so there would be nothing to record. Run `corroborate run srun …` inside the ' +
      'batch script, or `corroborate run sbatch --wait …`.',
  );
}
