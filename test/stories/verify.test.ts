import { chmodSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Verification, verifyBranch } from '../../src/flows/verify-branch.ts';
import { userGit } from '../../src/machine/git/user-git.ts';
import { gitStore } from '../../src/store/git-store/git-store.ts';
import { RecordsWorktree } from '../support/records-worktree.ts';
import { type Scientist, type ShownRecord, type ShownRequest, scientist } from '../support/scientist.ts';
import { configured, simulate, simulation } from '../support/simulation.ts';

/** A valid branch with all that there can be: two people, agreed and denied requests, two containers, a dirty source. */
interface Valid {
  readonly ada: Scientist;
  readonly tree: RecordsWorktree;
  readonly first: ShownRecord;
  readonly second: ShownRecord;
  readonly other: ShownRecord;
  readonly dirty: ShownRecord;
  readonly agreed: ShownRequest;
  readonly denied: ShownRequest;
}
let valid: Valid;

beforeAll(async () => {
  const ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
  const first = await ada.records(...simulate);
  ada.git('config', 'user.email', 'grace@example.org');
  ada.git('config', 'user.name', 'Grace Hopper');
  const second = await ada.records('--tag', 'again', ...simulate);
  ada.write('default.param', 'seed=2\nn=10\n');
  const other = await ada.records(...simulate);
  ada.write('model.sh', `${simulation['model.sh']}# changed\n`);
  const dirty = await ada.records(...simulate);
  const agreed = await ada.requests(second.id, first.id);
  const denied = await ada.requests(other.id, first.id, '--observation', 'the numbers differ');
  ada.git('config', 'user.email', 'ada@example.org');
  ada.git('config', 'user.name', 'Ada Lovelace');
  await ada.does('agree', agreed.id);
  await ada.does('deny', denied.id, '--reason', 'of course they do');
  valid = { ada, tree: new RecordsWorktree(ada), first, second, other, dirty, agreed, denied };
});
afterAll(async () => valid?.ada[Symbol.asyncDispose]());

const recordOf = (record: ShownRecord) => `${record.path}/record.yml`;
const diffOf = ({ id }: ShownRequest) => `diffs/${id.slice(17, 19)}/${id.slice(19, 21)}/${id}.yml`;

async function verified(): Promise<{ code: number | null; verification: Verification }> {
  const { code, stdout, stderr } = await valid.ada.tries('verify', '--json');
  expect(stderr).toBe('');
  return { code, verification: JSON.parse(stdout) as Verification };
}

test('the valid branch verifies clean', async () => {
  const { code, verification } = await verified();
  expect(verification).toEqual({ verdict: 'holds', records: 4, problems: [] });
  expect(code).toBe(0);
});

/** Whether two YAML files say the same. */
function means(one: Buffer, other: Buffer): boolean {
  try {
    return JSON.stringify(parse(one.toString('utf8'))) === JSON.stringify(parse(other.toString('utf8')));
  } catch {
    return false;
  }
}

type Mutation = (branch: Valid) => string;

