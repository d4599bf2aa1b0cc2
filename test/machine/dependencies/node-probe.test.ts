import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from './watched-run.ts';

const node = process.execPath;
const version = process.versions.node;

function tree(place: ReturnType<typeof workplace>) {
  place.write(
    'main.mjs',
    "import './esm.mjs';\nimport './common.cjs';\nimport 'dual/sub';\nawait import('./late file.mjs?x=1');\nconsole.log(process.argv.length);\nif (process.argv[2]) process.exit(7);\n",
  );
  place.write('esm.mjs', 'export default 1;\n');
  place.write('late file.mjs', 'export default 1;\n');
  place.write('unused.mjs', '');
  place.write('common.cjs', "require('./data.json');\nrequire('@scope/one');\n");
  place.write('data.json', '{}');
  place.write('node_modules/@scope/one/package.json', '{"name":"@scope/one","version":"1.2.3"}');
  place.write('node_modules/@scope/one/index.js', "require('inner');\n");
  place.write('node_modules/@scope/one/node_modules/inner/package.json', '{"version":"0.0.1"}');
  place.write('node_modules/@scope/one/node_modules/inner/index.js', '');
  place.write('node_modules/dual/package.json', '{"version":"2.0.0","exports":{"./sub":"./esm/sub.js"}}');
  place.write('node_modules/dual/esm/package.json', '{"type":"module"}');
  place.write('node_modules/dual/esm/sub.js', 'export default 1;\n');
  place.write('node_modules/unused/package.json', '{"version":"9.0.0"}');
}

test.each([[[]], [['exits']]])(
  'Node: CommonJS, ES modules and their packages are seen, the program sees nothing: %j',
  async words => {
    using place = workplace();
    tree(place);
    const command = [node, 'main.mjs', ...words];
    const { found, ...watched } = await place.watched(command);
    expect(watched).toEqual(await place.bare(command));
    expect(found.dependencies.filter(it => it.system === 'npm' || it.system === 'node')).toEqual([
      { name: 'node', version, system: 'node' },
      { name: '@scope/one', version: '1.2.3', system: 'npm' },
      { name: 'dual', version: '2.0.0', system: 'npm' },
      { name: 'inner', version: '0.0.1', system: 'npm' },
    ]);
    expect(found.loaded).toEqual(
      ['common.cjs', 'data.json', 'esm.mjs', 'late file.mjs', 'main.mjs'].map(name => join(place.folder, name)),
    );
    expect(found.notes).toEqual([]);
  },
);

test('Node: a child process, an uncaught error, and the own NODE_OPTIONS stay', async () => {
  using place = workplace();
  place.write(
    'main.cjs',
    "require('child_process').execFileSync(process.execPath, ['child.cjs'], { stdio: 'inherit' });\nthrow new Error('as it was');\n",
  );
  place.write('child.cjs', 'console.log(process.title);\n');
  const more = { environment: { NODE_OPTIONS: '--title=mine' } };
  const { found, ...watched } = await place.watched([node, 'main.cjs'], more);
  expect(watched).toEqual(await place.bare([node, 'main.cjs'], more));
  expect(watched.stdout).toBe('mine\n');
  expect(found.loaded).toEqual([join(place.folder, 'child.cjs'), join(place.folder, 'main.cjs')]);
});

test('Node: a process that was killed leaves a note', async () => {
  using place = workplace();
  place.write('main.cjs', "console.log('ready'); setTimeout(() => {}, 30_000);\n");
  const { signal, found } = await place.watched([node, 'main.cjs'], { kill: 'SIGTERM' });
  expect(signal).toBe('SIGTERM');
  expect(found.notes).toEqual([expect.stringMatching(/main\.cjs.*was ended before/)]);
  expect(found.dependencies).toContainEqual({ name: 'node', version, system: 'node' });
});
