/** How long to wait after failures, with a random part that separates clients which failed together. */

/** Milliseconds after the n-th failure in a row (n ≥ 1): doubles from `firstMs` up to `mostMs`. */
export function backOffMs(failures: number, firstMs: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
}

/** Between half of it and all of it: for a few replicas, none of which may return much sooner. */
export function halfRandom(ms: number, random = Math.random): number {
  return ms / 2 + (ms / 2) * random();
}

/** Between nothing and all of it: for a thousand watches, which must not return at the same time. */
export function fullyRandom(ms: number, random = Math.random): number {
  return ms * random();
}
