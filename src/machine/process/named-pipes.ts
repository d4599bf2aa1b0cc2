import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Makes named pipes in one call. A simulation gets these and not Node's own pipes, which are sockets: nothing that
 * opens /dev/stdout or /dev/stderr works on a socket.
 * @throws when `mkfifo` is not there or the folder does not take pipes
 */
export async function makeNamedPipes(paths: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (paths.length > 0) await promisify(execFile)('mkfifo', ['-m', '600', ...paths], { env: environment });
}
