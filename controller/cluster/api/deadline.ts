/** Combines a timeout and a caller's signal into one signal, without leaving listeners on the caller's signal. */

export interface Deadline {
  readonly signal: AbortSignal;
  /** Disables the timeout; the caller's signal still aborts. */
  disarm(): void;
  /** Disables the timeout and the caller's signal. */
  clear(): void;
}

/**
 * Returns a Deadline whose signal aborts after `timeoutMs`, with an Error that names the timeout, or when `outer`
 * aborts, with the same reason.
 */
export function deadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  // AbortSignal.any is not used: every signal derived from a long-lived one would stay in memory until the next garbage
  // collection.
  const abort = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', abort, { once: true });
  if (outer?.aborted) abort();
  function disarm(): void {
    clearTimeout(timer);
  }
  return {
    signal: controller.signal,
    disarm,
    clear() {
      disarm();
      outer?.removeEventListener('abort', abort);
    },
  };
}
