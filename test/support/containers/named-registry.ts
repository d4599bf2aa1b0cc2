import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineHost } from './engines.ts';

/**
 * A folder to be put first on the PATH, in which an engine reaches a registry by a name that leads nowhere on this
 * machine: what it is told, and its copy of the logins, have the registry's own address in the place of the name.
 */
export function engineThatKnows(folder: string, { system }: EngineHost, name: string, host: string): string {
  const program = execFileSync('sh', ['-c', `command -v ${system}`], { encoding: 'utf8' }).trim();
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh
for word; do shift; set -- "$@" "$(printf %s "$word" | sed 's#${name}#${host}#g')"; done
for logins in "$REGISTRY_AUTH_FILE" "$DOCKER_CONFIG/config.json"; do
  if test -f "$logins"; then sed -i 's#${name}#${host}#g' "$logins"; fi
done
exec ${program} "$@"
`;
  writeFileSync(join(bin, system), script);
  chmodSync(join(bin, system), 0o755);
  return bin;
}
