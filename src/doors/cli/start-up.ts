import module from 'node:module';
import { isAbsolute, join } from 'node:path';

declare global {
  /** package.json's version, put in by scripts/build.ts. */
  const __VERSION__: string;
}

/**
 * Keeps compiled code: the second start of a command is the fast one. Node 22.1 and later. In the user's own cache folder
 * and not, as by default, in the system's temporary one: what stands there is run, and there anybody may put it.
 */
export function enableCompileCache(environment: NodeJS.ProcessEnv): void {
  const { enableCompileCache: enable } = module as { enableCompileCache?: (folder?: string) => unknown };
  const own = cacheFolder(environment);
  if (environment.NODE_COMPILE_CACHE) enable?.();
  else if (own !== null) enable?.(join(own, 'compiled'));
}

/** Where programs keep such things by the XDG base directory specification; null: nowhere. */
export function cacheFolder({ XDG_CACHE_HOME: cache, HOME: home }: NodeJS.ProcessEnv): string | null {
  if (cache && isAbsolute(cache)) return join(cache, 'corroborate');
  return home && isAbsolute(home) ? join(home, '.cache', 'corroborate') : null;
}
