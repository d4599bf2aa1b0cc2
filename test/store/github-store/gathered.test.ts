import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gathered } from '../../../src/store/github-store/gathered.ts';

/** Requests that are answered when the test says so. */
function server(atOnce: number) {
  const requests: { readonly questions: readonly string[]; answer(): void; fail(): void }[] = [];
  const ask = gathered(atOnce, (questions: readonly string[]) => {
    return new Promise<string>((fulfil, reject) => {
      requests.push({
        questions,
        answer: () => fulfil(questions.join(' ')),
        fail: () => reject(new Error('the server is gone')),
      });
    });
  });
  return { ask, requests, asked: () => requests.map(({ questions }) => questions) };
}

test('what is asked in one turn, and while a request is under way, goes together; never into one that was sent', async () => {
  const { ask, requests, asked } = server(1);
  const first = Promise.all([ask('a'), ask('b')]);
  await turn();
  const second = Promise.all([ask('c'), turn().then(() => ask('d'))]);
  await turn();
  await turn();
  expect(asked()).toEqual([['a', 'b']]);
  requests[0]!.answer();
  expect(await first).toEqual(['a b', 'a b']);
  await turn();
  expect(asked()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  requests[1]!.answer();
  expect(await second).toEqual(['c d', 'c d']);
});

test('several are under way at once, up to the number, and one that fails holds up no other', async () => {
  const { ask, requests, asked } = server(2);
  const answers: Promise<string>[] = [];
  for (const question of ['a', 'b', 'c']) {
    answers.push(ask(question));
    await turn();
    await turn();
  }
  expect(asked()).toEqual([['a'], ['b']]);
  const failed = expect(answers[0]).rejects.toThrow('the server is gone');
  requests[0]!.fail();
  await failed;
  await turn();
  expect(asked()).toEqual([['a'], ['b'], ['c']]);
  requests[1]!.answer();
  requests[2]!.answer();
  expect(await Promise.all(answers.slice(1))).toEqual(['b', 'c']);
});
