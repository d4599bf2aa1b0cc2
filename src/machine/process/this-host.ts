import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** Where a process runs, so that its pid can be looked up there and nowhere else. */
export interface Host {
  readonly name: string;
  /** Changes with every start of the machine; null where the system does not tell. */
  readonly boot: string | null;
  /** The pids of two containers on one machine are not the same; null where there is no such thing. */
  readonly pidNamespace: string | null;
}

export async function thisHost(): Promise<Host> {
  return { name: hostname(), boot: await bootId(), pidNamespace: pidNamespace() };
}

async function bootId(): Promise<string | null> {
  try {
    if (process.platform !== 'darwin') return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return (await promisify(execFile)('sysctl', ['-n', 'kern.bootsessionuuid'])).stdout.trim() || null;
  } catch {
    return null;
  }
}

function pidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}
