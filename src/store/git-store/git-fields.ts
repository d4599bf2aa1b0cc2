import { Problem } from '../../domain/problem.ts';
import { damaged } from './object-reader.ts';
import { type GitProcess, type Repository, startGit } from './repository.ts';

/**
 * Runs a git and answers the fields of its output one by one, each with one character a byte, without its ending
 * (NUL, unless told), however long the whole is.
 * @param feed writes its standard input, at git's pace, while the output is read
 * @throws Problem DAMAGED with git's words where git fails, which for a command that only reads is about an object
 */
export async function* streamFields(
  repository: Repository,
  args: readonly string[],
  { ending = '\0', feed }: { ending?: string; feed?: (child: GitProcess) => Promise<void> } = {},
): AsyncGenerator<string> {
  const child = startGit(repository, args);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-4096);
  });
  const closed = new Promise<number>((resolve, reject) => {
    child.once('error', cause =>
      reject(new Problem('GIT_FAILED', `git could not be started: ${cause.message}`, { cause })),
    );
    child.once('close', code => resolve(code ?? 128));
  });
  // Both are awaited below; until then their failing must not count as unhandled.
  closed.catch(() => {});
  const fed = (feed?.(child) ?? Promise.resolve()).finally(() => child.stdin.end());
  fed.catch(() => child.kill());
  try {
    child.stdout.setEncoding('latin1');
    let rest = '';
    for await (const chunk of child.stdout as AsyncIterable<string>) {
      const fields = (rest + chunk).split(ending);
      rest = fields.pop()!;
      yield* fields;
    }
    await fed;
    const code = await closed;
    if (code !== 0 || rest !== '') {
      const words = said
        .trim()
        .replace(/^(?:fatal|error): /gm, '')
        .replaceAll('\n', '; ');
      throw damaged(
        /\b(?:[0-9a-f]{40}|[0-9a-f]{64})\b/.exec(words)?.[0] ?? args.at(-1)!,
        words || `git ${args[0]} ended with ${code}`,
      );
    }
  } finally {
    child.kill();
  }
}
