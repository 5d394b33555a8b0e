/** How long to wait after failures. A random part spreads the retries of clients that failed at the same time. */

/**
 * Milliseconds to wait after this number of consecutive failures (at least 1): `firstMs`, doubled with each additional
 * failure, at most `mostMs`.
 */
export function backOffMs(failures: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
}

/**
 * Randomizes a wait to between one half and all of `ms`. For a few replicas, each of which should wait for most of the
 * time.
 */
export function halfRandom(ms: number, random = Math.random): number {
  return ms / 2 + (ms / 2) * random();
}

/** Randomizes a wait to between 0 and `ms`. For a thousand watches, which must not retry at the same time. */
export function fullyRandom(ms: number, random = Math.random): number {
  return ms * random();
}
