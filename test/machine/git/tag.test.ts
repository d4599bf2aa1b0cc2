import { expect, test } from 'vitest';
import { readRepository } from '../../../src/machine/git/repository.ts';
import { readTag } from '../../../src/machine/git/tag.ts';
import { TemporaryRepository } from './temporary-repository.ts';

async function tagOf(repository: TemporaryRepository): Promise<string | null> {
  return readTag(repository.git, repository.folder, await readRepository(repository.git, repository.folder));
}

test('an annotated tag before others, or none', async () => {
  const repository = TemporaryRepository.make();
  repository.do('commit', '-q', '--allow-empty', '-m', 'first');
  expect(await tagOf(repository)).toBeNull();
  repository.do('tag', 'light');
  expect(await tagOf(repository)).toBe('light');
  repository.do('tag', '-a', '-m', 'release', 'v1.0');
  expect(await tagOf(repository)).toBe('v1.0');
});

test('one that stands in packed-refs alone, and one in a folder of its own', async () => {
  const repository = TemporaryRepository.make();
  repository.do('commit', '-q', '--allow-empty', '-m', 'first');
  repository.do('tag', 'group/one');
  expect(await tagOf(repository)).toBe('group/one');
  repository.do('pack-refs', '--all');
  expect(await tagOf(repository)).toBe('group/one');
});

test('one of another commit is none of this one', async () => {
  const repository = TemporaryRepository.make();
  repository.do('commit', '-q', '--allow-empty', '-m', 'first');
  repository.do('tag', 'old');
  repository.do('commit', '-q', '--allow-empty', '-m', 'second');
  expect(await tagOf(repository)).toBeNull();
});
