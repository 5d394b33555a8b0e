/**
 * A token bucket: allows a burst of `burst`, and `perSecond` on average. It is small, because there may be one for each
 * object of a cluster.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** The bucket is full at first. `now` is a clock in milliseconds that never goes back. */
  constructor(perSecond: number, burst: number, now: () => number = monotonic) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Takes a token; returns false if there is none. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until a token is available; 0 if one is available now. */
  waitMs(): number {
    this.#refill();
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000);
  }

  #refill(): void {
    const time = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((time - this.#at) / 1000) * this.#perSecond);
    this.#at = time;
  }
}

function monotonic(): number {
  return performance.now();
}
