/**
 * Milliseconds to wait after the n-th failure in a row (n ≥ 1): doubles from `firstMs` up to `mostMs`; the upper half
 * is random, so that replicas which failed together do not come back together.
 */
export function backOffMs(failures: number, firstMs: number, mostMs: number, random = Math.random): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return full / 2 + (full / 2) * random();
}
