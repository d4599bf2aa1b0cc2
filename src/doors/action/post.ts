import { enter } from './enter.ts';

// A step that came to its end has settled its run: there is nothing to load for that.
if (process.env.STATE_settled !== 'true') await enter(process.env, async () => (await import('./settle.ts')).settle);
