import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePng } from '../../../src/differentiation/image/png/write-png.ts';
import { readImage } from '../../../src/differentiation/image/read-image.ts';
import { builtCommand } from '../../support/built-command.ts';

const command = builtCommand;
const folder = mkdtempSync(join(tmpdir(), 'compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function corroborate(args: readonly string[], environment: { [name: string]: string } = {}, where = folder) {
  const env = { PATH: process.env.PATH!, HOME: folder, COLUMNS: '100', ...environment };
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: where,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const evil = "<img src=x onerror=document.title='owned'>.txt";
const magenta: readonly [number, number, number] = [255, 0, 255];

function picture(dot: boolean): Promise<Uint8Array> {
  const pixels = new Uint8Array(200 * 150 * 4);
  for (let at = 0; at < pixels.length; at += 4) pixels.set([...magenta, 255], at);
  if (dot) pixels.fill(0, 0, 200 * 4 * 10);
  return writePng(200, 150, pixels);
}

beforeAll(async () => {
  const table = (wrong: number) =>
    `time,energy\n${Array.from({ length: 50 }, (_, at) => `${at},${Math.sin(at) + at * wrong}`).join('\n')}\n`;
  write('from/energy.csv', table(1e-3));
  write('toward/energy.csv', table(0));
  write('from/plot.png', await picture(true));
  write('toward/plot.png', await picture(false));
  write('from/same.txt', 'same');
  write('toward/same.txt', 'same');
  write('from/only \u001b[31mhere.txt', 'x');
  write(`toward/${evil}`, 'x');
  write('from/log.txt', 'one\ntwo </pre><script>document.title="owned"</script>\n');
  write('toward/log.txt', 'one\ntwo\n');
});

describe('in the terminal', () => {
  test('the verdict, the rule with its options, each file, and what to do next', () => {
    const { status, stdout } = corroborate(['compare', 'from', 'toward']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^5 of 6 outputs differ \(3 by content, 1 missing, 1 extra\)\.\n/);
    expect(stdout).toContain('max_distance 0, ignore none, normalize_eol false');
    expect(stdout).toMatch(/different {2}energy\.csv\n {2}distance +[\d,]+ code points, [\d.]+ % alike\n {2}first +3:/);
    expect(stdout).toMatch(/difference +│[ ▁-█]+│ energy by time/);
    expect(stdout).toContain(
      "different  only \\u001b[31mhere.txt\n  because  Only the requester's record has this file.",
    );
    expect(stdout).toContain('  -two\n  +two </pre><script>');
    expect(stdout).toContain('same  same.txt  bytes identical');
    expect(stdout).toContain(
      '1 file holds numbers: compare them within a tolerance.\n    corroborate compare from toward --method numeric',
    );
    expect(stdout).not.toContain('\u001b');
  });

  test('in colour where it is asked for, and no line of a hunk is wider than the terminal', () => {
    const { stdout } = corroborate(['compare', 'from', 'toward'], { FORCE_COLOR: '1', COLUMNS: '60' });
    expect(stdout).toContain('\u001b[31m5 of 6 outputs differ');
    const hunk = stdout.split('\n').filter(line => /^\u001b\[3[12]m {2}[-+]/.test(line));
    expect(hunk.length).toBeGreaterThan(4);
    for (const line of hunk) expect(line.replace(/\u001b\[\d+m/g, '').length).toBeLessThanOrEqual(60);
  });

  test('and no line of a file that is the same is, either', () => {
    const numbers = (end: string) => `${Array.from({ length: 9 }, (_, at) => `${at}.0 ${at}.5`).join('\n')}${end}`;
    write('wide/from/a long name of a table.dat', numbers('\n'));
    write('wide/toward/a long name of a table.dat', numbers('0000001\n'));
    const args = ['compare', 'wide/from', 'wide/toward', '--method', 'numeric', '--rtol', '1'];
    const { stdout } = corroborate(args, { FORCE_COLOR: '1', COLUMNS: '80' });
    const line = stdout.split('\n').find(text => text.includes('a long name'))!;
    expect(line).toMatch(/^\u001b\[32msame\u001b\[39m {2}a long name of a table\.dat .*…$/);
    expect(line.replace(/\u001b\[\d+m/g, '').length).toBeLessThanOrEqual(80);
  });

  test('a name that no record can hold counts, and what was left out never passes', () => {
    write('odd/from/aux.txt', '1');
    write('odd/toward/aux.txt', '2');
    expect(corroborate(['compare', 'odd/from', 'odd/toward', '--exit-code']).status).toBe(1);
    write('odd/toward/aux.txt', '1');
    expect(corroborate(['compare', 'odd/from', 'odd/toward', '--exit-code']).status).toBe(0);
    for (const side of ['from', 'toward']) symlinkSync(`/nowhere/${side}`, join(folder, 'odd', side, 'data.bin'));
    const { status, stdout } = corroborate(['compare', 'odd/from', 'odd/toward', '--exit-code', '--json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      same: false,
      outputs: 'different',
      missing: [],
      extra: [],
      files: [
        { path: 'aux.txt', same: true },
        { path: 'data.bin', same: false, identical: false, reason: expect.stringMatching(/^Not compared: .* link/) },
      ],
    });
  });

  test('a mistyped folder is told as one, in a repository or not', () => {
    for (const words of [
      ['from', 'towards'],
      ['from', 'from/none'],
      ['./none', 'toward'],
    ]) {
      const { status, stderr } = corroborate(['compare', ...words]);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/There is no file or folder \S*(?:towards|none),/)]);
    }
  });

  test('two files, whatever they are called', () => {
    const { status, stdout } = corroborate(['compare', 'from/same.txt', 'toward/log.txt', '--exit-code']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^The output differs \(by content\)\.\n/);
  });
});

describe('--output', () => {
  test('.json is what --json prints', () => {
    const { stdout } = corroborate(['compare', 'from', 'toward', '--json', '--output', 'report.json']);
    expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe(stdout);
    expect(JSON.parse(stdout)).toMatchObject({ same: false, missing: [evil], outputs: 'different' });
  });

  test('.md is a comment', () => {
    corroborate(['compare', 'from', 'toward', '--output', 'report.md']);
    const markdown = readFileSync(join(folder, 'report.md'), 'utf8');
    expect(markdown).toMatch(/^❌ \*\*5 of 6 outputs differ/);
    expect(markdown).toContain(
      '<summary><code>&lt;img src=x onerror=document.title=&#39;owned&#39;&gt;.txt</code></summary>',
    );
  });

  test('any other ending is refused before anything is compared', () => {
    const { status, stderr } = corroborate(['compare', 'from', 'nowhere', '--output', 'report.pdf']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('a comparison is written as .html, .md, .json')]);
  });

  test('.html is one page, without scripts, that loads nothing and shows names as they are', () => {
    corroborate(['compare', 'from', 'toward', '--output', 'report.html']);
    const page = readFileSync(join(folder, 'report.html'), 'utf8');
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:;`);
    expect(page).not.toMatch(/<script|<img src=x|\shref=/);
    expect(page.match(/src="(?!data:image\/png;base64,)/g)).toBeNull();
    expect(page.match(/<img /g)).toHaveLength(3);
    expect(page.match(/<svg class="np"/g)).toHaveLength(1);
  });
});

const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  name => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);
if (chromium === undefined) console.warn('compare --output report.html is not looked at: there is no chromium here');

describe.skipIf(chromium === undefined)('the page in a browser', () => {
  function look(args: readonly string[], page: string): string {
    const own = [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      `--user-data-dir=${join(folder, 'browser')}`,
    ];
    const { stdout } = spawnSync(chromium!, [...own, ...args, `file://${join(folder, page)}`], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    return stdout;
  }
  /** How many pixels of a screenshot are this colour, or as near to it as the edge of a thin line is. */
  async function pixelsOf(screenshot: string, colour: readonly [number, number, number], near = 0): Promise<number> {
    const { rgba } = await readImage(readFileSync(join(folder, screenshot)));
    let count = 0;
    for (let at = 0; at < rgba.length; at += 4) {
      if (colour.every((value, channel) => Math.abs(rgba[at + channel]! - value) <= near)) count++;
    }
    return count;
  }

  test('shows pictures, curves and the verdict, wide and narrow, in light and in dark', async () => {
    corroborate(['compare', 'from', 'toward', '--output', 'report.html']);
    for (const [width, more] of [
      ['1100', []],
      ['420', []],
      ['1100', ['--blink-settings=preferredColorScheme=0']],
    ] as const) {
      look([...more, `--window-size=${width},3200`, `--screenshot=${join(folder, 'page.png')}`], 'report.html');
      const dark = more.length > 0;
      expect(await pixelsOf('page.png', dark ? [13, 17, 23] : [255, 255, 255])).toBeGreaterThan(100_000);
      // Both pictures: 200 x 150 each, less ten rows.
      expect(await pixelsOf('page.png', magenta)).toBeGreaterThan(40_000);
      expect(
        await pixelsOf('page.png', dark ? [248, 81, 73] : [207, 34, 46]),
        'the verdict and the difference',
      ).toBeGreaterThan(500);
      expect(await pixelsOf('page.png', dark ? [240, 136, 62] : [188, 76, 0], 60), 'the curve').toBeGreaterThan(50);
    }
  });

  test('runs nothing that a file brought', () => {
    corroborate(['compare', 'from', 'toward', '--output', 'report.html']);
    const page = look(['--dump-dom', '--virtual-time-budget=2000'], 'report.html');
    expect(page).toContain('<title>from toward toward: different</title>');
    expect(page).not.toMatch(/<script|onerror=[^&]*>(?!.*&gt;)/);
    expect(page).toContain('&lt;/pre&gt;&lt;script&gt;');
  });
});

describe('two runs', () => {
  const where = join(folder, 'simulation');
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { cwd: where });
  const author = {
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  };

  test('Table 1 with its cell marked, beside or on its side, dependencies and machine, and the claim to make', () => {
    mkdirSync(where);
    git('init', '-q', '-b', 'main');
    writeFileSync(join(where, 'run.sh'), 'cat value.param > out.txt\n');
    writeFileSync(join(where, 'value.param'), 'one\n');
    git('add', '.');
    git('commit', '-q', '-m', 'A simulation');
    expect(corroborate(['init'], author, where)).toMatchObject({ status: 0 });
    for (const value of ['one\n', 'two\n']) {
      writeFileSync(join(where, 'value.param'), value);
      const run = corroborate(
        ['run', '--input', '*.param', '--output', 'out.txt', '--', 'sh', 'run.sh', 'value.param'],
        author,
        where,
      );
      expect(run.status, run.stderr).toBe(0);
    }
    const wide = corroborate(['compare', 'latest', '@{1}', '--output', 'report.html'], author, where).stdout;
    expect(wide).toMatch(/^The output differs \(by content\)\. Table 1 says unknown\.\n/);
    expect(wide).toMatch(/inputs +different: value\.param has other content/);
    expect(wide).toMatch(
      /\noutputs same +repeatable +reproducible +reproducible +reproducible\noutputs different +non-repeatable +\[unknown\] +unknown +unknown\n/,
    );
    expect(wide).toMatch(/\nmachine: the same \(\d+\)\n/);
    expect(wide).toMatch(
      /propose "non-reproduced".*\n?.*\n {4}corroborate request \S+ \S+ --observation "what you saw"\n/,
    );
    const narrow = corroborate(['compare', 'latest', '@{1}'], { ...author, COLUMNS: '60' }, where).stdout;
    expect(narrow).toMatch(/\nsame source +different inputs +reproducible +\[unknown\]\n/);
    expect(readFileSync(join(where, 'report.html'), 'utf8')).toContain(
      '<td class="here" aria-current="true">unknown</td>',
    );
  });

  test("the project's report is a page too", () => {
    const { stdout } = corroborate(['report', '--format', 'html'], author, where);
    expect(stdout).toMatch(/^<!doctype html>/);
    expect(stdout).toContain('<h1>unknown</h1><p>Nothing has been agreed on yet.</p>');
    expect(stdout).toContain('<b>2</b>records');
    corroborate(['report', '--format', 'html', '--output', 'project.html'], author, where);
    expect(readFileSync(join(where, 'project.html'), 'utf8')).toBe(stdout);
  });
});
