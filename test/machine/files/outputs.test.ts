import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { settleInputs } from '../../../src/machine/files/inputs.ts';
import { asUser, paths, workingTree } from './working-tree.ts';

const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

describe('a run wrote', () => {
  test.each<[what: string, script: string, outputs: string[]]>([
    ['nothing', 'cat old.csv > /dev/null', []],
    ['a new file', 'echo x > new.csv', ['new.csv']],
    ['into new folders', 'mkdir -p a/b; echo x > a/b/c', ['a/b/c']],
    ['over an old file', 'echo x > old.csv', ['old.csv']],
    ['equal bytes', 'printf old > old.csv', ['old.csv']],
    ['at the end of a file', 'echo x >> Data/old.txt', ['Data/old.txt']],
    ['an empty file', ': > empty', ['empty']],
    ['by cp -p', 'cp -p old.csv copy.csv', ['copy.csv']],
    ['by mv into place', 'mv ../outside moved.csv', ['moved.csv']],
    ['with its time set back', 'echo x > back; touch -d 2001-01-01 back', ['back']],
    ['by atomic rename', 'echo x > .tmp; mv .tmp old.csv', ['old.csv']],
    ['a hard link to what it wrote', 'echo x > one; ln one two', ['one', 'two']],
    ['and deleted again', 'echo x > gone; rm gone', []],
    [
      'names with spaces, quotes, newlines',
      `echo x > "a b"; echo x > "it's \\"q\\""; echo x > $'new\\nline'`,
      ['a b', 'it\'s "q"', 'new\nline'],
    ],
    [
      'litter',
      'mkdir __pycache__ .ipynb_checkpoints; echo x | tee __pycache__/m.pyc m.pyc .ipynb_checkpoints/n slurm-1.out .a.swp a~ .DS_Store',
      [],
    ],
    ['into an environment', 'mkdir -p .venv/lib env2; echo x | tee .venv/lib/a env2/pyvenv.cfg env2/b', []],
    ['in a nested repository', 'git init -q nested; echo x > nested/out.csv', ['nested/out.csv']],
    ['a hidden file', 'echo x > Data/.result', ['Data/.result']],
    ['a link inside', 'echo x > one; ln -s one latest', ['latest', 'one']],
    ['a link to a folder inside', 'ln -s Data Link', []],
  ])('%s', async (_, script, expected) => {
    using tree = workingTree({ 'old.csv': 'old', 'Data/old.txt': 'old' });
    tree.write('../outside', 'x');
    const found = await tree.run(script);
    expect(paths(found)).toEqual(expected);
    expect(found.notes).toEqual([]);
  });

  test('what it wrote is listed with its digest, size and content', async () => {
    using tree = workingTree();
    const { files } = await tree.run('printf abc > x; truncate -s 300K big');
    expect(files).toMatchObject([
      { path: 'big', size: 307200, sha256: sha256('\0'.repeat(307200)), content: null },
      { path: 'x', size: 3, sha256: sha256('abc'), content: Buffer.from('abc') },
    ]);
  });

  test('a mapped file', async () => {
    using tree = workingTree({ 'map.bin': 'x'.repeat(8192) });
    const found = await tree.run(
      `python3 -c "import mmap; f = open('map.bin', 'r+b'); m = mmap.mmap(f.fileno(), 0); m[0:1] = b'y'; m.close()"`,
    );
    expect(paths(found)).toEqual(['map.bin']);
  });

  test('ten thousand files', async () => {
    using tree = workingTree();
    const found = await tree.run('mkdir out; seq 10000 | split -l 1 -a 4 - out/f');
    expect(found.files).toHaveLength(10_000);
    expect(found.files[41]!.sha256).toBe(sha256('42\n'));
  });

  test('files that were written right before the mark are not taken, those right after are', async () => {
    using tree = workingTree();
    for (let round = 0; round < 30; round++) {
      tree.write('before', `${round}`);
      const start = await tree.mark();
      tree.write('after', `${round}`);
      expect(paths(await tree.outputs(start))).toEqual(['after']);
    }
  });

  test('the mark leaves no trace in the folder', async () => {
    using tree = workingTree({ a: 'a' });
    const before = statSync(tree.top);
    await tree.mark();
    expect(readdirSync(tree.top)).toEqual(['a']);
    if (process.platform === 'linux') expect(statSync(tree.top).mtimeMs).toBe(before.mtimeMs);
  });
});

describe('a tracked file', () => {
  const isTracked = (path: string) => path.startsWith('tracked');

  test('whose mode or links changed was not written', async () => {
    using tree = workingTree({ tracked: 'a', 'tracked-too': 'a' });
    const found = await tree.run('chmod +x tracked; ln tracked-too other', { isTracked });
    expect(paths(found)).toEqual(['other']);
  });

  test('that was written over with equal bytes was written', async () => {
    using tree = workingTree({ tracked: 'a' });
    expect(paths(await tree.run('printf a > tracked', { isTracked }))).toEqual(['tracked']);
  });

  test('over which an old file was copied was written, since its bytes are others than at the start', async () => {
    using tree = workingTree({ tracked: 'a', old: 'b' });
    const heldAtStart = async (_: string, digest: string) => digest === sha256('a');
    expect(paths(await tree.run('cp -p old tracked', { isTracked, heldAtStart }))).toEqual(['tracked']);
    expect(
      paths(await tree.run('printf a > old; touch -d 2001-01-01 old; mv old tracked', { isTracked, heldAtStart })),
    ).toEqual([]);
  });
});

