import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dependency } from '../../domain/generated/shapes.ts';

/** Which npm package a file belongs to: the innermost `…/node_modules/name` or `…/node_modules/@scope/name` above it. */
export function npmPackages(): { ownerOf(file: string): Dependency | null } {
  const known = new Map<string, Dependency>();
  return {
    ownerOf(file) {
      const match = /^(.*\/node_modules\/)((?:@[^/]+\/)?[^/]+)\//.exec(file);
      if (!match) return null;
      const folder = match[1]! + match[2]!;
      const owner = known.get(folder) ?? { name: match[2]!, version: versionIn(folder), system: 'npm' };
      known.set(folder, owner);
      return owner;
    },
  };
}

function versionIn(folder: string): string | null {
  try {
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: unknown };
    return typeof version === 'string' ? version : null;
  } catch {
    // A package without a readable package.json has no version that could be known.
    return null;
  }
}
