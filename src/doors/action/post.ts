import { settle } from './settle.ts';
import { openLog } from './step.ts';

const log = openLog();
const code = await settle(process.env, log);
await log.done();
process.exit(code);
