import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/domain/comparison.ts';
import { everything } from '../support/everything.ts';
import {
  type Scientist,
  type ShownRecord,
  type ShownRequest,
  scientist,
  sharedRepository,
} from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';
import { until } from '../support/until.ts';

/** `reproduce --json` */
interface Reproduced {
  readonly record: ShownRecord;
  readonly comparison: Comparison;
  readonly request: ShownRequest | null;
  readonly could_not_be_the_same: readonly string[];
}

const files = { ...simulation, 'corroborate.yml': configured };

function reproduces(who: Scientist, ...words: string[]): Promise<Reproduced> {
  return who.asks<Reproduced>('reproduce', ...words);
}

/** What reproductions leave beside the records. */
function leftBy(who: Scientist): string[] {
  const folder = who.at('.git/corroborate');
  return ['work', 'runs'].flatMap(name => (existsSync(join(folder, name)) ? readdirSync(join(folder, name)) : []));
}

describe('anybody may run a record again', () => {
  test('the same source and inputs give the same: repeated, and nothing is left or touched', async () => {
    await using ada = await scientist('ada', { files });
    const original = await ada.records(...simulate);
    ada.write('model.sh', 'draw() { echo edited since; }\n');
    ada.write('default.param', 'seed=1\nn=1\n');
    const before = everything(ada);
    const { record, comparison, could_not_be_the_same } = await reproduces(ada, original.id);
    expect(comparison).toMatchObject({ from: record.id, toward: original.id, source: 'same', inputs: 'same' });
    expect(comparison.assessment).toBe('repeatable');
    expect(record).toMatchObject({ reproduces: original.id, status: 'finished', image: original.image });
    expect(record.program.source).toBe(original.program.source);
    expect(record.inputs).toEqual(original.inputs);
    expect(record.outputs).toEqual(original.outputs);
    expect(could_not_be_the_same).toEqual([expect.stringContaining('the environment is that of this machine')]);
    expect(everything(ada)).toEqual(before);
    expect(leftBy(ada)).toEqual([]);
    expect((await ada.does('verify')).stdout).toContain('holds');
  });

  test('another input file is another input: reproduced, or unknown where the outputs differ', async () => {
    await using ada = await scientist('ada', { files });
    const original = await ada.records(...simulate);
    ada.write('same-numbers.param', '# the same\nseed=65785\nn=10\n');
    ada.write('other-numbers.param', 'seed=7\nn=10\n');
    const same = await reproduces(ada, original.id, '--input', 'default.param=same-numbers.param');
    expect(same.comparison).toMatchObject({ source: 'same', inputs: 'different', assessment: 'reproducible' });
    const other = await reproduces(ada, original.id, '--input', 'default.param=other-numbers.param');
    expect(other.comparison).toMatchObject({ source: 'same', inputs: 'different', assessment: 'unknown' });
    for (const [flag, file] of [
      ['--input', 'default.param=missing'],
      ['--input', 'default.param=.'],
      ['--stdin', 'missing'],
      ['--archive', 'missing'],
    ] as const) {
      const absent = await ada.tries('reproduce', original.id, flag, file);
      expect(absent).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(`^corroborate: ${flag}.* is `),
      });
      expect(absent.stderr.split('\n')).toHaveLength(2);
    }
    const strange = await ada.tries('reproduce', original.id, '--input', 'model.sh=same-numbers.param');
    expect(strange).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no such input; they are default.param'),
    });
  });

  test('a source that was never committed comes back by its patch', async () => {
    await using ada = await scientist('ada', { files });
    ada.write('model.sh', `${simulation['model.sh']}# not committed\n`);
    ada.write('new.sh', 'echo of no use\n');
    ada.git('add', '-N', 'new.sh');
    const original = await ada.records(...simulate);
    expect(original.program.version_control.dirty).toBe(true);
    ada.git('checkout', '-q', '-f', 'HEAD', '--', 'model.sh');
    const { record, comparison } = await reproduces(ada, original.id);
    expect(comparison.assessment).toBe('repeatable');
    expect(record.program.version_control.dirty).toBe(true);
    expect(ada.onBranch(`${record.path}/source.patch`)).toBe(ada.onBranch(`${original.path}/source.patch`));
  });

  test('a commit that only the remote has is fetched, and nothing else; the remote stays that of the record', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    ada.write('model.sh', `${simulation['model.sh']}# a branch of its own\n`);
    ada.git('checkout', '-q', '-b', 'aside');
    ada.commit('aside');
    const original = await ada.records(...simulate);
    ada.git('push', '-q', 'origin', 'aside', 'records');
    await using grace = await scientist('grace', {
      clones: shared,
      options: ['--no-local', '--single-branch', '-b', 'main'],
    });
    await grace.does('pull');
    const { commit } = original.program.version_control;
    const has = () => grace.lines('sh', '-c', `git cat-file -e ${commit} 2>/dev/null && echo yes || echo no`);
    expect(has()).toEqual(['no']);
    const before = everything(grace);
    const { record, comparison } = await reproduces(grace, original.id);
    expect(comparison.assessment).toBe('repeatable');
    expect(record.owner).toMatchObject({ name: 'Grace Hopper' });
    expect(record.program.version_control).toMatchObject({ repository: shared, commit });
    expect(has()).toEqual(['no']);
    expect(everything(grace)).toEqual(before);
    const claimed = await grace.does('reproduce', original.id, '--request');
    expect(claimed.stdout).toContain('`corroborate push` sends it');
    expect(claimed.stdout).not.toContain('corroborate request');
    const { request } = await reproduces(grace, original.id, '--request');
    expect(request).toMatchObject({ proposition: 'repeated', toward: original.id, sender: { name: 'Grace Hopper' } });
    await grace.does('push');
    await ada.does('pull');
    await ada.does('agree', request!.id);
  });

  test('a record whose source cannot be found is refused before anything runs', async () => {
    await using ada = await scientist('ada', { files });
    const shared = await sharedRepository(ada);
    ada.write('model.sh', `${simulation['model.sh']}# never pushed\n`);
    ada.commit('never pushed');
    const original = await ada.records(...simulate);
    ada.git('push', '-q', 'origin', 'records');
    await using grace = await scientist('grace', { clones: shared });
    await grace.does('pull');
    const gone = await grace.tries('reproduce', original.id);
    expect(gone).toMatchObject({ code: 1, stdout: '' });
    expect(gone.stderr).toContain('was never pushed, or is gone from there');
    expect(leftBy(grace)).toEqual([]);
    // The commit is there and the source is another: what the branch says is changed by hand, as a forger would.
    const path = `${original.path}/record.yml`;
    const forged = ada.onBranch(path).replace(original.program.source, '0123456789abcdef0123456789abcdef01234567');
    replaceOnBranch(ada, path, forged);
    const other = await ada.tries('reproduce', original.id);
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toContain(`gives source ${original.program.source}, and the record says 0123456789`);
    for (const repository of ['ext::sh -c touch% /tmp/pwned', '--upload-pack=touch', 'fd::7']) {
      replaceOnBranch(
        ada,
        path,
        forged
          .replace(/repository: .*/, `repository: '${repository}'`)
          .replace(original.program.version_control.commit, '89abcdef0123456789abcdef0123456789abcdef'),
      );
      expect(await ada.tries('reproduce', original.id)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('which is not done'),
      });
    }
    expect(leftBy(ada)).toEqual([]);
  });

  test('inputs that are nowhere are named with their flag; those that are somewhere are found by their bytes', async () => {
    await using ada = await scientist('ada', {
      files: {
        'sum.sh':
          'set -e\nread from_stdin\nmkdir -p Data\ncat big.dat "$1" | cksum > Data/sum.txt\necho "$from_stdin" >> Data/sum.txt\n',
        'corroborate.yml': "inputs: ['*.dat']\noutputs: ['Data/**']\nlimits: {file: 1KiB}\n",
      },
    });
    const far = join(ada.folder, 'far.txt');
    ada.write('big.dat', 'x'.repeat(5000));
    ada.write('../far.txt', 'far away\n');
    ada.write('words.txt', 'a line\n');
    const original = await ada.records('--stdin', 'words.txt', 'sh', 'sum.sh', far);
    expect(original.inputs.map(({ path, stored }) => [path, stored])).toEqual([
      ['big.dat', false],
      [`external${far}`, false],
    ]);
    // Renamed and moved: found by size and digest.
    ada.git('mv', '-k', 'sum.sh', 'sum.sh');
    ada.lines('sh', '-c', 'mkdir elsewhere && mv big.dat elsewhere/a && mv words.txt elsewhere/b');
    expect((await reproduces(ada, original.id)).comparison.assessment).toBe('repeatable');
    ada.lines('sh', '-c', 'mv elsewhere ../kept');
    const missing = await ada.tries('reproduce', original.id);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("--input 'big.dat=FILE'");
    expect(missing.stderr).toContain('its standard input');
    expect(missing.stderr).toContain('--stdin FILE');
    expect(missing.stderr).not.toContain('far.txt');
    ada.lines('rm', far);
    expect((await ada.tries('reproduce', original.id)).stderr).toContain(`put it at ${far}`);
    ada.write('../far.txt', 'far away\n');
    const given = ['--input', 'big.dat=../kept/a', '--stdin', '../kept/b'];
    expect((await reproduces(ada, original.id, ...given)).comparison.assessment).toBe('repeatable');
    expect(leftBy(ada)).toEqual([]);
  });

  test('the asked-for environment is as it was; a secret must be set', async () => {
    await using ada = await scientist('ada', {
      files: { 'env.sh': 'echo "$MODE $UNSET $(printf %s "$API_TOKEN" | wc -c)"\n', 'corroborate.yml': '{}\n' },
    });
    const words = ['run', '--json', '-e', 'MODE', '-e', 'UNSET', '-e', 'API_TOKEN', 'sh', 'env.sh'];
    const then = { MODE: 'fast', API_TOKEN: 'qwertzuiop' };
    const original = JSON.parse((await ada.start(words, { environment: then }).done).stdout) as ShownRecord;
    const now = { MODE: 'slow', UNSET: 'set' };
    const without = await ada.start(['reproduce', original.id], { environment: now }).done;
    expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot be run without API_TOKEN') });
    const environment = { ...now, API_TOKEN: 'asdfghjkly' };
    const said = await ada.start(['reproduce', '--json', original.id], { environment }).done;
    const { comparison, could_not_be_the_same } = JSON.parse(said.stdout) as Reproduced;
    expect(comparison.assessment).toBe('repeatable');
    expect(could_not_be_the_same.join()).toContain('the value of API_TOKEN is the one set here');
  });

  test('it runs in the folder that its notes tell; where they tell none, in the one that its command tells of', async () => {
    await using ada = await scientist('ada', {
      files: Object.fromEntries([
        ['main.sh', 'echo the wrong one\n'],
        ...Object.entries(simulation).map(([path, content]) => [`deep/down/${path}`, content]),
      ]),
    });
    const run = await ada.start(['run', '--json', ...simulate], { cwd: ada.at('deep/down') }).done;
    const original = JSON.parse(run.stdout) as ShownRecord;
    const { record, comparison, could_not_be_the_same } = await reproduces(ada, original.id);
    expect(comparison.assessment).toBe('repeatable');
    expect(record.outputs.map(({ path }) => path)).toEqual(['deep/down/Data/result.txt']);
    expect(could_not_be_the_same.join()).not.toContain('it runs in');
    const path = `${original.path}/record.yml`;
    const note = 'it ran in the folder deep/down';
    const told = ada.onBranch(path);
    expect(told).toContain(note);
    for (const other of ['it ran somewhere', 'it ran in the folder ../..', 'it ran in the folder /tmp']) {
      replaceOnBranch(ada, path, told.replace(note, other));
      const guessed = await reproduces(ada, original.id);
      expect(guessed.comparison.assessment).toBe('repeatable');
      expect(guessed.could_not_be_the_same.join()).toContain('it runs in deep/down');
    }
  });

  test('a folder that no word of the command tells of, and one that a link leads out of the source', async () => {
    await using ada = await scientist('ada', { files: { 'deep/hidden.txt': 'found\n', 'hidden.txt': 'not this\n' } });
    const words = ['run', '--json', 'sh', '-c', 'cat hid*.txt > copy.txt'];
    const original = JSON.parse((await ada.start(words, { cwd: ada.at('deep') }).done).stdout) as ShownRecord;
    expect((await reproduces(ada, original.id)).comparison).toMatchObject({ assessment: 'repeatable' });
    ada.lines('ln', '-s', '/', 'out');
    ada.commit('a link');
    const linked = JSON.parse((await ada.start(words, { cwd: ada.at('deep') }).done).stdout) as ShownRecord;
    const path = `${linked.path}/record.yml`;
    replaceOnBranch(ada, path, ada.onBranch(path).replace('in the folder deep', 'in the folder out/tmp'));
    const refused = await ada.tries('reproduce', linked.id);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('leads to /') });
    expect(leftBy(ada)).toEqual([]);
  });

  test('a program that is no source is the one of the working tree, and that is said', async () => {
    await using ada = await scientist('ada', {
      files: { '.gitignore': 'env/\n', 'where.sh': 'echo "$0 $1; $(basename "$PWD")"\n' },
    });
    ada.write('env/bin/tool', '#!/bin/sh\necho tool "$@"; sh "$@"\n', 0o755);
    const original = await ada.records('env/bin/tool', 'where.sh', '--', 'x');
    const { record, comparison, could_not_be_the_same } = await reproduces(ada, original.id);
    expect(comparison).toMatchObject({ source: 'same', inputs: 'same' });
    expect(record.program.command).toEqual([ada.at('env/bin/tool'), 'where.sh', '--', 'x']);
    expect(ada.onBranch(`${record.path}/log.txt`)).toContain(`; ${record.id}`);
    expect(could_not_be_the_same.join()).toContain('env/bin/tool is no part of the source');
    ada.write('env/bin/tool', '#!/bin/sh\necho another tool "$@"; sh "$@"\n', 0o755);
    const another = await reproduces(ada, original.id);
    expect(another.could_not_be_the_same.join()).toContain('the program is another');
    expect((await ada.does('reproduce', original.id)).stderr).toContain('the program is another');
  });

  test('the folder that its outputs stood in is there, as git keeps no empty one', async () => {
    await using ada = await scientist('ada', {
      files: { 'write.sh': 'echo 1 > results/a/1.txt\n', 'once.sh': 'mkdir made && echo 1 > made/1.txt\n' },
    });
    ada.lines('mkdir', '-p', 'results/a');
    const original = await ada.records('sh', 'write.sh');
    const { comparison, could_not_be_the_same } = await reproduces(ada, original.id);
    expect(comparison.assessment).toBe('repeatable');
    expect(could_not_be_the_same.join()).not.toContain('results');
    // One that refuses a folder that is there: nobody can know, and it is said.
    const strict = await ada.records('sh', 'once.sh');
    const refused = await ada.tries('reproduce', '--json', strict.id);
    expect(refused.stderr).toContain('made, where its outputs stood, was there before it began');
    expect(JSON.parse(refused.stdout)).toMatchObject({ record: { status: 'failed' }, comparison: null });
    // A folder of the source that leads elsewhere is not gone into.
    ada.lines('sh', '-c', 'rm -rf results && mkdir ../elsewhere && ln -s ../elsewhere results');
    ada.commit('a link');
    ada.write('results/a/kept', '');
    const linked = await ada.records('sh', 'write.sh');
    ada.lines('rm', '-r', '../elsewhere/a');
    await ada.tries('reproduce', linked.id);
    expect(readdirSync(join(ada.folder, 'elsewhere'))).toEqual([]);
  });

  test('one that fails is recorded, exits as the simulation did, and claims nothing', async () => {
    await using ada = await scientist('ada', {
      files: { 'once.sh': `test -e "$HOME/gone" || exit 3\necho done\n`, 'corroborate.yml': '{}\n' },
    });
    ada.write('../gone', '');
    const original = await ada.records('sh', 'once.sh');
    ada.lines('rm', join(ada.folder, 'gone'));
    const said = await ada.tries('reproduce', original.id, '--json', '--request');
    expect(said.code).toBe(3);
    const { record, comparison, request } = JSON.parse(said.stdout) as Reproduced;
    expect(record).toMatchObject({ status: 'failed', reproduces: original.id });
    expect([comparison, request]).toEqual([null, null]);
    expect(said.stderr).toContain('cannot be compared: its run is failed');
    expect(leftBy(ada)).toEqual([]);
  });

  test('the directory stays where it holds an output that the branch does not', async () => {
    await using ada = await scientist('ada', {
      files: { 'large.sh': 'head -c 5000 /dev/zero > large.bin\n', 'corroborate.yml': 'limits: {file: 1KiB}\n' },
    });
    const original = await ada.records('sh', 'large.sh');
    const said = await ada.does('reproduce', original.id);
    expect(said.stdout).toContain('Table 1 says repeatable');
    expect(said.stderr).toContain('what it wrote is not all on the branch');
    const [kept] = leftBy(ada);
    expect(existsSync(ada.at(`.git/corroborate/work/${kept}/large.bin`))).toBe(true);
  });

  test('killed while it runs, or before, it leaves what recover settles', async () => {
    await using ada = await scientist('ada', {
      files: { 'wait.sh': 'echo begun > "$HOME/begun"\ntest ! -e "$HOME/wait" || sleep 600\necho done\n' },
    });
    const original = await ada.records('sh', 'wait.sh');
    ada.lines('sh', '-c', 'touch "$HOME/wait" && rm "$HOME/begun"');
    const going = ada.start(['reproduce', original.id]);
    await until(() => existsSync(join(ada.folder, 'begun')));
    const started = await until(async () => (await ada.lists('status:started'))[0]);
    const { pid } = JSON.parse(ada.read(`.git/corroborate/runs/${started.id}.json`)).simulation as { pid: number };
    going.child.kill('SIGKILL');
    await going.done;
    process.kill(-pid, 'SIGKILL');
    await until(() => !existsSync(`/proc/${pid}`));
    await ada.does('recover', '--clean');
    expect(await ada.shows(started.id)).toMatchObject({ status: 'unknown', reproduces: original.id });
    expect(leftBy(ada)).toEqual([]);
    expect((await ada.does('verify')).stdout).toContain('holds');

    // While the source is brought back: git waits here for as long as we like.
    ada.lines(
      'sh',
      '-c',
      'rm "$HOME/wait"; mkdir bin && printf \'#!/bin/sh\\ncase "$*" in *checkout-index*) touch "$HOME/at"; sleep 600;; esac\\nexec /usr/bin/git "$@"\\n\' > bin/git && chmod +x bin/git',
    );
    const environment = { PATH: `${ada.at('bin')}:${ada.environment.PATH}` };
    const early = ada.start(['reproduce', original.id], { environment });
    await until(() => existsSync(join(ada.folder, 'at')));
    early.child.kill('SIGKILL');
    await early.done;
    expect(leftBy(ada)).toHaveLength(2);
    await ada.does('recover');
    expect(leftBy(ada)).toEqual([]);
    const stopped = ada.start(['reproduce', original.id], { environment });
    ada.lines('rm', '-f', join(ada.folder, 'at'));
    await until(() => existsSync(join(ada.folder, 'at')));
    stopped.child.kill('SIGTERM');
    expect((await stopped.done).signal).toBe('SIGTERM');
    expect(leftBy(ada)).toEqual([]);
  });

  test('other outputs of the same source and inputs: non-repeated, with what may have caused it', async () => {
    await using ada = await scientist('ada', {
      files: {
        'draw.sh': 'od -An -N8 -tu8 /dev/urandom > drawn.txt\n',
        'corroborate.yml': 'environment: [OMP_NUM_THREADS]\n',
      },
    });
    ada.environment.OMP_NUM_THREADS = '4';
    const original = await ada.records('sh', 'draw.sh');
    const said = await ada.does('reproduce', original.id, '--request');
    expect(said.stdout).toContain('Table 1 says non-repeatable');
    expect(said.stdout).toMatch(/seed: no argument and no asked-for variable of either run is a\s+seed/);
    expect(said.stdout).toContain('threads: both ran with OMP_NUM_THREADS 4');
    expect(said.stdout).toMatch(/^ {2}OMP_NUM_THREADS \(threads\) +4 +4$/m);
    expect(said.stdout).toMatch(/^proposed: \S+ non-repeated /m);
    for (const [name, heading] of [
      ['report.md', '### What may have caused it'],
      ['report.html', '<h2>What may have caused it</h2>'],
    ] as const) {
      const compared = await ada.does('compare', 'latest', original.id, '--output', name);
      expect(compared.stdout).toContain('what may have caused it');
      expect(ada.read(name)).toContain(heading);
      expect(ada.read(name)).toContain('OMP_NUM_THREADS (threads)'.replaceAll('_', name.endsWith('.md') ? '\\_' : '_'));
    }
    const other = { ...ada.environment, OMP_NUM_THREADS: '8' };
    const elsewhere = JSON.parse(
      (await ada.start(['reproduce', '--json', original.id], { environment: other }).done).stdout,
    );
    expect(elsewhere.hints.map((hint: { cause: string }) => hint.cause)).toEqual(['seed', 'threads']);
    const unknown = await ada.tries(
      'reproduce',
      original.id,
      '--time-limit',
      '1h',
      '--tag',
      'again',
      '--output',
      'nowhere/**',
      '--request',
    );
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('has no outputs') });
  });

  test("a submodule's files come from where it is checked out, and what nobody has is said", async () => {
    await using ada = await scientist('ada', { files });
    const library = join(ada.folder, 'library');
    ada.gitWith({ cwd: ada.folder }, 'init', '-q', '-b', 'main', library);
    ada.write('../library/lib.sh', 'echo from the library\n');
    ada.gitWith({ cwd: library }, 'add', '-A');
    ada.gitWith({ cwd: library }, '-c', 'user.name=Ada', '-c', 'user.email=a@b.c', 'commit', '-qm', 'library');
    ada.git('-c', 'protocol.file.allow=always', 'submodule', '-q', 'add', library, 'deep/lib');
    ada.write('simulate.sh', `${simulation['simulate.sh']}sh deep/lib/lib.sh >> Data/result.txt\n`);
    ada.commit('with a library');
    const original = await ada.records(...simulate);
    expect(original.program.version_control.dirty).toBe(false);
    const { record, comparison } = await reproduces(ada, original.id);
    expect(comparison.assessment).toBe('repeatable');
    expect(record.program.version_control.dirty).toBe(false);
    await using grace = await scientist('grace', { clones: ada.clone });
    await grace.does('pull');
    const without = await grace.tries('reproduce', original.id);
    expect(without).toMatchObject({ code: 1, stdout: '' });
    expect(without.stderr).toContain('the submodule deep/lib is not checked out');
  });

  test('a path on the branch leads nowhere but into the directory', async () => {
    await using ada = await scientist('ada', { files: { ...files, target: 'x\n' } });
    ada.lines('sh', '-c', 'mkdir ../elsewhere && ln -s "$HOME/elsewhere" away && git add away');
    ada.commit('a link that leads out');
    const original = await ada.records(...simulate);
    const record = ada.onBranch(`${original.path}/record.yml`);
    const content = ada.onBranch(`${original.path}/inputs/default.param`);
    replaceOnBranch(
      ada,
      `${original.path}/record.yml`,
      record.replaceAll('path: default.param', 'path: away/default.param'),
    );
    replaceOnBranch(ada, `${original.path}/inputs/away/default.param`, content);
    const said = await ada.tries('reproduce', original.id);
    expect(said).toMatchObject({ code: 1, stdout: '' });
    expect(said.stderr).toContain('away/default.param is not written');
    expect(readdirSync(join(ada.folder, 'elsewhere'))).toEqual([]);
    expect(leftBy(ada)).toEqual([]);
  });

  test('many: each record that is none itself, and one that cannot be does not stop the rest', async () => {
    await using ada = await scientist('ada', { files });
    const first = await ada.records(...simulate);
    ada.write('default.param', 'seed=3\nn=5\n');
    const second = await ada.records('--tag', 'special', ...simulate);
    const shared = join(ada.folder, 'nowhere.git');
    ada.git('remote', 'add', 'origin', shared);
    ada.commit('to be lost');
    ada.write('model.sh', 'draw() { echo lost; }\n');
    ada.commit('lost');
    const lost = await ada.records(...simulate);
    ada.git('reset', '-q', '--hard', 'HEAD~1');
    ada.git('reflog', 'expire', '--expire=now', '--all');
    ada.git('gc', '-q', '--prune=now');
    const said = await ada.tries('reproduce', '--all');
    expect(said.code).toBe(1);
    const rows = said.stdout
      .trim()
      .split('\n')
      .map(line => line.split(/ {2,}/));
    expect(rows.map(row => row.slice(0, 3))).toEqual([
      ['RECORD', 'STATUS', 'ASSESSMENT'],
      [lost.id, 'refused'],
      [second.id, 'finished', 'repeatable'],
      [first.id, 'finished', 'repeatable'],
    ]);
    expect(await ada.lists('status:finished')).toHaveLength(5);
    const some = await ada.asks<(Reproduced & { reproduces: string })[]>('reproduce', 'tag:special');
    expect(some.map(({ reproduces: id, comparison }) => [id, comparison.assessment])).toEqual([
      [second.id, 'repeatable'],
    ]);
  });
});

/** Changes a file of the branch behind everybody's back. */
function replaceOnBranch(who: Scientist, path: string, content: string): void {
  const index = { GIT_INDEX_FILE: join(who.folder, 'forged-index') };
  const blob = who.gitWith({ input: content }, 'hash-object', '-w', '--stdin').trim();
  who.gitWith({ environment: index }, 'read-tree', 'records');
  who.gitWith({ environment: index }, 'update-index', '--add', '--cacheinfo', `100644,${blob},${path}`);
  const tree = who.gitWith({ environment: index }, 'write-tree').trim();
  who.git('update-ref', 'refs/heads/records', who.git('commit-tree', '-p', 'records', '-m', 'forged', tree));
}
