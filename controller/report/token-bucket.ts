/** Token bucket: `burst` at once, `perSecond` on average. There may be one for each object of a cluster. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;
  #tokens: number;
  #at: number;

  /** Starts full. `now` is a clock in milliseconds that never goes back. */
  constructor(perSecond: number, burst: number, now: () => number = monotonic) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#at = now();
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Milliseconds until there is one; 0 if there is one now. */
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
