import { tmpdir } from 'node:os';
import { median, type Row, ratioRow } from './row.ts';
import { corroborate, inTurns, node, seconds } from './timing.ts';

export function measureStartUp(): Row[] {
  const cwd = tmpdir();
  const taken = inTurns(25, {
    ours: () => seconds({ command: [...corroborate, '--version'], cwd }),
    node: () => seconds({ command: [node, '-e', '0'], cwd }),
  });
  return [ratioRow('start-up: corroborate --version, beside node -e 0', median(taken.ours), median(taken.node), 2)];
}
