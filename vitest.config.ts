import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Stories start many processes; two cores are what a newcomer's machine has.
    maxWorkers: 2,
    // Real terminals, signals and processes on a machine shared with others: CI asks a second time, and says that it did.
    // GitHub's language service imports JSON as bundlers do and node does not.
    server: { deps: { inline: [/@actions\/(?:languageservice|workflow-parser|expressions)/] } },
    retry: process.env.CI ? 1 : 0,
  },
});
