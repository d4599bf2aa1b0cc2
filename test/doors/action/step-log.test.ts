import { expect, test } from 'vitest';
import { startGitHub } from '../../support/github/start-github.ts';
import { Job, type StepEnd } from '../../support/runner.ts';

/** A simulation that does all it can to be taken for the Action. */
const files = {
  'hostile.sh': [
    "echo '::error::forged'; echo '##[set-output name=record-id;]forged' >&2",
    "echo '::set-output name=record-id::forged'; echo '  ::add-mask::a'; echo '::endgroup::'",
    "printf 'no end of line'",
    '',
  ].join('\n'),
  'fails.py': 'def step():\n    raise ValueError("unstable: dt too large")\n\n\nstep()\n',
  'fails.mjs': 'function step() {\n  throw new RangeError("negative mass");\n}\nstep();\n',
  'compile.sh': 'echo "model.c:12:3: error: expected expression" >&2; exit 1\n',
  'model.c': 'int main;\n',
};

async function runs(inputs: { [name: string]: string }, use: (end: StepEnd, job: Job) => void): Promise<void> {
  await using github = await startGitHub();
  const ada = github.user('ada', 1815);
  const repository = await ada.createRepository('acme/demo', { files });
  await using job = new Job(github, { actor: ada, repository });
  use(await job.run(inputs), job);
}

test('what looks like a command of the runner is none, on either stream', () =>
  runs({ command: 'sh hostile.sh' }, end => {
    expect(end.code, end.log).toBe(0);
    // One stream, so that nothing can overtake what tells the runner to read commands again.
    expect(end.log).toBe(end.stdout);
    const token = /^::stop-commands::(.+)$/m.exec(end.log)![1]!;
    const [before, ...rest] = end.log.split(`::stop-commands::${token}\n`);
    const [inside, after] = rest.join('').split(`\n::${token}::\n`);
    expect(before).toContain('::group::sh hostile.sh\n');
    expect(inside).toContain('::error::forged');
    expect(inside).toContain('##[set-output name=record-id;]forged');
    expect(inside).toMatch(/no end of line$/);
    expect(after!.startsWith('::endgroup::\n')).toBe(true);
    for (const text of [before!, after!]) expect(text).not.toContain('forged');
    expect(end.outputs['record-id']).toMatch(/^\d{8}T/);
  }));

test.each([
  ['Python', 'python3 fails.py', 'fails.py', 2, 'ValueError', 'unstable: dt too large'],
  ['Node', `${process.execPath} fails.mjs`, 'fails.mjs', 2, 'RangeError', 'negative mass'],
  ['a compiler', 'sh compile.sh', 'model.c', 12, 'error', 'expected expression'],
])(
  'where %s says that something went wrong there is an annotation, and the exit code is its own',
  (_, command, file, line, title, message) =>
    runs({ command }, end => {
      expect(end.code).toBe(1);
      expect(end.outputs.status).toBe('failed');
      const annotations = end.log.split('\n').filter(text => text.startsWith('::error '));
      expect(annotations).toEqual([`::error file=${file},line=${line},title=${title}::${message}`]);
    }),
);

test('other exit codes, and signals', async () => {
  await runs({ command: "sh -c 'exit 42'" }, end => expect(end.code).toBe(42));
  await runs({ command: "sh -c 'kill -SEGV $$'" }, end => {
    expect(end.code).toBe(139);
    expect(end.summary).toContain('failed by SIGSEGV');
  });
});

test.each([
  ['no command', {}, 'there is nothing to run'],
  ['a shell’s words', { command: 'cd sub && make' }, 'no shell reads it here'],
  ['a container of none', { command: 'ls', container: 'No Image' }, 'No Image'],
  ['a method of none', { command: 'ls', toward: 'latest', method: 'guess' }, 'There is no method "guess"'],
  [
    'an option of none',
    { command: 'ls', toward: 'latest', method: 'numeric', options: 'rtoll: 1' },
    'has no option "rtoll"',
  ],
  ['a request without toward', { command: 'ls', request: 'true' }, 'without `toward`'],
])('%s: refused before anything runs, in a sentence', (_, inputs, because) =>
  runs(inputs, (end, job) => {
    expect(end.code).toBe(1);
    expect(end.log).toContain('::error title=Corroborate::');
    expect(end.log).toContain(because);
    expect(end.log).not.toContain('::group::');
    expect(end.outputs).toEqual({});
    expect(job.git(job.workspace, 'status', '--short')).toBe('');
  }),
);
