/** A timeout and a caller's signal as one signal, which leaves no listeners on the caller's. */

export interface Deadline {
  readonly signal: AbortSignal;
  /** From now on only the caller's signal counts. */
  disarm(): void;
  /** From now on neither counts. */
  clear(): void;
}

/** Aborts after `timeoutMs` with an Error that says so, or with `outer` and its reason. */
export function deadline(timeoutMs: number, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  // AbortSignal.any would keep every signal derived from a long-lived one until the next garbage collection.
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
