/**
 * Who descends from whom, as far as first parents tell: told in one walk over the branch, parents first, and asked for
 * every merge. That keeps a walk over many merges linear, where asking git for each would walk the branch each time.
 */
export interface Ancestry {
  add(commit: string, parents: readonly string[]): void;
  /**
   * The latest commit on `other`'s line of first parents that is known to lead to `onto`; null where the lines leave
   * what was told before they meet.
   */
  forkPoint(onto: string, other: string): string | null;
}

/** A line of first parents; `base` is where it leaves an older line. */
interface Line {
  readonly base: string | null;
  last: string;
}

interface Standing {
  readonly line: Line;
  readonly position: number;
  readonly first: string | null;
  /** The first merge that took it from a line other than its first. */
  takenBy: string | null;
}

export function ancestry(): Ancestry {
  const commits = new Map<string, Standing>();

  function leadsTo(commit: string, descendant: string): boolean {
    const wanted = commits.get(commit);
    if (!wanted) return false;
    for (let at = commits.get(descendant); at; ) {
      if (at.line === wanted.line) return wanted.position <= at.position;
      at = at.line.base === null ? undefined : commits.get(at.line.base);
    }
    return false;
  }

  function forkPoint(onto: string, other: string): string | null {
    for (let at: string | null = other; at !== null; ) {
      const standing: Standing | undefined = commits.get(at);
      if (!standing) return null;
      if (leadsTo(at, onto) || (standing.takenBy !== null && leadsTo(standing.takenBy, onto))) return at;
      at = standing.first;
    }
    return null;
  }

  return {
    forkPoint,
    add(commit, [first = null, ...others]) {
      const parent = first === null ? undefined : commits.get(first);
      const goesOn = parent !== undefined && parent.line.last === first;
      const line = goesOn ? parent.line : { base: first, last: commit };
      line.last = commit;
      commits.set(commit, { line, position: goesOn ? parent.position + 1 : 0, first, takenBy: null });
      for (const other of others) {
        const fork = first === null ? null : forkPoint(first, other);
        for (let at: string | null = other; at !== null && at !== fork; ) {
          const standing: Standing | undefined = commits.get(at);
          if (!standing || standing.takenBy !== null) break;
          standing.takenBy = commit;
          at = standing.first;
        }
      }
    },
  };
}
