import { setTimeout as pause } from 'node:timers/promises';

type Found<T> = T | null | undefined | false;

/** Waits for something that must come; the test's own time limit ends it when it does not. */
export async function until<T>(look: () => Promise<Found<T>> | Found<T>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await pause(50);
  }
}
