import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/domain/comparison.ts';
import { type Scientist, type ShownRecord, scientist, sharedRepository } from '../support/scientist.ts';
import { configured } from '../support/simulation.ts';
import { until } from '../support/until.ts';

const examples = join(import.meta.dirname, '../../examples');

interface Checked {
  readonly verdict: string;
  readonly findings: readonly { readonly rule: string; readonly is: string; readonly because: string }[];
}
interface Reported {
  readonly pairs: readonly { readonly method: string; readonly attested: boolean }[];
}

/** A spectrum with one peak: the file that the run writes is whatever `spectrum.sh` of that moment prints. */
const spectrum = (peak: string, ...lines: string[]) => `0.0 1\n${peak} 9\n${lines.join('\n')}\n2.0 2\n`;
const files = {
  'simulate.sh': 'mkdir -p Data\ncat "$SPECTRUM" > Data/spectrum.txt\necho fixed > Data/fixed.txt\n',
  'default.param': 'n=1\n',
};
const own = `${configured}compare:
  methods: [default, visual, numeric, command, '@lab/peak']
  max_distance: {max: 2}
  rtol: {max: 1e-4}
`;

/** Records a run that finds this spectrum; source and inputs are the same each time. */
async function finds(someone: Scientist, content: string): Promise<ShownRecord> {
  const place = join(someone.folder, 'spectrum');
  writeFileSync(place, content);
  const { done } = someone.start(['run', '--json', 'sh', 'simulate.sh', 'default.param'], {
    environment: { SPECTRUM: place },
  });
  const { stdout, stderr } = await done;
  expect(stderr).toBe('');
  return JSON.parse(stdout) as ShownRecord;
}

let ada: Scientist;
let grace: Scientist;
let hers: ShownRecord;
beforeAll(async () => {
  ada = await scientist('ada', { files: { ...files, 'corroborate.yml': own } });
  hers = await finds(ada, spectrum('1.0', '1.1 3', '1.2 4'));
  const shared = await sharedRepository(ada);
  await ada.does('push');
  grace = await scientist('grace', { clones: shared });
  await grace.does('pull');
});
afterAll(async () => {
  await ada?.[Symbol.asyncDispose]();
  await grace?.[Symbol.asyncDispose]();
});

/** Grace opened the request; Ada looks at it in every way there is, agrees, and says what came of it. */
async function adaAnswers(id: string): Promise<Checked> {
  await grace.does('push');
  await ada.does('pull');
  const checked = await ada.asks<Checked>('check', id);
  await ada.does('agree', id);
  await ada.asks('check', id);
  expect(await ada.asks('verify')).toMatchObject({ verdict: 'holds', problems: [] });
  const { pairs } = await ada.asks<Reported>('report');
  expect(pairs.at(-1)).toMatchObject({ attested: true });
  return checked;
}

const methodRule = ({ findings }: Checked) => findings.find(({ rule }) => rule === 'method')!;