/** What somebody could do to the branch with plain git; each tells the path that `verify` must name. */
const mutations: Readonly<{ [what: string]: Mutation }> = {
  'one byte of a stored output is changed': ({ tree, first }) => {
    const path = `${first.path}/outputs/Data/result.txt`;
    tree.edit(path, /\d/, '#');
    return path;
  },
  'a stored input is emptied': ({ tree, first }) => {
    tree.write(`${first.path}/inputs/default.param`, '');
    return `${first.path}/inputs/default.param`;
  },
  'a stored output is removed': ({ tree, other }) => {
    tree.remove(`${other.path}/outputs/Data/result.txt`);
    return `${other.path}/outputs/Data/result.txt`;
  },
  'an output is added to a record': ({ tree, first }) => {
    tree.write(`${first.path}/outputs/more.txt`, 'x');
    return `${first.path}/outputs/more.txt`;
  },
  'a log is added to a record': ({ tree, first }) => {
    tree.write(`${first.path}/log.txt`, 'all went well');
    return `${first.path}/log.txt`;
  },
  'a container is added to a record': ({ tree, first }) => {
    tree.write(`${first.path}/container.yml`, stringify(parse(tree.read('history.yml'))[0]));
    return `${first.path}/container.yml`;
  },
  'a source.patch is changed': ({ tree, dirty }) => {
    tree.edit(`${dirty.path}/source.patch`, '# changed', '# other');
    return `${dirty.path}/source.patch`;
  },
  'a source.patch is removed': ({ tree, dirty }) => {
    tree.remove(`${dirty.path}/source.patch`);
    return `${dirty.path}/source.patch`;
  },
  'a file of no meaning is put into a record': ({ tree, first }) => {
    tree.write(`${first.path}/notes.md`, 'x');
    return `${first.path}/notes.md`;
  },
  'a field of a final record is changed': ({ tree, first }) => {
    tree.edit(recordOf(first), /reason: .*/, 'reason: another');
    return recordOf(first);
  },
  'the owner of a final record is changed': ({ tree, first }) => {
    tree.edit(recordOf(first), 'ada@example.org', 'grace@example.org');
    return recordOf(first);
  },
  'a digest in a record is changed': ({ tree, first }) => {
    tree.edit(recordOf(first), first.outputs[0]!.sha256, 'a'.repeat(64));
    return recordOf(first);
  },
  'a stored file is said not to be stored': ({ tree, first }) => {
    tree.edit(recordOf(first), 'stored: true', 'stored: false');
    return recordOf(first);
  },
  'a final record is said to be going on': ({ tree, first }) => {
    tree.edit(recordOf(first), 'status: finished', 'status: started');
    return recordOf(first);
  },
  'a record is removed': ({ tree, dirty }) => {
    tree.remove(dirty.path);
    return recordOf(dirty);
  },
  'the record of an agreed request is removed': ({ tree, second, agreed }) => {
    tree.remove(second.path);
    return diffOf(agreed);
  },
  'a record.yml alone is removed': ({ tree, dirty }) => {
    tree.remove(recordOf(dirty));
    return `${dirty.path}/inputs/default.param`;
  },
  'a record is moved to another shard': ({ tree, dirty }) => {
    mkdirSync(tree.at('records/zz/zz'), { recursive: true });
    renameSync(tree.at(dirty.path), tree.at(`records/zz/zz/${dirty.id}`));
    return `records/zz/zz/${dirty.id}/record.yml`;
  },
  'a record is renamed and keeps its id inside': ({ tree, dirty }) => {
    const id = `${dirty.id.slice(0, -1)}${dirty.id.endsWith('0') ? '1' : '0'}`;
    renameSync(tree.at(dirty.path), tree.at(dirty.path.replace(dirty.id, id)));
    return recordOf(dirty).replace(dirty.id, id);
  },
  'the last container is dropped': ({ tree }) => {
    tree.write('history.yml', stringify(parse(tree.read('history.yml')).slice(0, -1)));
    return 'history.yml';
  },
  'all containers are dropped': ({ tree }) => {
    tree.write('history.yml', '[]\n');
    return 'history.yml';
  },
  'two containers change places': ({ tree }) => {
    tree.write('history.yml', stringify(parse(tree.read('history.yml')).reverse()));
    return 'history.yml';
  },
  "a container's time is changed": ({ tree }) => {
    tree.edit('history.yml', /created: 20../, 'created: 2001');
    return 'history.yml';
  },
  'a container with a false id is added': ({ tree }) => {
    const [first] = parse(tree.read('history.yml'));
    tree.write('history.yml', `${tree.read('history.yml')}${stringify([{ ...first, id: 'c-0000000000' }])}`);
    return 'history.yml';
  },
  'a container stands in the history twice': ({ tree }) => {
    const [first] = parse(tree.read('history.yml'));
    tree.write('history.yml', `${tree.read('history.yml')}${stringify([first])}`);
    return 'history.yml';
  },
  'history.yml is removed': ({ tree }) => {
    tree.remove('history.yml');
    return 'history.yml';
  },
  'project.yml has an unknown field': ({ tree }) => {
    tree.write('project.yml', `${tree.read('project.yml')}more: 1\n`);
    return 'project.yml';
  },
  'the project gets another name, and the page does not': ({ tree }) => {
    tree.edit('project.yml', /^name: .*$/m, 'name: other');
    return 'README.md';
  },
  'assessment.yml is prettier than the truth': ({ tree }) => {
    tree.edit('assessment.yml', 'repeated: 1', 'repeated: 2');
    return 'assessment.yml';
  },
  'assessment.yml is removed': ({ tree }) => {
    tree.remove('assessment.yml');
    return 'assessment.yml';
  },
  'README.md is edited': ({ tree }) => {
    tree.write('README.md', `${tree.read('README.md')}\nAnd it is great.\n`);
    return 'README.md';
  },
  'README.md is removed': ({ tree }) => {
    tree.remove('README.md');
    return 'README.md';
  },
  'somebody else is said to have answered': ({ tree, agreed }) => {
    tree.edit(diffOf(agreed), /(answer:\n {2}by:\n(?:.*\n)*?.*email: )ada@/, '$1grace@');
    return diffOf(agreed);
  },
  'the answer to a denied request is turned': ({ tree, denied }) => {
    tree.edit(diffOf(denied), 'status: denied', 'status: agreed');
    return diffOf(denied);
  },
  'an agreed request is proposed again': ({ tree, agreed }) => {
    const request = parse(tree.read(diffOf(agreed)));
    tree.write(diffOf(agreed), stringify({ ...request, status: 'proposed', answer: null }));
    return diffOf(agreed);
  },
  'an agreed request has no answer': ({ tree, agreed }) => {
    const request = parse(tree.read(diffOf(agreed)));
    tree.write(diffOf(agreed), stringify({ ...request, answer: null }));
    return diffOf(agreed);
  },
  'a result is changed': ({ tree, denied }) => {
    tree.edit(diffOf(denied), /distance: \d+/, 'distance: 1');
    return diffOf(denied);
  },
  'a result is removed': ({ tree, agreed }) => {
    const request = parse(tree.read(diffOf(agreed)));
    tree.write(diffOf(agreed), stringify({ ...request, diff: { ...request.diff, results: [] } }));
    return diffOf(agreed);
  },
  'the proposition is changed': ({ tree, agreed }) => {
    tree.edit(diffOf(agreed), 'proposition: repeated', 'proposition: reproduced');
    return diffOf(agreed);
  },
  'a request claims of another record': ({ tree, agreed, dirty, second }) => {
    tree.edit(diffOf(agreed), `from: ${second.id}`, `from: ${dirty.id}`);
    return diffOf(agreed);
  },
  'a denied request is removed': ({ tree, denied }) => {
    tree.remove(diffOf(denied));
    return diffOf(denied);
  },
  'a request stands in another shard': ({ tree, agreed }) => {
    mkdirSync(tree.at('diffs/zz/zz'), { recursive: true });
    renameSync(tree.at(diffOf(agreed)), tree.at(`diffs/zz/zz/${agreed.id}.yml`));
    return `diffs/zz/zz/${agreed.id}.yml`;
  },
  'the same pair is settled again': ({ tree, agreed }) => {
    const id = `${agreed.id.slice(0, -10)}0123456789`;
    tree.write(`diffs/01/23/${id}.yml`, tree.read(diffOf(agreed)).replace(agreed.id, id));
    return `diffs/01/23/${id}.yml`;
  },
  'a request names a record that nobody has': ({ tree, agreed, first }) => {
    const id = `${agreed.id.slice(0, -10)}0123456789`;
    const text = tree.read(diffOf(agreed)).replace(agreed.id, id);
    tree.write(`diffs/01/23/${id}.yml`, text.replace(first.id, `${first.id.slice(0, -10)}0000000000`));
    return `diffs/01/23/${id}.yml`;
  },
  'YAML is broken': ({ tree, dirty }) => {
    tree.write(recordOf(dirty), 'id: [');
    return recordOf(dirty);
  },
  'YAML has a directive': ({ tree }) => {
    tree.write('project.yml', `%YAML 1.1\n---\n${tree.read('project.yml')}`);
    return 'project.yml';
  },
  'a key stands twice': ({ tree }) => {
    tree.write('project.yml', `${tree.read('project.yml')}private: true\n`);
    return 'project.yml';
  },
  'a YAML file is no UTF-8': ({ tree, dirty }) => {
    tree.write(recordOf(dirty), new Uint8Array([0xff, 0xfe, 0x00]));
    return recordOf(dirty);
  },
  'a record is cut short': ({ tree, dirty }) => {
    tree.write(recordOf(dirty), tree.read(recordOf(dirty)).slice(0, 400));
    return recordOf(dirty);
  },
  'a symlink stands where a file was': ({ tree, first }) => {
    const path = `${first.path}/outputs/Data/result.txt`;
    tree.remove(path);
    symlinkSync('/etc/passwd', tree.at(path));
    return path;
  },
  'record.yml is a symlink': ({ tree, dirty }) => {
    tree.remove(recordOf(dirty));
    symlinkSync('../../../project.yml', tree.at(recordOf(dirty)));
    return recordOf(dirty);
  },
  'project.yml is a symlink': ({ tree }) => {
    renameSync(tree.at('project.yml'), tree.at('other.yml'));
    symlinkSync('other.yml', tree.at('project.yml'));
    return 'project.yml';
  },
  'a file is executable': ({ tree, first }) => {
    const path = `${first.path}/outputs/Data/result.txt`;
    chmodSync(tree.at(path), 0o755);
    return path;
  },
  'a file stands at the top': ({ tree }) => {
    tree.write('extra.txt', 'x');
    return 'extra.txt';
  },
  'a workflow is slipped in': ({ tree }) => {
    tree.write('.github/workflows/ci.yml', 'on: push');
    return '.github/workflows/ci.yml';
  },
  'a folder stands where record.yml was': ({ tree, dirty }) => {
    tree.remove(recordOf(dirty));
    tree.write(`${recordOf(dirty)}/x`, 'x');
    return `${recordOf(dirty)}/x`;
  },
  'a whole record is copied under another id': ({ tree, dirty }) => {
    const id = `${dirty.id.slice(0, -10)}0123456789`;
    tree.write(`records/01/23/${id}/record.yml`, tree.read(recordOf(dirty)).replace(dirty.id, id));
    return `records/01/23/${id}/outputs/Data/result.txt`;
  },
};

