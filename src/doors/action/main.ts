import { enter } from './enter.ts';

await enter(process.env, async () => (await import('./act.ts')).act);
