// Bundles the GitHub Action into dist/, which is committed.
import { join } from 'node:path';
import { buildAction } from './build-action.ts';

await buildAction(join(import.meta.dirname, '../dist'));
