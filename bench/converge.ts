/** When a change is in force everywhere, as seen by new connections, which any worker may accept. */
import { requestOnce } from '../e2e/client/connection.ts';
import type { Exchange, Target } from '../e2e/client/connection.ts';

export interface Convergence {
  /** Milliseconds until the first right answer. */
  readonly first: number;
  /** Milliseconds until the last outdated answer: from then on every worker has the change. */
  readonly all: number;
}

const GIVE_UP = 60_000;
const LANES = 2;
/** For this long all answers must be right; old workers accept for about 100 ms after the new ones. */
const QUIET = 300;

/** Polls; `from` is `performance.now()` of the change. Throws if it does not settle. */
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
      if (now - from > GIVE_UP) throw new Error(`${target.host} is not everywhere after ${GIVE_UP} ms`);
      if (!isRight(exchange)) lastOther = now;
      else if (first === undefined) first = now;
      else if (now - Math.max(lastOther, first) > QUIET) return;
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  const found = first ?? Number.NaN;
  return { first: found - from, all: Math.max(lastOther, found) - from };
}

/** Whether the answer came from the echo backend at this address. */
export function answeredBy(address: string): (exchange: Exchange) => boolean {
  return (exchange) =>
    exchange.kind === 'answer' && exchange.answer.headers.get('echo-endpoint')?.startsWith(`${address}:`) === true;
}

export function hasStatus(status: number): (exchange: Exchange) => boolean {
  return (exchange) => exchange.kind === 'answer' && exchange.answer.status === status;
}
