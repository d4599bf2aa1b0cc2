import { expect, test } from 'vitest';
import { findRunFolder } from '../../../src/machine/files/run-folder.ts';

test.each([
  ['the top', ['python3', 'main.py', 'a.param'], ['main.py', 'a.param', 'old/main.py'], '', []],
  ['a folder', ['python3', 'main.py'], ['sim/main.py', 'README.md'], 'sim', []],
  ['by its inputs', ['python3', 'main.py', 'b.param'], ['one/main.py', 'two/main.py', 'two/b.param'], 'two', []],
  ['two would do', ['sh', 'run.sh'], ['a/run.sh', 'b/run.sh'], 'a', ['b']],
  ['a program by its path', ['./bin/sim', 'in.dat'], ['sim/bin/sim', 'sim/in.dat', 'in.dat'], 'sim', []],
  ['from beside', ['python3', '../model.py'], ['model.py', 'runs/a.txt'], 'runs', []],
  ['nothing to tell by', ['date'], ['a/b.txt'], '', []],
  ['through launchers', ['mpirun', '-n', '4', 'python3', 'x.py'], ['deep/down/x.py'], 'deep/down', []],
])('%s', (_, command, paths, folder, others) => {
  expect(findRunFolder(command as string[], paths as string[])).toEqual({ folder, others });
});
