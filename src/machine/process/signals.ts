import { readFileSync, readlinkSync } from 'node:fs';

/** Signals that tell a program to stop. */
export const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** Signals that mean whatever the program takes them for; batch systems announce the end of a job by them. */
export const passedOn = ['SIGUSR1', 'SIGUSR2'] as const;

/** Listens to signals that arrive at Corroborate, until the function that it returns is called. */
export function listen(handlers: Partial<Record<NodeJS.Signals, () => void>>): () => void {
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}

/**
 * Whether we run under `nohup`. A program so started ignores SIGHUP, but Node undoes that before any of our code; what
 * is left to see is the standard input that nohup gives in place of a terminal, /dev/null opened for writing only.
 */
export function isUnderNohup(): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1];
    return (
      flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1 && readlinkSync('/proc/self/fd/0') === '/dev/null'
    );
  } catch {
    return false;
  }
}
