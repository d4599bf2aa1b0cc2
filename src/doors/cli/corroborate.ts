import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { compiledCode } from './compiled-code.ts';

declare global {
  /** package.json's version, put in by scripts/build.ts, as is what tells this build from others. */
  const __VERSION__: string;
  const __BUILD__: string;
}

const [command = '', ...rest] = process.argv.slice(2);

// The answer to --version is needed before anything else is loaded.
if (rest.length === 0 && (command === '--version' || command === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  const cache = process.env.NODE_DISABLE_COMPILE_CACHE ? null : cacheFolder(process.env);
  const code = compiledCode(
    import.meta.dirname,
    cache && join(cache, 'compiled', `${__BUILD__}-${process.version}-${process.arch}`),
    /^[a-z]+$/.test(command) ? command : 'other',
  );
  const { main } = code.load('main.js') as typeof import('./main.ts');
  void main(process.argv.slice(2), process).then(exitCode => {
    // A command that there is not has no code of its own to keep.
    if (exitCode !== 2) code.keep();
    // What was printed is written by now (pipes and terminals block); nothing else is worth waiting for.
    process.exit(exitCode);
  });
}
