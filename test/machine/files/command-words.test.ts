import { describe, expect, test } from 'vitest';
import { classifyCommand } from '../../../src/machine/files/command-words.ts';

/** program and script; then what may be read; then what is said to be written (only words without a dash in front) */
const cases: [string[], string[], string[], string[]?][] = [
  [['./sim', 'default.param'], ['./sim'], ['default.param']],
  [['python3', 'main.py', 'default.param'], ['python3', 'main.py'], ['default.param']],
  [
    ['/opt/py/bin/python3.11', '-u', '-W', 'ignore', 'main.py', 'a.csv'],
    ['/opt/py/bin/python3.11', 'main.py'],
    ['ignore', 'a.csv'],
  ],
  [['python', '-m', 'sim', 'a.csv'], ['python'], ['a.csv']],
  [
    ['python', '-m', 'cProfile', '-s', 'time', 'main.py', 'a.csv'],
    ['python', 'main.py'],
    ['time', 'a.csv'],
  ],
  [['python', '-c', 'print(1)', 'a.csv'], ['python'], ['a.csv']],
  [['python', 'main.py', '-m', 'a.csv'], ['python', 'main.py'], ['a.csv']],
  [['Rscript', '--vanilla', 'fit.R', 'a.csv'], ['Rscript', 'fit.R'], ['a.csv']],
  [['R', 'CMD', 'BATCH', '--no-save', 'fit.R', 'fit.Rout'], ['R', 'fit.R'], ['fit.Rout']],
  [['R', '--no-save', '-f', 'fit.R', '--args', 'a.csv'], ['R', 'fit.R'], ['a.csv']],
  [
    ['julia', '--project=.', '-t', '4', 'run.jl', 'a.csv'],
    ['julia', 'run.jl'],
    ['.', '4', 'a.csv'],
  ],
  [['node', '-r', './setup.js', 'x.js', 'a.json'], ['node', './setup.js', 'x.js'], ['a.json']],
  [
    ['bash', '-eu', 'x.sh', 'a.csv'],
    ['bash', 'x.sh'],
    ['u', 'a.csv'],
  ],
  [
    ['java', '-Xmx4g', '-jar', 'sim.jar', 'in.xml'],
    ['java', 'sim.jar'],
    ['mx4g', 'in.xml'],
  ],
  [
    ['mpirun', '-n', '4', '--bind-to', 'core', './sim', 'in.dat'],
    ['mpirun', './sim'],
    ['4', 'core', 'in.dat'],
  ],
  [
    ['mpirun', '-np', '2', 'python3', 'main.py', 'a.csv'],
    ['mpirun', 'python3', 'main.py'],
    ['2', 'a.csv'],
  ],
  [
    ['nice', '-n', '5', 'env', 'A=b.csv', 'timeout', '5m', './sim', 'in.dat'],
    ['nice', 'env', 'timeout', './sim'],
    ['5', 'A=b.csv', 'b.csv', 'in.dat'],
  ],
  [
    ['uv', 'run', '--with', 'numpy', 'python', 'main.py', 'a.csv'],
    ['uv', 'python', 'main.py'],
    ['numpy', 'a.csv'],
  ],
  [
    ['./sim', '--config=params.yml', 'seed=x.dat', '-iin.dat', '@args.txt'],
    ['./sim'],
    ['params.yml', 'seed=x.dat', 'x.dat', 'in.dat', '@args.txt', 'args.txt'],
  ],
  [
    ['./sim', 'in.dat', '-o', 'out.csv', '--log=run.log', '-oout2.csv', 'out=o3'],
    ['./sim'],
    ['in.dat', 'out=o3'],
    ['out.csv', 'run.log', 'out2.csv', 'o3'],
  ],
  [
    ['sh', '-c', 'cd x && FOO=1 python main.py "my file.param" < in.txt > out.txt 2>&1 | tee log; ./post out.csv'],
    ['sh', 'x/python', 'x/main.py', 'x/tee', 'x/./post'],
    ['x/in.txt', 'x/FOO=1', 'x/1', 'x/my file.param', 'x/log', 'x/out.csv'],
    ['x/out.txt', 'x/1'],
  ],
  [
    ['bash', '-lc', "for f in a; do ./sim $f 'b c'; done"],
    ['bash', 'for', './sim', 'done'],
    ['f', 'in', 'a', '$f', 'b c'],
  ],
  [[''], [''], []],
  [['mpirun'], ['mpirun'], []],
  [['env', 'A=1'], ['env'], ['A=1', '1']],
];

describe('the words of a command', () => {
  test.each(cases)('%j', (command, programs, named, written = []) => {
    const words = classifyCommand(command);
    const plain = (list: readonly string[]) => list.filter(word => !word.startsWith('-'));
    expect(words.programs).toEqual(programs);
    expect(plain(words.named).sort()).toEqual([...named].sort());
    expect(plain(words.written)).toEqual(written);
  });
});
