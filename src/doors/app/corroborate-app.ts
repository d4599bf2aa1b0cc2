import { fileURLToPath } from 'node:url';
import { run } from 'probot';

// As `probot run` does with the App's own file; without APP_ID it serves the pages that register an App.
const own = import.meta.url;
const application = fileURLToPath(new URL(own.endsWith('.ts') ? './app.ts' : './app.mjs', own));
try {
  await run([process.execPath, fileURLToPath(own), application], { env: process.env });
} catch (error) {
  console.error(`corroborate-app: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
