/** Measures when a change is in force in all workers, with new connections, which any worker may accept. */
import { requestOnce } from '../e2e/client/connection.ts';
import type { Exchange, Target } from '../e2e/client/connection.ts';

export interface Convergence {
  /** Milliseconds until the first answer that shows the change. */
  readonly first: number;
  /**
   * Milliseconds until the last answer that does not show the change: after it, all workers have applied the change.
   */
  readonly all: number;
}

const GIVE_UP = 60_000;
const LANES = 2;
/**
 * Polling ends when all answers have shown the change for this many milliseconds. Old workers accept connections for
 * about 100 ms after the new workers started.
 */
const QUIET = 300;

/**
 * Polls until the change is in force; `from` is `performance.now()` at the time of the change. Throws if some answers
 * still lack the change after GIVE_UP.
 */
export async function converge(
  from: number,
  target: Target,
  isRight: (exchange: Exchange) => boolean,
): Promise<Convergence> {
  let first: number | undefined;
  let lastOther = from;
  async function lane(): Promise<void> {
    for (;;) {
      const exchange = await requestOnce(target, 5000);
      const now = performance.now();
      if (now - from > GIVE_UP)
        throw new Error(`${target.host} is not served as expected by all workers after ${GIVE_UP} ms`);
      if (!isRight(exchange)) lastOther = now;
      else if (first === undefined) first = now;
      else if (now - Math.max(lastOther, first) > QUIET) return;
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  const found = first ?? Number.NaN;
  return { first: found - from, all: Math.max(lastOther, found) - from };
}

/** Returns a function that checks whether an answer came from the echo backend at this address. */
export function answeredBy(address: string): (exchange: Exchange) => boolean {
  return (exchange) =>
    exchange.kind === 'answer' && exchange.answer.headers.get('echo-endpoint')?.startsWith(`${address}:`) === true;
}

export function hasStatus(status: number): (exchange: Exchange) => boolean {
  return (exchange) => exchange.kind === 'answer' && exchange.answer.status === status;
}
