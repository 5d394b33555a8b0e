import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `what` returns a value other than false and undefined; throws an error with `why` after `ms`. */
export async function untilFound<T>(why: string, what: () => T | false | undefined, ms = 5_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const found = what();
    if (found !== false && found !== undefined) return found;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${why}`);
    await sleep(5);
  }
}
