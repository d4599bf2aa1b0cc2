/**
 * Preloaded into every Node of the run through NODE_OPTIONS. It does nothing until the process exits; then it asks the
 * engine itself, by an inspector session of the process's own (no port, no pause), which scripts it holds: CommonJS and
 * ES modules alike, on every Node from 12 on, without a loader hook that each import would pass through. JSON and
 * compiled add-ons are in `require.cache`. Worker threads have an engine each: the hook runs in them too. The session
 * costs some 15 ms at exit (registerHooks would cost 1 ms, but is not there before Node 22.15, and shows in stack traces).
 */
export const nodeHook = String.raw`
'use strict';
const fs = require('fs');
const folder = __dirname;
const moduleCache = require.cache;
const thread = (() => {
  try {
    return require('worker_threads').threadId;
  } catch {
    return 0;
  }
})();
const file = folder + '/' + process.pid + '-' + thread + '-' + process.hrtime().join('-') + '.node';
const base = {
  interpreter: process.execPath,
  version: process.versions.node,
  command: process.argv0 + ' ' + process.execArgv.concat(process.argv.slice(1)).join(' ').slice(0, 1000),
  main: process.argv[1] || null,
};
try {
  fs.writeFileSync(file, JSON.stringify(base));
} catch {}
process.on('exit', () => {
  try {
    const files = new Set(Object.keys(moduleCache));
    let inspected = true;
    try {
      const inspector = require('inspector');
      const session = new inspector.Session();
      session.connect();
      session.on('Debugger.scriptParsed', ({ params }) => {
        if (params.url.startsWith('file:///')) files.add(require('url').fileURLToPath(params.url.replace(/[?#].*$/s, '')));
      });
      session.post('Debugger.enable');
      session.post('Debugger.disable');
      session.disconnect();
    } catch {
      inspected = false;
    }
    let mapped = [];
    try {
      mapped = [...new Set(fs.readFileSync('/proc/self/maps', 'utf8').match(/ \/.*\.(?:so[.0-9]*|node)$/gm))].map(m => m.slice(1));
    } catch {}
    files.delete(__filename);
    fs.writeFileSync(
      file,
      JSON.stringify({ ...base, files: [...files], mapped, inspected, ended: true }),
    );
  } catch {}
});
`.trimStart();
