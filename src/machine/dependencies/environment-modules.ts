import type { Probe } from './probe.ts';

/**
 * Environment modules (`module load gcc/12.2`), as LOADEDMODULES lists them: names and versions joined by the last
 * slash, one module after the other joined by colons.
 */
export function environmentModulesProbe(): Probe {
  return {
    name: 'Environment module',
    async after(run) {
      const dependencies = (run.environment.LOADEDMODULES ?? '')
        .split(':')
        .filter(word => word !== '')
        .map(word => {
          const slash = word.lastIndexOf('/');
          return slash > 0
            ? { name: word.slice(0, slash), version: word.slice(slash + 1) || null, system: 'module' }
            : { name: word, version: null, system: 'module' };
        });
      return { dependencies, loaded: [], mapped: [], notes: [] };
    },
  };
}
