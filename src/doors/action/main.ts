import { act } from './act.ts';
import { openLog } from './step.ts';

const log = openLog();
const code = await act(process.env, log);
await log.done();
// What was printed is written by now; nothing else is worth waiting for.
process.exit(code);
