import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pythonProbe } from '../../../src/machine/dependencies/python-probe.ts';
import { python, pythons, pythonWithNumpy } from './pythons.ts';
import { workplace } from './watched-run.ts';

const seenByTheProgram = `
import os, sys
import helper
sys.stdout.write(repr((sys.path, sys.argv, os.environ.get('PYTHONPATH'), 'sitecustomize' in sys.modules,
    [type(it).__name__ for it in getattr(sys, 'meta_path', [])], os.getcwd())) + '\\n')
sys.stderr.write('to stderr\\n')
def fail():
    raise ValueError('as it was')
if len(sys.argv) > 1:
    fail()
`;

describe.each(pythons)('every Python: %s', interpreter => {
  test('the compiled hook is kept for later runs, and made anew where it is broken', async () => {
    const base = mkdtempSync(join(tmpdir(), 'corroborate-hook-'));
    try {
      const cache = join(base, 'its "cache"');
      const isHook = (name: string) => name.startsWith('python-hook-');
      const kept = () =>
        existsSync(cache)
          ? readdirSync(cache)
              .filter(isHook)
              .map(name => join(cache, name))
          : [];
      const tells = async (name: string, meddle: (folder: string) => void) => {
        const folder = join(base, name);
        mkdirSync(folder);
        const run = { command: [], executable: null, cwd: base, worktree: base, environment: {}, folder, cache };
        const probe = pythonProbe();
        const hook = await probe.before!(run);
        meddle(join(folder, 'python'));
        const { status } = spawnSync(interpreter, ['-c', ''], { env: { ...process.env, ...hook } });
        const { dependencies, notes } = await probe.after(run, null);
        return { status, notes, system: dependencies[0]?.system };
      };
      const told = { status: 0, notes: [], system: 'python' };
      expect(await tells('first', () => expect(kept()).toEqual([]))).toMatchObject(told);
      const seals = spawnSync(interpreter, ['-c', 'from _imp import source_hash']).status === 0;
      expect(kept()).toHaveLength(seals ? 1 : 0);
      if (!seals) return;
      // Proof that it is used: there is nothing else.
      expect(await tells('second', folder => rmSync(join(folder, 'hook.py')))).toMatchObject(told);
      expect(await tells('third', () => writeFileSync(kept()[0]!, 'no code'))).toMatchObject(told);
      expect(await tells('fourth', folder => rmSync(join(folder, 'hook.py')))).toMatchObject(told);
      // Code of Python's own making, but none of ours; and ours with one bit that has tipped over.
      const whole = readFileSync(kept()[0]!);
      const number = Buffer.concat([whole.subarray(0, 8), Buffer.from('i\x05\0\0\0', 'latin1')]);
      const tipped = Buffer.from(whole);
      tipped[whole.length >> 1]! ^= 4;
      for (const [at, bytes] of [number, number.subarray(8), tipped, whole.subarray(0, 9000)].entries()) {
        expect(await tells(`broken ${at}`, () => writeFileSync(kept()[0]!, bytes))).toMatchObject(told);
        expect(readFileSync(kept()[0]!)).toEqual(whole);
      }
      expect(kept()).toHaveLength(1);
    } finally {
      rmSync(base, { recursive: true });
    }
  });

  test.each([[[]], [['fails']]])('sees the same as without the hook, and tells what it loaded: %j', async words => {
    using place = workplace();
    place.write('main.py', seenByTheProgram);
    place.write('helper.py', 'x = 1\n');
    const command = [interpreter, 'main.py', ...words];
    for (const environment of [{}, { PYTHONPATH: '/nowhere:/else where' }]) {
      const bare = await place.bare(command, { environment });
      const { found, ...watched } = await place.watched(command, { environment });
      expect(watched).toEqual(bare);
      expect(found.loaded).toEqual([join(place.folder, 'helper.py'), join(place.folder, 'main.py')]);
      expect(found.notes).toEqual([]);
      const version = spawnSync(interpreter, ['-c', 'import sys; sys.stdout.write("%d.%d.%d" % sys.version_info[:3])']);
      expect(found.dependencies).toContainEqual({
        name: 'python',
        version: version.stdout.toString(),
        system: 'python',
      });
      expect(found.usage?.cpuSeconds).toBeGreaterThan(0);
    }
  });

  test('Ctrl-C ends it as it always did', async () => {
    using place = workplace();
    place.write('main.py', "import sys, time\nsys.stdout.write('ready\\n'); sys.stdout.flush()\ntime.sleep(30)\n");
    const command = [interpreter, 'main.py'];
    const bare = await place.bare(command, { kill: 'SIGINT' });
    const { found, ...watched } = await place.watched(command, { kill: 'SIGINT' });
    // The signal may arrive on either line; how the program ends is the same.
    const lastLine = (text: string) => text.trim().split('\n').at(-1);
    expect([watched.code, watched.signal, lastLine(watched.stderr)]).toEqual([
      bare.code,
      bare.signal,
      lastLine(bare.stderr),
    ]);
    expect(lastLine(watched.stderr)).toBe('KeyboardInterrupt');
    expect(found.loaded).toEqual([join(place.folder, 'main.py')]);
  });
});