describe('a change that plain git made is named', () => {
  test.each(Object.entries(mutations))('%s', async (_, mutate) => {
    valid.tree.reset();
    try {
      const path = mutate(valid);
      valid.tree.commit();
      const { code, verification } = await verified();
      expect(verification.verdict).toBe('broken');
      expect(code).toBe(1);
      const named = verification.problems.filter(problem => problem.severity === 'error').map(problem => problem.path);
      expect(named).toContain(path);
      for (const { because, rule } of verification.problems)
        expect([because.length > 5, rule !== '']).toEqual([true, true]);
    } finally {
      valid.tree.reset();
    }
  });

  test('even where a later commit put it back', async () => {
    const { tree, dirty } = valid;
    try {
      tree.remove(dirty.path);
      tree.commit();
      tree.git('checkout', '-q', tree.valid, '--', dirty.path);
      tree.commit();
      const { code, verification } = await verified();
      expect(verification.problems.map(({ path, rule }) => [path, rule])).toContainEqual([recordOf(dirty), 'growth']);
      expect(code).toBe(1);
    } finally {
      tree.reset();
    }
  });

  test('even where a merge left out what the other side had added', async () => {
    const { tree, dirty } = valid;
    try {
      // A branch that never had the record, and a merge that keeps that branch's files: `merge -s ours`.
      const before = tree.git('rev-list', '-1', `--before=now`, `${tree.valid}`, '--', dirty.path);
      tree.git('reset', '-q', '--hard', `${before}^`);
      tree.git('commit', '-q', '--allow-empty', '-m', 'aside');
      tree.git('merge', '-q', '-s', 'ours', '-m', 'merged', tree.valid);
      tree.git('update-ref', 'refs/heads/records', tree.git('rev-parse', 'HEAD'));
      const { code, verification } = await verified();
      expect(verification.problems.map(({ rule }) => rule)).toContain('growth');
      expect(code).toBe(1);
    } finally {
      tree.reset();
    }
  });

  test('any mutation of any file that is for good', async () => {
    const { ada, tree } = valid;
    const git = userGit(ada.clone, ada.environment);
    const store = gitStore({
      git,
      gitDir: ada.at('.git'),
      branch: 'records',
      objectFormat: 'sha1',
      environment: ada.environment,
      clock: { now: () => new Date(), random: Math.random, sleep: pause },
      warn: () => {},
    });
    // project.yml may change by right, and white space in history.yml means nothing: all else counts to the byte.
    const files = tree
      .git('ls-tree', '-r', '-z', '--name-only', tree.valid)
      .split('\0')
      .filter(path => path !== '' && path !== 'project.yml');
    const mutation = fc.record({
      path: fc.constantFrom(...files),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.nat(3),
      put: fc.uint8Array({ maxLength: 3 }),
    });
    try {
      await fc.assert(
        fc.asyncProperty(mutation, async ({ path, at, cut, put }) => {
          tree.reset();
          const before = readFileSync(tree.at(path));
          const place = Math.floor(at * before.length);
          const after = Buffer.concat([before.subarray(0, place), put, before.subarray(place + cut)]);
          fc.pre(!after.equals(before));
          if (path === 'history.yml') fc.pre(!means(after, before));
          tree.write(path, after);
          tree.commit();
          const { verdict, problems } = await verifyBranch(store, {}, new Date());
          expect([path, verdict]).toEqual([path, 'broken']);
          expect(problems.map(problem => problem.path)).toContain(path);
        }),
        { numRuns: Number(process.env.CORROBORATE_MUTATIONS ?? 30) },
      );
    } finally {
      await store.close();
      tree.reset();
    }
  });

  test('times that cannot be are a warning only: a clock that was off is nobody’s fault', async () => {
    await using ada = await scientist('ada', { files: { ...simulation, 'corroborate.yml': configured } });
    const [one, two] = [await ada.records(...simulate), await ada.records(...simulate)];
    const request = await ada.requests(two.id, one.id);
    // The requester's clock is ahead of everybody's.
    const path = diffOf(request);
    ada.git('worktree', 'add', '-q', '--detach', `${ada.folder}/ahead`, request.branch);
    const inTree = (...args: string[]) => ada.gitWith({ cwd: `${ada.folder}/ahead` }, ...args).trim();
    const ahead = readFileSync(`${ada.folder}/ahead/${path}`, 'utf8').replace(
      /^created: .*$/m,
      'created: 2999-01-01T00:00:00.000Z',
    );
    writeFileSync(`${ada.folder}/ahead/${path}`, ahead);
    inTree('commit', '-q', '-a', '--amend', '--no-edit');
    ada.git('update-ref', `refs/heads/${request.branch}`, inTree('rev-parse', 'HEAD'));
    const agreed = await ada.asks<ShownRequest>('agree', request.id);
    const { problems, verdict } = await ada.asks<Verification>('verify');
    expect(verdict).toBe('holds');
    expect(problems.map(({ rule, severity, field, because }) => [rule, severity, field, because])).toEqual([
      [
        'times',
        'warning',
        'answer.at',
        `${agreed.answer!.at} is before 2999-01-01T00:00:00.000Z, when the request was created`,
      ],
      ['times', 'warning', 'created', expect.stringMatching(/2999.* lies in the future by the clock here/)],
    ]);
  });

  test('names that meet where case does not count are a warning only', async () => {
    await using ada = await scientist('ada', { files: { 'run.sh': 'mkdir -p o; echo 1 > o/A; echo 2 > o/a\n' } });
    await ada.records('sh', 'run.sh');
    const said = await ada.does('verify', '--json');
    expect(JSON.parse(said.stdout)).toMatchObject({
      verdict: 'holds',
      problems: [{ rule: 'names', severity: 'warning' }],
    });
  });
});
