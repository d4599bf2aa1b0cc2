/**
 * What the rooms may ask of the user's own `git`: the interface only. `machine/git/` implements it, the doors hand it
 * in. The user's git (and not a library) talks to remotes, reads packs and moves refs, because it knows the user's
 * credentials, the user's storage and the user's locks.
 */
export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  /** Bytes for its standard input. */
  readonly input?: Uint8Array | string;
  /** Variables on top of the environment that Corroborate itself was started with. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Folder to run in; the repository's top level, or the folder the command was called in, unless told. */
  readonly cwd?: string;
  /** Exit codes that are an answer and not a failure (0 always is). */
  readonly accept?: readonly number[];
  /** Let the user see its standard error and answer its prompts (push, pull). */
  readonly interactive?: boolean;
}

/** One of several calls (`UserGit.runTogether`). */
export interface GitCall {
  readonly args: readonly string[];
  readonly accept?: readonly number[];
}

export interface TogetherOptions extends Pick<GitOptions, 'environment' | 'cwd'> {
  /** Another program's words: started with them, and waited for. What it says and how it ends is not told. */
  readonly beside?: readonly string[] | null;
}

export interface UserGit {
  /** What Corroborate was started with, and git is. */
  readonly environment: NodeJS.ProcessEnv;
  /**
   * Whether what it starts stands apart from our process group: Ctrl-C and Ctrl-Z at a terminal, which reach all of that
   * group, then mean nothing to it. An interactive call never does, since it would lose the terminal.
   */
  readonly apart?: boolean;
  /**
   * Runs git to its end. Always without hooks, without optional locks and without touching the user's index, unless
   * the arguments say so themselves.
   * @throws Problem GIT_FAILED with git's own words where the exit code is not accepted.
   */
  run(args: readonly string[], options?: GitOptions): Promise<GitAnswer>;

  /**
   * Runs git several times at once, started by one process: starting one takes ours, which is large, longer than git takes
   * for a short answer. What they say on standard error is not told apart.
   * @param calls at most seven: a shell's descriptors end at 9
   * @returns an answer for each, in their order
   * @throws Problem as `run`, of the first that fails
   */
  runTogether(calls: readonly GitCall[], options?: TogetherOptions): Promise<readonly GitAnswer[]>;
}
