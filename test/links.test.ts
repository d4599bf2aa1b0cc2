import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const top = join(import.meta.dirname, '..');
const pages = ['.', 'docs', 'docs/decisions', 'examples/demo-sumatra', 'examples/ising'].flatMap(folder =>
  readdirSync(join(top, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => join(folder, name)),
);

/** As GitHub makes an anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test.each(pages)('every link of %s leads somewhere', page => {
  const text = readFileSync(join(top, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => `#${anchorOf(heading!)}`);
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (target!.startsWith('#')) expect(anchors).toContain(target);
    else if (!/^https?:/.test(target!)) expect(existsSync(join(top, dirname(page), target!)), target).toBe(true);
  }
});

test('every decision is named on the page of decisions', () => {
  const decisions = readdirSync(join(top, 'docs/decisions')).filter(name => name !== 'README.md');
  const named = [...readFileSync(join(top, 'docs/decisions/README.md'), 'utf8').matchAll(/\]\(([^)]+)\)/g)];
  expect(named.map(([, target]) => target).sort()).toEqual(decisions.sort());
});