describe('declared outputs', () => {
  test('leave out what else was written, and ignored files', async () => {
    using tree = workingTree();
    const script = 'mkdir -p Data/tmp; echo x | tee Data/a Data/b.log Data/tmp/c other';
    expect(paths(await tree.run(script, { declared: ['Data/**'], ignore: ['*.log', '**/*.log', 'Data/tmp'] }))).toEqual(
      ['Data/a'],
    );
    expect(paths(await tree.run(script, { ignore: ['**/tmp/'] }))).toEqual(['Data/a', 'Data/b.log', 'other']);
  });

  test('are followed through a link to a folder inside, not to one outside', async () => {
    using tree = workingTree({ 'store/x': '' });
    const found = await tree.run(
      'ln -s store Data; echo x > Data/a; ln -s .. store/up; ln -s /tmp Far; ln -s /usr Elsewhere',
      {
        declared: ['Data/**', 'Far'],
      },
    );
    expect(paths(found)).toEqual(['Data/a']);
    expect(found.notes).toEqual([expect.stringMatching(/links to folders outside the working tree.*: Far -> \/tmp$/)]);
  });
});

describe('what a record cannot hold is noted', () => {
  test('a name that is no UTF-8, or not safe elsewhere, with size and digest', async () => {
    using tree = workingTree();
    const found = await tree.run(
      `printf abc > $'caf\\xe9.txt'; mkdir $'f\\xff'; printf abc > $'f\\xff/in'; printf abc > 'a\\b'; printf abc > aux.txt; echo x > fine`,
    );
    expect(paths(found)).toEqual(['fine']);
    const notes = found.notes.join('\n');
    expect(notes).toContain(`"caf\\xe9.txt" (3 bytes, sha256 ${sha256('abc')})`);
    expect(notes).toContain(`"f\\xff/in" (3 bytes, sha256 ${sha256('abc')})`);
    expect(notes).toContain(`"a\\\\b" (3 bytes`);
    expect(notes).toMatch(/device name on Windows\): aux.txt/);
  });

  test('pipes and sockets', async () => {
    using tree = workingTree();
    const start = await tree.mark();
    tree.sh('mkfifo pipe');
    const server = createServer().listen(tree.at('socket'));
    await new Promise(done => server.once('listening', done));
    const found = await tree.outputs(start);
    server.close();
    expect(paths(found)).toEqual([]);
    expect(found.notes).toEqual([expect.stringMatching(/no regular files.*: (?:pipe, socket|socket, pipe)/)]);
  });

  test('links to outside and to nothing', async () => {
    using tree = workingTree();
    const found = await tree.run('ln -s /etc/passwd out; ln -s nowhere dead');
    expect(paths(found)).toEqual([]);
    expect(found.notes.join('\n')).toMatch(/outside the working tree, .*out -> \/etc\/passwd/);
    expect(found.notes.join('\n')).toMatch(/links to nothing, .*dead -> nowhere/);
  });

  test('unreadable files and folders', async () => {
    using tree = workingTree({ 'locked/x': '' });
    const start = await tree.mark();
    tree.sh('echo x > secretive; chmod 0 secretive locked; echo x > fine');
    const found = await asUser(tree.top, () => tree.outputs(start));
    expect(paths(found)).toEqual(['fine']);
    expect(found.notes.join('\n')).toMatch(/could not be read \(permission denied\).*secretive/);
    expect(found.notes.join('\n')).toMatch(/could not be looked into \(permission denied\): locked/);
  });
});

test('secrets are listed, and never stored', async () => {
  using tree = workingTree();
  const { files, notes } = await tree.run('echo x | tee .env key.pem; ln -s .env plain.txt', { keep: ['**'] });
  expect(files).toMatchObject([
    { path: '.env', content: null },
    { path: 'key.pem', content: null },
    { path: 'plain.txt', content: null },
  ]);
  expect(notes).toEqual([expect.stringContaining('.env, key.pem, plain.txt')]);
});

describe('an input', () => {
  test('that the run writes is both, and said to be', async () => {
    using tree = workingTree({ state: 'one' });
    const inputs = await tree.inputs(['./sim', 'state']);
    const outputs = await tree.run('printf two > state', { inputs: inputs.files });
    expect(inputs.files).toMatchObject([{ path: 'state', sha256: sha256('one') }]);
    expect(outputs.files).toMatchObject([{ path: 'state', sha256: sha256('two') }]);
    expect((await settleInputs(inputs, outputs.files)).notes).toEqual([
      expect.stringContaining('are inputs as they were at the start, and outputs'),
    ]);
  });

  test('that was linked or read only is no output', async () => {
    using tree = workingTree({ state: 'one', gone: 'x', changed: 'x' });
    const inputs = await tree.inputs(['./sim', 'state', 'gone', 'changed']);
    const outputs = await tree.run('ln state also; chmod +x state; rm gone; echo y > changed', {
      inputs: inputs.files,
      declared: ['*', '!changed'],
    });
    expect(paths(outputs)).toEqual(['also']);
    expect((await settleInputs(inputs, outputs.files)).notes.join('\n')).toMatch(
      /changed while the run went on.*: changed\n?.*/,
    );
    expect((await settleInputs(inputs, outputs.files)).notes.join('\n')).toMatch(
      /removed while the run went on.*: gone/,
    );
  });
});

test('a top level that cannot be written to falls back on the machine clock, and says so', async () => {
  using tree = workingTree({ 'Data/x': '' });
  const start = await asUser(tree.top, async () => {
    chmodSync(tree.top, 0o555);
    return await tree.mark();
  });
  tree.sh('echo x > Data/y');
  expect(start.notes).toEqual([expect.stringMatching(/no marker could be written.*clock of this machine/)]);
  expect(paths(await tree.outputs(start, { declared: ['Data/y'] }))).toEqual(['Data/y']);
});
