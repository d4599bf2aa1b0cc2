import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/*
 * The files by which a step tells the runner something
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions). @actions/core does it too, with an
 * HTTP client of 0.4 MB that it loads for other things.
 */

export interface RunnerFiles {
  output(name: string, value: string): void;
  /** For `post`, which finds it as STATE_<name>. */
  state(name: string, value: string): void;
  /** @param markdown at most 1 MiB a step */
  summary(markdown: string): void;
}

export function runnerFiles(environment: NodeJS.ProcessEnv): RunnerFiles {
  const append = (variable: string, text: string) => {
    const path = environment[variable];
    if (path) appendFileSync(path, text);
  };
  return {
    output: (name, value) => append('GITHUB_OUTPUT', keyAndValue(name, value)),
    state: (name, value) => append('GITHUB_STATE', keyAndValue(name, value)),
    summary: markdown => append('GITHUB_STEP_SUMMARY', markdown),
  };
}

/** The delimiter cannot be guessed, so that no value ends early and goes on as another output. */
function keyAndValue(name: string, value: string): string {
  const delimiter = `ghadelimiter_${randomUUID()}`;
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
