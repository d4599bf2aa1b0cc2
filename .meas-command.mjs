import { setOutput } from '@actions/core/lib/core.js';
console.log(setOutput);
