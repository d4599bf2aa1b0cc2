/**
 * An environment with further settings for git in it, which count before those of any file: a command line is there for
 * everybody to read (git-config(1), GIT_CONFIG_COUNT).
 */
export function withGitSettings(
  environment: NodeJS.ProcessEnv,
  settings: readonly (readonly [key: string, value: string])[],
): NodeJS.ProcessEnv {
  const before = Number(environment.GIT_CONFIG_COUNT ?? 0) || 0;
  const all = { ...environment, GIT_CONFIG_COUNT: String(before + settings.length) };
  for (const [index, [key, value]] of settings.entries()) {
    Object.assign(all, { [`GIT_CONFIG_KEY_${before + index}`]: key, [`GIT_CONFIG_VALUE_${before + index}`]: value });
  }
  return all;
}
