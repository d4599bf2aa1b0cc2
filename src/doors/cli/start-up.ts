import module from 'node:module';

declare global {
  /** package.json's version, put in by scripts/build.ts. */
  const __VERSION__: string;
}

/** Keeps compiled code in node's cache folder: the second start of a command is the fast one. Node 22.1 and later. */
export function enableCompileCache(): void {
  const { enableCompileCache: enable } = module as { enableCompileCache?: () => unknown };
  enable?.();
}
