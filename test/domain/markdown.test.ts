import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';
import {
  codeSpan,
  escapeMarkdown,
  escapeParagraphs,
  escapeSentence,
  markdownTable,
} from '../../src/domain/markdown.ts';

/** As GitHub does up to its own mentions, references and emoji, raw HTML left in to be seen. */
function render(markdown: string): string {
  return micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
}

/** What a reader sees: no tags, no entities, no joints of zero width. */
function seen(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/\u200b/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<!-- hidden',
  '&lt;b&gt;',
  '&copy;',
  '</details>',
  '<a href="javascript:x">y</a>',
  '[click](https://evil.org)',
  '![x](https://evil.org/x.png)',
  '[x]: https://evil.org',
  '[^1]',
  '<https://evil.org>',
  'https://evil.org',
  'http://evil.org?a=1&b=2',
  'www.evil.org',
  'WWW.evil.org',
  '_www.evil.org',
  'mail@evil.org',
  'mailto:mail@evil.org',
  'ftp://evil.org',
  '**bold**',
  '__bold__',
  '*it*',
  '_it_',
  '~~gone~~',
  '`code`',
  '``` x',
  '~~~',
  '# head',
  '## head ##',
  '> quote',
  '> [!NOTE]',
  '- item',
  '* item',
  '+ item',
  '1. item',
  '1) item',
  '- [x] done',
  '---',
  '***',
  '___',
  '===',
  '= x',
  '| a | b |',
  'a | b',
  '\\',
  'a\\',
  '\\*',
  '    code',
  '\tcode',
  'a  ',
  'line\nbreak',
  'a\n\nb',
  'a\n===',
  'a\n---',
  '\n# x',
  '$x^2$',
  '$$y$$',
  ':tada:',
  'at 12:30:45 h',
  'a_b_c',
  'f(x) = [1, 2]{3}',
  'C++ & C#',
  '100%',
  'größer',
  '日本',
  'می‌خواهم',
  '👩‍🔬',
];

const tags = (html: string) => (html.match(/<[^>]*>/g) ?? []).filter(tag => !/^<\/?(?:p|span)>$/.test(tag));

describe('untrusted text is itself', () => {
  test.each(hostile)('%j', text => {
    const html = render(escapeMarkdown(text));
    expect(tags(html)).toEqual([]);
    expect(seen(html).trim()).toBe(text.replace(/[\r\n\t]+/g, ' ').trim());
  });

  test.each(hostile)('%j in the midst of things', text => {
    expect(tags(render(`before ${escapeMarkdown(text)} after`))).toEqual([]);
    expect(tags(render(`# ${escapeMarkdown(text)}`)).join('')).toMatch(/^(?:<h1>)?<\/h1>$|^<h1><\/h1>$/);
    const table = render(markdownTable(['a', 'b'], [[escapeMarkdown(text), 'x']]));
    expect(table.match(/<td[^>]*>/g)).toHaveLength(2);
  });

  test('whatever it is', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'\\`*_{}[]()#+-.!|<>&~=$:@/ \nwa1"\'') }),
      fc.constantFrom(...hostile),
    );
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const html = render(escapeMarkdown(`${one}${other}`));
        expect(tags(html)).toEqual([]);
        expect(seen(html).replace(/\s+/g, ' ').trim()).toBe(
          `${one}${other}`
            .replace(
              /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
              '\ufffd',
            )
            .replace(/\s+/g, ' ')
            .trim(),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

test('nobody is told and nothing is linked', () => {
  const rendered = (text: string) => render(escapeMarkdown(text)).replace(/<[^>]*>/g, '');
  expect(rendered('@ada and @acme/team')).not.toMatch(/@[a-z]/);
  expect(rendered('#12, acme/demo#12, GH-12')).not.toMatch(/#\d|GH-\d/i);
  expect(rendered(':tada: :+1:')).not.toMatch(/:[\w+-]+:/);
  expect(render(escapeMarkdown('$x$'))).toContain('<span>$</span>');
});

test('text that runs backwards, or nowhere, is shown as such', () => {
  expect(escapeMarkdown('a\u202eb\u2066c\u200bd\0')).toBe('a\ufffdb\ufffdc\ufffdd\ufffd');
});

describe('a code span holds what it is given', () => {
  test.each([
    'numeric',
    '`',
    '``',
    'a`b',
    '`a`',
    ' a',
    'a ',
    ' ',
    '',
    'a|b',
    'a\\|<b>',
    'a\\\\|<b>',
    'a\\\\\\|<b>|',
    '<b>',
    '&amp;',
    '\\',
    'a\\',
    '**x**',
    '@ada',
  ])('%j in a table', text => {
    const html = render(markdownTable(['a', 'b'], [[codeSpan(text), 'x']]));
    const cell = /<td><code>([\s\S]*?)<\/code><\/td>/.exec(html)![1]!;
    expect(seen(cell).trim()).toBe(text.trim());
    expect(html.match(/<td/g)).toHaveLength(2);
  });
});

test('a code span holds its cell, whatever it is given', () => {
  const nasty = fc.string({ unit: fc.constantFrom('`', '\\', '|', '<b>', 'a', ' ') });
  fc.assert(
    fc.property(nasty, text => {
      const html = render(markdownTable(['a', 'b'], [[codeSpan(text), 'x']]));
      expect(html).toMatch(/<td><code>[^<]*<\/code><\/td>\n<td>x<\/td>/);
    }),
    { numRuns: 1000 },
  );
});

test('paragraphs stay paragraphs', () => {
  expect(render(escapeParagraphs('one\ntwo\n\n  # three\n\n\n\n- four'))).toBe(
    '<p>one two</p>\n<p># three</p>\n<p>- four</p>',
  );
  expect(escapeParagraphs(' \n\n ')).toBe('');
});

test('a table is a table', () => {
  expect(render(markdownTable(['a', 'b'], [['1', '2']], [1]))).toContain('<td align="right">2</td>');
});

describe('a sentence of ours with words of anyone in it', () => {
  test('shows what stands between backticks as code', () => {
    expect(render(escapeSentence('see `schema` and `records`, *now*'))).toBe(
      '<p>see <code>schema</code> and <code>records</code>, *now*</p>',
    );
    expect(escapeSentence('')).toBe('');
  });

  test('holds nothing but text and code, whatever the words', () => {
    const nasty = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'\\`*_{}[]()#+-.!|<>&~=$:@/ \nwa1"\'') }),
      fc.string({ unit: fc.constantFrom('`', '\\', 'a', ' ', '<b>') }),
      fc.constantFrom(...hostile),
    );
    fc.assert(
      fc.property(nasty, nasty, (one, other) => {
        const sentence = escapeSentence(`${one} \`${other}\` ${one}`);
        expect(tags(render(sentence)).filter(tag => !/^<\/?code>$/.test(tag))).toEqual([]);
        expect(render(markdownTable(['a', 'b'], [[sentence, 'x']])).match(/<td[^>]*>/g)).toHaveLength(2);
      }),
      { numRuns: 1000 },
    );
  });
});
