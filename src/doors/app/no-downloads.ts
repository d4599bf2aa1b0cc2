/**
 * Stands in the bundle for the package by which Probot fetches others from the registry while it runs (smee.io's client,
 * Redis, Sentry): a server that holds an App's key loads no code that was not there when it was built.
 */
export async function npxImport(name: string): Promise<never> {
  throw new Error(
    `${name} is not part of the bundled App, and nothing is fetched while it runs: where that is wanted, start the App by \`npx probot run ./lib/app.mjs\`.`,
  );
}
