import { describe, expect, test } from 'vitest';
import { type Order, WorkQueue, type WorkQueueOptions } from '../../../src/doors/app/work-queue.ts';

/** Work that ends when it is told to, and a clock that moves when it is told to. */
function workshop(options: Partial<WorkQueueOptions<string[]>> = {}) {
  const begun: string[] = [];
  const ends = new Map<string, { fulfil(): void; reject(error: Error): void }>();
  const timers: { readonly at: number; readonly call: () => void }[] = [];
  const failures: string[] = [];
  let now = 0;
  const queue = new WorkQueue<string[]>({
    parallel: 2,
    work: ({ key, what }) => {
      begun.push(`${key}: ${what.join(' ')}`);
      return new Promise<void>((fulfil, reject) => ends.set(key, { fulfil, reject }));
    },
    merge: (earlier, later) => [...earlier, ...later],
    patience: () => null,
    failed: ({ key }, error) => failures.push(`${key}: ${(error as Error).message}`),
    later(milliseconds, call) {
      const timer = { at: now + milliseconds, call };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer) >>> 0, 1);
    },
    ...options,
  });
  const settle = () => new Promise<void>(done => setImmediate(done));
  return {
    queue,
    begun,
    failures,
    add: (key: string, word: string, change: Partial<Order<string[]>> = {}) =>
      queue.add({ key, lane: 'acme/demo', holder: '1', what: [word], ...change }),
    async ends(key: string) {
      ends.get(key)!.fulfil();
      await settle();
    },
    async fails(key: string) {
      ends.get(key)!.reject(new Error('no luck'));
      await settle();
    },
    async passes(milliseconds: number) {
      now += milliseconds;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(timer), 1);
        timer.call();
      }
      await settle();
    },
  };
}

describe('the queue', () => {
  test('does one thing at a time for a key, and what is asked for meanwhile once', async () => {
    const { queue, begun, add, ends } = workshop();
    for (const word of ['a', 'b', 'c']) add('7', word);
    expect(begun).toEqual(['7: a']);
    expect([queue.running, queue.waiting]).toEqual([1, 1]);
    await ends('7');
    expect(begun).toEqual(['7: a', '7: b c']);
    await ends('7');
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test('does several at once, and no more than it may', async () => {
    const { begun, add, ends } = workshop();
    for (const key of ['1', '2', '3']) add(key, 'x');
    expect(begun).toEqual(['1: x', '2: x']);
    await ends('2');
    expect(begun).toEqual(['1: x', '2: x', '3: x']);
  });

  test('lets nobody have all of the room, and takes turns', async () => {
    const { begun, add, ends } = workshop({ parallel: 4 });
    for (const key of ['1', '2', '3', '4', '5']) add(key, 'x', { lane: 'mallory/demo' });
    expect(begun).toHaveLength(3);
    add('6', 'x', { lane: 'acme/demo' });
    expect(begun.at(-1)).toBe('6: x');
    add('7', 'x', { lane: 'acme/demo' });
    await ends('1');
    expect(begun.at(-1)).toBe('7: x');
  });

  test('tries again what fails for now, with what was asked for meanwhile', async () => {
    const { begun, failures, add, fails, passes, ends, queue } = workshop({
      patience: (_, tries) => (tries < 3 ? { milliseconds: 1000 * tries, holds: false } : null),
    });
    add('7', 'a');
    await fails('7');
    add('7', 'b');
    expect(begun).toEqual(['7: a']);
    await passes(1000);
    expect(begun).toEqual(['7: a', '7: a b']);
    await fails('7');
    await passes(1000);
    expect(begun).toHaveLength(2);
    await passes(1000);
    await fails('7');
    expect(failures).toHaveLength(3);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
    add('7', 'c');
    await ends('7');
    expect(begun.at(-1)).toBe('7: c');
  });

  test('leaves in peace whoever asks to wait, and nobody else', async () => {
    const { begun, add, ends, fails, passes } = workshop({ patience: () => ({ milliseconds: 60_000, holds: true }) });
    add('1', 'x');
    await fails('1');
    add('2', 'x');
    add('3', 'x', { holder: '2' });
    expect(begun).toEqual(['1: x', '3: x']);
    await passes(60_000);
    await ends('3');
    expect(begun.slice(2).sort()).toEqual(['1: x', '2: x']);
  });

  test('finishes on leaving what it can, and what comes of that; nothing is waited for', async () => {
    const { queue, begun, add, ends, fails } = workshop({
      parallel: 1,
      patience: () => ({ milliseconds: 60_000, holds: false }),
    });
    add('1', 'x');
    await fails('1');
    add('2', 'x');
    add('3', 'x');
    const closed = queue.close(10_000);
    add('4', 'x');
    await ends('2');
    await fails('3');
    await ends('4');
    expect(await closed).toEqual({ left: 0 });
    expect(begun).toEqual(['1: x', '2: x', '3: x', '4: x']);
  });

  test('leaves when its time is up', async () => {
    const { queue, add, passes } = workshop();
    add('1', 'x');
    const closed = queue.close(10_000);
    await passes(10_000);
    expect(await closed).toEqual({ left: 1 });
  });
});
