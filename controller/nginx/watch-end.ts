/** Notices the end of a master process. */
import { isAlive } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const LOOK_EVERY_MS = 1000;

/**
 * Calls `listener` once when the master has ended: at once if the master is a child of this process (then `ended` is
 * the promise of its end), otherwise within a second. Returns a function that stops watching.
 */
export function watchEnd(
  master: ProcessIdentity,
  ended: Promise<string> | undefined,
  listener: (detail: string) => void,
): () => void {
  let watching = true;
  function report(detail: string): void {
    if (!watching) return;
    stop();
    listener(detail);
  }
  const timer = setInterval(() => {
    if (!isAlive(master)) report('the process no longer exists');
  }, LOOK_EVERY_MS).unref();
  function stop(): void {
    watching = false;
    clearInterval(timer);
  }
  void ended?.then(report);
  return stop;
}
