import { Problem } from '../domain/problem.ts';
import type { Method, Sides } from './method.ts';
import { readAnswer } from './read-answer.ts';

interface CommandOptions {
  readonly command: readonly string[];
  readonly timeout: number;
}

/** Runs a program on two folders, and gives what it printed, or why that is no answer. */
export type RunComparison = (
  command: readonly string[],
  sides: Sides,
  seconds: number,
) => Promise<{ readonly printed: Uint8Array } | { readonly failed: string }>;

/**
 * The project's own program, given both sides' outputs as two folders. It is run only for the person who named it, on
 * the machine where he did: `run` is handed in there and nowhere else. For all others the results are attested.
 */
export function commandMethodWith(run: RunComparison | null): Method {
  return {
    word: 'custom',
    name: 'command',
    promise: "What a program of the project's own says, which is given the outputs of both sides as two folders.",
    options: [
      {
        name: 'command',
        type: 'texts',
        fallback: [],
        promise: 'The program and its words; the folders of the requester and of the target come after them.',
      },
      {
        name: 'timeout',
        type: 'number',
        fallback: 600,
        least: 0.001,
        most: 86_400,
        promise: 'Seconds after which the program is ended, without an answer.',
      },
    ],
    repeatable: false,
    refuses({ command }) {
      return (command as readonly string[]).length > 0 ? null : 'command: it names no program.';
    },
    async compare() {
      throw new Problem('DEFECT', 'The method command compares whole folders, and was asked about one file.');
    },
    async compareTogether(sides, paths, given) {
      if (!run) return { failed: 'a program is run only for the person who named it, where he did.' };
      const { command, timeout } = given as unknown as CommandOptions;
      const answer = await run(command, sides, timeout);
      return 'failed' in answer ? answer : readAnswer(answer.printed, sides, paths);
    },
  };
}

/** As it is known everywhere: it runs nothing. */
export const commandMethod: Method = commandMethodWith(null);