describe.skipIf(!python)('the Python probe', () => {
  const interpreter = python!;
  const names = (files: readonly string[]) => files.map(file => file.slice(file.lastIndexOf('/') + 1));

  test.skipIf(!pythonWithNumpy)('names a distribution with the version that importlib.metadata gives', async () => {
    using place = workplace();
    place.write('main.py', 'import numpy, importlib.metadata as m; print(m.version("numpy"))\n');
    const { stdout, found } = await place.watched([pythonWithNumpy!, 'main.py']);
    expect(found.dependencies.filter(it => it.name === 'numpy')).toEqual([
      { name: 'numpy', version: stdout.trim(), system: 'pip' },
    ]);
  });

  test("hands over to the user's own sitecustomize", async () => {
    using place = workplace();
    place.write('own/sitecustomize.py', 'import sys\nsys.own = __file__\n');
    place.write('main.py', 'import sys, sitecustomize\nprint(sys.own, sitecustomize.__file__)\n');
    const environment = { PYTHONPATH: join(place.folder, 'own') };
    const bare = await place.bare([interpreter, 'main.py'], { environment });
    const { found, ...watched } = await place.watched([interpreter, 'main.py'], { environment });
    expect(watched).toEqual(bare);
    expect(watched.stdout).toContain('own/sitecustomize.py');
    expect(names(found.loaded)).toEqual(['main.py', 'sitecustomize.py']);
  });

  test('a sitecustomize that fails says so as ever', async () => {
    using place = workplace();
    place.write('own/sitecustomize.py', 'raise RuntimeError("mine")\n');
    const environment = { PYTHONPATH: join(place.folder, 'own') };
    const bare = await place.bare([interpreter, '-c', 'print(1)'], { environment });
    const { found, ...watched } = await place.watched([interpreter, '-c', 'print(1)'], { environment });
    expect(watched).toEqual(bare);
    expect(watched.stderr).toContain('mine');
    expect(found.dependencies.map(it => it.name)).toContain('python');
  });

  test.each([
    ['inherited', 'subprocess.check_call([sys.executable, "child.py"])'],
    ['explicit', 'subprocess.check_call([sys.executable, "child.py"], env={"A": "1"})'],
    ['copied', 'subprocess.check_call([sys.executable, "child.py"], env=dict(os.environ, PYTHONPATH="/x"))'],
    ['changed', 'os.environ["PYTHONPATH"] = "/x"; subprocess.check_call([sys.executable, "child.py"])'],
    ['not closing descriptors', 'subprocess.check_call([sys.executable, "child.py"], close_fds=False)'],
    ['by a shell', 'os.system(sys.executable + " child.py")'],
    ['spawned', 'os.spawnve(os.P_WAIT, sys.executable, [sys.executable, "child.py"], {})'],
    ['replaced', 'os.execv(sys.executable, [sys.executable, "child.py"])'],
    ['replaced with an environment', 'os.execve(sys.executable, [sys.executable, "child.py"], {"A": "1"})'],
  ])('reaches a Python child: %s', async (_, statement) => {
    using place = workplace();
    place.write('main.py', `import os, subprocess, sys\nimport helper\n${statement}\n`);
    place.write('child.py', 'import sys, os, onlychild\nprint(os.environ.get("PYTHONPATH"), len(sys.path))\n');
    place.write('onlychild.py', '');
    place.write('helper.py', '');
    const bare = await place.bare([interpreter, 'main.py']);
    const { found, ...watched } = await place.watched([interpreter, 'main.py']);
    expect(watched).toEqual(bare);
    expect(names(found.loaded)).toEqual(['child.py', 'helper.py', 'main.py', 'onlychild.py']);
    expect(found.notes).toEqual([]);
  });

  test.each(['fork', 'spawn', 'forkserver'])('knows what the workers of multiprocessing load: %s', async method => {
    using place = workplace();
    place.write('late.py', 'def f(x):\n    return x * x\n');
    place.write(
      'main.py',
      `import multiprocessing\ndef work(x):\n    import late\n    return late.f(x)\nif __name__ == '__main__':\n    multiprocessing.set_start_method('${method}')\n    with multiprocessing.Pool(2) as pool:\n        print(pool.map(work, range(4)))\n`,
    );
    const { found, ...watched } = await place.watched([interpreter, 'main.py']);
    expect(watched).toEqual(await place.bare([interpreter, 'main.py']));
    expect(names(found.loaded)).toEqual(['late.py', 'main.py']);
  });

  test.each([
    ['os._exit', 'os._exit(5)'],
    ['a forked child', 'pid = os.fork()\nif pid == 0:\n    import late\n    os._exit(0)\nos.waitpid(pid, 0)'],
    ['another folder', 'os.chdir("/")'],
    ['deleted modules', 'import late\ndel sys.modules["late"], sys.modules["helper"]'],
    ['closed descriptors', 'os.closerange(3, 256)'],
    [
      'a module that answers to everything',
      'class M(type(sys)):\n    def __getattr__(s, n): raise SystemExit(9)\nsys.modules["m"] = M("m")',
    ],
    ['a thread', 'import threading\nthreading.Thread(target=lambda: __import__("late")).start()'],
    ['SystemExit', 'sys.exit("said")'],
  ])('survives %s', async (_, statements) => {
    using place = workplace();
    place.write('main.py', `import os, sys\nimport helper\n${statements}\n`);
    place.write('helper.py', '');
    place.write('late.py', '');
    const { found, ...watched } = await place.watched([interpreter, 'main.py']);
    expect(watched).toEqual(await place.bare([interpreter, 'main.py']));
    const late = statements.includes('late') ? ['late.py'] : [];
    expect(names(found.loaded)).toEqual(['helper.py', ...late, 'main.py']);
    expect(found.notes).toEqual([]);
  });

  test.each([['-I'], ['-E'], ['-S'], ['-sE']])('%s keeps it out, and the record says so', async flag => {
    using place = workplace();
    place.write('main.py', '');
    const { code, found } = await place.watched([interpreter, flag, 'main.py']);
    expect(code).toBe(0);
    expect(found.notes).toEqual([expect.stringContaining(flag)]);
  });

  test('a script with #!, isolated, is noticed too', async () => {
    using place = workplace();
    const script = place.write('main', `#!${interpreter} -I\nprint(1)\n`, 0o755);
    const { found } = await place.watched([script]);
    expect(found.notes).toEqual([expect.stringContaining('-I')]);
  });

  test('a flag of the script itself is none of the interpreter', async () => {
    using place = workplace();
    place.write('main.py', '');
    expect((await place.watched([interpreter, '-W', 'ignore', 'main.py', '-I'])).found.notes).toEqual([]);
  });

  test('a process that was killed leaves a note', async () => {
    using place = workplace();
    place.write('main.py', 'import time\nprint(1, flush=True)\ntime.sleep(30)\n');
    const { signal, found } = await place.watched([interpreter, 'main.py'], { kill: 'SIGKILL' });
    expect(signal).toBe('SIGKILL');
    expect(found.notes).toEqual([expect.stringMatching(/main\.py.*was ended before it could tell/)]);
    expect(found.dependencies.map(it => it.name)).toContain('python');
  });

  test('a shell script, and a virtual environment with a distribution, an editable one and a stray module', async () => {
    using place = workplace();
    expect(spawnSync(interpreter, ['-m', 'venv', '--without-pip', 'v e'], { cwd: place.folder }).status).toBe(0);
    const venv = join(place.folder, 'v e/bin/python');
    const site = spawnSync(venv, ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
      encoding: 'utf8',
    });
    const packages = site.stdout.trim().slice(place.folder.length + 1);
    const distribution = (name: string, version: string, record: string) => {
      place.write(
        `${packages}/${name}-${version}.dist-info/METADATA`,
        `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nVersion: 9\n`,
      );
      place.write(`${packages}/${name}-${version}.dist-info/RECORD`, record);
    };
    distribution('Some.Thing', '1.2', 'thing/__init__.py,sha256=x,1\nthing/sub.py,,\n');
    place.write(`${packages}/thing/__init__.py`, 'from . import sub\n');
    place.write(`${packages}/thing/sub.py`, '');
    distribution('ns_one', '2.0', 'shared/one.py,,\n');
    distribution('ns_two', '3.0', 'shared/two.py,,\n');
    place.write(`${packages}/shared/one.py`, '');
    place.write(`${packages}/shared/two.py`, '');
    distribution('unused', '7', 'unused.py,,\n');
    place.write(`${packages}/unused.py`, '');
    distribution('mine', '0.1.dev0', 'mine.pth,,\n');
    place.write(`${packages}/mine.pth`, `${place.folder}/src\n`);
    place.write(
      `${packages}/mine-0.1.dev0.dist-info/direct_url.json`,
      JSON.stringify({ url: `file://${place.folder}/src`, dir_info: { editable: true } }),
    );
    place.write('src/mine/__init__.py', '');
    place.write(`${packages}/stray.py`, '');
    place.write('go.sh', 'set -e\ncd /\n"$1" -c "import thing, shared.one, mine, stray"\n');
    const { code, found } = await place.watched(['sh', 'go.sh', venv]);
    expect(code).toBe(0);
    expect(found.dependencies.filter(it => it.system === 'pip')).toEqual([
      { name: 'Some.Thing', version: '1.2', system: 'pip' },
      { name: 'mine', version: '0.1.dev0', system: 'pip' },
      { name: 'ns_one', version: '2.0', system: 'pip' },
    ]);
    expect(found.loaded).toEqual([join(place.folder, 'src/mine/__init__.py')]);
    expect(found.notes).toEqual([expect.stringContaining('stray.py')]);
  });

  test('what conda installed is a conda package', async () => {
    using place = workplace();
    const site = 'env/lib/python3.11/site-packages';
    place.write(`${site}/thing.py`, '');
    place.write(`${site}/thing-1.dist-info/METADATA`, 'Name: thing\nVersion: 1\n\n');
    place.write(`${site}/thing-1.dist-info/RECORD`, 'thing.py,,\n');
    const files = ['lib/python3.11/site-packages/thing-1.dist-info/METADATA'];
    place.write('env/conda-meta/thing-py-1-h0.json', JSON.stringify({ name: 'thing-py', version: '1', files }));
    place.write('main.py', 'import thing\n');
    const environment = { PYTHONPATH: join(place.folder, site) };
    const { found } = await place.watched([interpreter, 'main.py'], { environment });
    expect(found.dependencies).toContainEqual({ name: 'thing-py', version: '1', system: 'conda' });
    expect(found.dependencies.filter(it => it.name === 'thing')).toEqual([]);
  });
});
