/** Paths as a tree: what is ignored stands at a leaf, `null` as a key stands for any one step. */
export interface IgnoredPaths {
  readonly isIgnored: boolean;
  readonly steps: ReadonlyMap<string | null, IgnoredPaths>;
}

interface Growing {
  isIgnored: boolean;
  readonly steps: Map<string | null, Growing>;
}

/**
 * The steps of one path: a JSON pointer (`/runs/0/host`, RFC 6901: `~1` is a slash and `~0` a tilde), or dotted with
 * `*` for any one key or index (`runs.*.host`). Null where it is neither.
 */
export function parsePath(path: string): (string | null)[] | null {
  if (path.startsWith('/')) {
    if (/~(?![01])/.test(path)) return null;
    return path
      .slice(1)
      .split('/')
      .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  const steps = path.split('.');
  return steps.includes('') ? null : steps.map(step => (step === '*' ? null : step));
}

/** All paths in one tree. Paths that `parsePath` does not read are left out; the method refuses them before. */
export function ignoredPaths(paths: readonly string[]): IgnoredPaths {
  const root: Growing = { isIgnored: false, steps: new Map() };
  for (const path of paths) {
    let at = root;
    for (const step of parsePath(path) ?? []) {
      const next = at.steps.get(step) ?? { isIgnored: false, steps: new Map() };
      at.steps.set(step, next);
      at = next;
    }
    if (at !== root) at.isIgnored = true;
  }
  return root;
}

/** Where one step leads in each of the trees that are followed; null when what is there is ignored. */
export function follow(trees: readonly IgnoredPaths[], step: string): readonly IgnoredPaths[] | null {
  if (trees.length === 0) return trees;
  const next: IgnoredPaths[] = [];
  for (const tree of trees)
    for (const key of [step, null]) {
      const there = tree.steps.get(key);
      if (there?.isIgnored) return null;
      if (there) next.push(there);
    }
  return next;
}
