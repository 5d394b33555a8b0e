/** Token bucket: `burst` at once, `perSecond` in the long run. */

export interface TokenBucket {
  /** Takes a token if there is one. */
  readonly take: () => boolean;
  /** Milliseconds until there is one; 0 now. */
  readonly waitMs: () => number;
}

/** Starts full. `now` is a clock in milliseconds that never goes back. */
export function createTokenBucket(perSecond: number, burst: number, now = () => performance.now()): TokenBucket {
  let tokens = burst;
  let at = now();
  const refill = () => {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond);
    at = time;
  };
  return {
    take: () => {
      refill();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    waitMs: () => {
      refill();
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
    },
  };
}
