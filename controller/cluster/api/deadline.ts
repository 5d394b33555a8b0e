/** A time-out and a caller's signal as one signal, that leaves nothing behind on the caller's. */

export interface Deadline {
  readonly signal: AbortSignal;
  /** Only the caller's signal counts from now on. */
  disarm(): void;
  /** Nothing counts any more. */
  clear(): void;
}

/** Aborts after `timeoutMs` with an Error that says so, or with `outer` and its reason. */
export function deadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  // AbortSignal.any would keep every signal ever made from a long-lived one in its list until the next collection.
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
