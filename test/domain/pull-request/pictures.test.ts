import { expect, test } from 'vitest';
import { picturesMarkdown } from '../../../src/domain/pull-request/pictures.ts';
import { factsOf } from '../good-request.ts';
import { rendered } from './rendered.ts';
import { head, ids, judgedOf, picture, repository, tip } from './some-request.ts';

const markdown = (pictures: Parameters<typeof judgedOf>[1] = {}, isPrivate = false) =>
  picturesMarkdown({ ...repository, isPrivate }, judgedOf(factsOf(), pictures));

test('both sides of a public repository next to each other, each at its commit', () => {
  const html = rendered(markdown({ pictures: [picture('Data/a b#1.png')] }));
  expect([...html.matchAll(/<img src="([^"]*)"/g)].map(([, source]) => source)).toEqual([
    `https://github.com/acme/demo/raw/${head}/records/0a/1b/${ids.from}/outputs/Data/a%20b%231.png`,
    `https://github.com/acme/demo/raw/${tip}/records/7f/3a/${ids.toward}/outputs/Data/a%20b%231.png`,
  ]);
  expect(html.match(/<td>/g)).toHaveLength(2);
  expect(markdown({ pictures: [picture('a.png')], fromOnBranch: true })).not.toContain(head);
});

test('those of a private repository are links to the file view', () => {
  const html = rendered(markdown({ pictures: [picture('a.png')] }, true));
  expect(html).not.toContain('<img');
  expect(html).not.toContain('/raw/');
  expect(html.match(/<a href="https:\/\/github.com\/acme\/demo\/blob\/[^"]*a\.png"/g)).toHaveLength(2);
});

test('a side that is not stored says so; none is nothing', () => {
  expect(rendered(markdown({ pictures: [{ ...picture('a.png'), toward: null }] }))).toContain('not stored');
  expect(markdown()).toBe('');
});

test('an address leads nowhere else', () => {
  for (const path of ['../../../evil', 'a"><script>.png', "a')b.png", 'a|b.png', 'a`b.png', 'a\nb.png', '\ud800.png']) {
    const html = rendered(markdown({ pictures: [{ path, from: path, toward: `records/${path}` }] }));
    for (const [, address] of html.matchAll(/(?:src|href)="([^"]*)"/g)) {
      expect(new URL(address!).href).toMatch(/^https:\/\/github\.com\/acme\/demo\/(?:raw|blob)\/[0-9a-f]{40}\//);
    }
    expect(html).not.toContain('<script');
    expect(html.match(/<td>/g)).toHaveLength(2);
  }
});

test('many are counted', () => {
  const pictures = Array.from({ length: 20 }, (_, at) => picture(`${at}.png`));
  const said = markdown({ pictures });
  expect(said.match(/<img /g)!.length).toBeLessThanOrEqual(16);
  expect(said).toMatch(/\n\d+ pictures more in the records' folders\.$/);
  expect(said.length).toBeLessThan(7000);
});
