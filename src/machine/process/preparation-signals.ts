import { isUnderNohup, listen, stopping } from './signals.ts';

/**
 * While a run is prepared, a signal that tells us to stop has its usual effect, after `cleanUp`: nothing was started yet,
 * so nothing is to be left. HUP is none under nohup. Until the function that it returns is called (more than once does
 * no harm), which is to be when somebody else listens.
 * @param cleanUp must not wait for anything
 */
export function cleanUpWhenStopped(cleanUp: () => void): () => void {
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {};
  for (const signal of stopping) {
    handlers[signal] = () => {
      release();
      cleanUp();
      process.kill(process.pid, signal);
    };
  }
  if (isUnderNohup()) handlers.SIGHUP = () => {};
  const release = listen(handlers);
  return release;
}