describe('a program of the project', () => {
  const command = ['--method', 'command', '--command'];

  test('the example tells lines in another order from other lines', async () => {
    cpSync(join(examples, 'compare-command/compare.py'), join(ada.folder, 'compare.py'));
    const shuffled = await finds(ada, spectrum('1.0', '1.2 4', '1.1 3'));
    const other = await finds(ada, spectrum('1.0', '1.2 4', '1.1 5'));
    const compare = (id: string) =>
      ada.asks<Comparison>('compare', id, hers.id, ...command, `'${ada.folder}/compare.py'`);
    expect(await compare(shuffled.id)).toMatchObject({
      same: true,
      assessment: 'repeatable',
      method: { method: 'custom', name: 'command', options: { command: [`${ada.folder}/compare.py`], timeout: 600 } },
      files: [
        { path: 'Data/fixed.txt', same: true, identical: true },
        { path: 'Data/spectrum.txt', same: true, identical: false, compared: 5, differing: 0 },
      ],
    });
    expect(await compare(other.id)).toMatchObject({
      same: false,
      assessment: 'non-repeatable',
      files: [{}, { path: 'Data/spectrum.txt', same: false, compared: 5, differing: 2 }],
    });
    const { stdout } = await ada.does('compare', shuffled.id, hers.id, ...command, `${ada.folder}/compare.py`);
    expect(stdout).toMatch(/rule +command: /);
    cpSync(join(ada.folder, 'compare.py'), join(ada.folder, 'my compare.py'));
    const spaced = await ada.does('compare', shuffled.id, hers.id, ...command, `'${ada.folder}/my compare.py'`);
    expect(spaced.stdout).toMatch(/--command ''\\''\S*my compare\.py'\\'''/);
  });

  test('is run for who named it, and never for who looks at his request', async () => {
    const program = `echo ran >> "$HOME/ran"; printf '{"files": [{"path": "Data/spectrum.txt", "same": true}]}'`;
    const words = ['sh', '-c', program].map(word => `--command=${word}`);
    const his = await finds(grace, spectrum('1.0', '1.1 3'));
    const { id, diff, proposition } = await grace.requests(his.id, hers.id, '--method', 'command', ...words);
    expect(proposition).toBe('repeated');
    expect(diff).toMatchObject({ method: 'custom', name: 'command', options: { command: ['sh', '-c', program] } });
    expect(existsSync(join(grace.folder, 'ran'))).toBe(true);
    rmSync(join(grace.folder, 'ran'));
    await grace.asks('check', id);
    expect(existsSync(join(grace.folder, 'ran'))).toBe(false);

    const checked = await adaAnswers(id);
    expect(existsSync(join(ada.folder, 'ran'))).toBe(false);
    expect(checked.verdict).toBe('attested');
    expect(methodRule(checked)).toMatchObject({ is: 'attested', because: expect.stringContaining('command') });
  });

  test.each([
    ['exit 3', 'exit code 3'],
    ['echo hello', 'not one JSON document'],
    [`echo '{"files": []}'`, 'says nothing of "Data/spectrum.txt"'],
    [`echo '{"files": [{"path": "Data/spectrum.txt", "same": 1}]}'`, 'same: must be boolean'],
  ])('that answers with `%s` has not compared anything', async (script, because) => {
    ada.write('off.sh', script);
    const other = await finds(ada, spectrum('1.3'));
    const compared = await ada.asks<Comparison>('compare', other.id, hers.id, ...command, 'sh off.sh');
    expect(compared.files.at(-1)).toMatchObject({ same: false, reason: expect.stringContaining(because) });
    const shown = await ada.does('compare', other.id, hers.id, ...command, 'sh off.sh');
    expect(shown.stderr).toContain('nothing was compared: ');
    expect(shown.stdout).not.toContain('corroborate request');
    const { code, stderr } = await ada.tries('request', other.id, hers.id, ...command, 'sh off.sh');
    expect([code, stderr]).toEqual([1, expect.stringContaining('nothing was compared')]);
    expect(stderr).toContain(because);
  });

  test('ends with the command that runs it, and leaves nothing', async () => {
    const other = await finds(ada, spectrum('1.3'));
    const temporary = join(ada.folder, 'temporary');
    mkdirSync(temporary);
    ada.write('long.sh', 'echo $$ > "$HOME/pid"; sleep 1000');
    const { child, done } = ada.start(['compare', other.id, hers.id, ...command, 'sh long.sh'], {
      environment: { TMPDIR: temporary },
    });
    const pid = await until(() => existsSync(join(ada.folder, 'pid')) && readFileSync(join(ada.folder, 'pid'), 'utf8'));
    // node keeps compiled code there, too.
    const folders = () => readdirSync(temporary).filter(name => name.startsWith('corroborate-'));
    expect(folders()).toHaveLength(1);
    child.kill('SIGTERM');
    expect(await done).toMatchObject({ code: null, signal: 'SIGTERM', stdout: '' });
    expect(folders()).toEqual([]);
    await until(() => !existsSync(`/proc/${pid.trim()}`));
  });

  test('has to be named, and to be there', async () => {
    const other = await finds(ada, spectrum('1.3'));
    const none = await ada.tries('compare', other.id, hers.id, '--method', 'command');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('it names no program')]);
    const gone = await ada.tries('compare', other.id, hers.id, ...command, './nowhere.py');
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('"./nowhere.py" cannot be run')]);
    const foreign = await ada.tries('compare', other.id, hers.id, '--command', 'true');
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      expect.stringContaining('--command is no option of the method'),
    ]);
  });
});

