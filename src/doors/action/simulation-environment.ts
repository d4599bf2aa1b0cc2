/**
 * What the runner hands to this step alone. A `run:` step has none of these but the files, and by those the simulation
 * could say things in the name of this step: its outputs, its summary, the environment of later steps.
 */
const ownVariables =
  /^(?:INPUT_.*|STATE_.*|ACTIONS_(?:RUNTIME|ID_TOKEN|RESULTS|CACHE)_.*|GITHUB_(?:OUTPUT|STATE|ENV|PATH|STEP_SUMMARY|ACTION_PATH))$/;

/** The environment that the simulation gets: the step's, less what is the Action's own. */
export function simulationEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ownVariables.test(name)));
}
