import { enableCompileCache } from './start-up.ts';

// The answer to --version is needed before anything else is loaded.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${__VERSION__}\n`);
} else {
  enableCompileCache(process.env);
  void import('./main.ts').then(async ({ main }) => {
    // What was printed is written by now (pipes and terminals block); nothing else is worth waiting for.
    process.exit(await main(process.argv.slice(2), process));
  });
}