describe('a method of an npm package', () => {
  const install = (someone: Scientist) =>
    cpSync(join(examples, 'method-package'), someone.at('node_modules/@lab/peak'), { recursive: true });

  test('the example compares, and others take its word without having it', async () => {
    const his = await finds(grace, spectrum('1.25', '1.3 4'));
    const without = await grace.tries('compare', his.id, hers.id, '--method', 'peak');
    expect([without.code, without.stderr]).toEqual([1, expect.stringContaining('npm install @lab/peak')]);
    install(grace);
    const compare = (...words: string[]) => grace.asks<Comparison>('compare', his.id, hers.id, '--method', ...words);
    expect(await compare('peak')).toMatchObject({
      same: false,
      method: { method: 'custom', name: 'peak', options: { window: 0.1 } },
      files: [{ identical: true }, { same: false, max_abs: 0.25, worst: { from: 1.25, toward: 1 } }],
    });
    expect(await compare('@lab/peak', '--option', 'window=0.3')).toMatchObject({ same: true });
    const shown = await grace.does('compare', his.id, hers.id, '--method', 'peak', '--option', 'window=0.3');
    expect(shown.stdout).toContain(`corroborate request ${his.id} ${hers.id} --method peak --option window=0.3`);
    for (const [option, because] of [
      ['window=-1', 'of at least 0'],
      ['width=1', 'no option "width"'],
      ['window', 'NAME=VALUE'],
      ['__proto__=1', 'NAME=VALUE'],
    ] as const) {
      const { code, stderr } = await grace.tries('compare', his.id, hers.id, '-m', 'peak', '--option', option);
      expect([code, stderr]).toEqual([2, expect.stringContaining(because)]);
    }

    // Ada's own package of that name would tell if it were loaded.
    install(ada);
    const marker = join(ada.folder, 'loaded');
    const told = `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\n`;
    ada.write('node_modules/@lab/peak/peak.js', told + ada.read('node_modules/@lab/peak/peak.js'));
    const { id } = await grace.requests(his.id, hers.id, '--method', 'peak', '--option', 'window=0.3');
    const checked = await adaAnswers(id);
    expect(methodRule(checked)).toMatchObject({ is: 'attested', because: expect.stringContaining('"peak"') });
    expect(existsSync(marker)).toBe(false);
    await ada.asks('compare', his.id, hers.id, '--method', 'peak');
    expect(existsSync(marker)).toBe(true);
  });

  test('is not loaded unless the own corroborate.yml lists it', async () => {
    mkdirSync(ada.at('node_modules/stranger'), { recursive: true });
    ada.write('node_modules/stranger/index.js', `require('fs').writeFileSync(${JSON.stringify(ada.at('loaded'))}, '')`);
    ada.write('node_modules/stranger/package.json', '{"name": "stranger"}');
    const { code, stderr } = await ada.tries('compare', hers.id, hers.id, '--method', 'stranger');
    expect([code, stderr]).toEqual([2, expect.stringContaining('There is no method "stranger"')]);
    expect(existsSync(ada.at('loaded'))).toBe(false);
  });

  test('may not take the name of one that there is', async () => {
    ada.write('corroborate.yml', `${configured}compare: {methods: ['@lab/structured', broken]}\n`);
    ada.write('node_modules/broken/package.json', '{"type": "module", "exports": "./x.js"}');
    ada.write('node_modules/broken/x.js', 'export default {name: "broken"};\n');
    try {
      const compare = (method: string) => ada.tries('compare', hers.id, hers.id, '--method', method);
      const shadow = await compare('@lab/structured');
      expect([shadow.code, shadow.stderr]).toEqual([1, expect.stringMatching(/npm package @lab\/structured/)]);
      const { code, stderr } = await compare('broken');
      expect([code, stderr]).toEqual([1, expect.stringContaining('npm package broken brings no method')]);
    } finally {
      ada.git('checkout', '-q', 'corroborate.yml');
    }
  });
});

describe('what the target allows', () => {
  test('is what its default branch says, whatever stands in the working tree', async () => {
    const his = await finds(grace, spectrum('1.0', '1.1 3', '1.25 4'));
    const distant = ['--method', 'default', '--max-distance', '3'];
    const refused = async () => {
      for (const [words, because] of [
        [['-m', 'numeric', '--rtol', '1'], 'The option rtol is 1; the project allows at most 0.0001'],
        [
          ['-m', 'numeric', '--column-rtol', '1=0.5'],
          'The option column_rtol is {"1":0.5}; the project allows at most',
        ],
        [distant, 'The option max_distance is 3; the project allows at most 2'],
        [
          ['--method', 'structured'],
          'The project does not allow the method structured, only default, visual, numeric, command, @lab/peak',
        ],
      ] as const) {
        const { code, stderr } = await grace.tries('request', his.id, hers.id, ...words);
        expect([code, stderr]).toEqual([1, expect.stringContaining(because)]);
      }
    };
    await refused();
    const lax = `${configured}compare: {max_distance: {max: 1000}}\n`;
    grace.write('corroborate.yml', lax);
    await refused();
    grace.git('checkout', '-q', '-b', 'lax');
    const commit = grace.commit('allow anything');
    await refused();
    // To look at, everything is allowed.
    expect(await grace.asks('compare', his.id, hers.id, ...distant)).toMatchObject({ same: true });

    // Who makes his own clone believe otherwise is told by everybody else's.
    grace.git('update-ref', 'refs/remotes/origin/main', commit);
    const { id } = await grace.requests(his.id, hers.id, ...distant);
    await grace.does('push');
    await ada.does('pull');
    ada.write('corroborate.yml', lax);
    try {
      const { code, stdout } = await ada.tries('check', id, '--json');
      expect(code).toBe(1);
      expect(methodRule(JSON.parse(stdout) as Checked)).toMatchObject({
        is: 'broken',
        because: expect.stringContaining('the project allows at most 2'),
      });
      const agreed = await ada.tries('agree', id);
      expect([agreed.code, agreed.stderr]).toEqual([1, expect.stringContaining('the project allows at most 2')]);
    } finally {
      ada.git('checkout', '-q', 'corroborate.yml');
    }
  });

  test('is nothing but the defaults where its default branch has no corroborate.yml', async () => {
    await using alan = await scientist('alan', { files });
    const one = await finds(alan, spectrum('1.0'));
    const two = await finds(alan, spectrum('1.1'));
    alan.write('corroborate.yml', 'compare: {methods: [visual]}\n');
    expect(await alan.requests(two.id, one.id)).toMatchObject({ proposition: 'non-repeated' });
  });
});
