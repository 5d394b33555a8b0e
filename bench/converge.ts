/** When a change is everywhere, seen by fresh connections, which any worker may accept. */
import { requestOnce } from '../e2e/client/connection.ts';
import type { Exchange, Target } from '../e2e/client/connection.ts';

export interface Convergence {
  /** Milliseconds until the first right answer. */
  readonly first: number;
  /** Milliseconds until the last other answer had come: from then on every worker knows. */
  readonly all: number;
}

const GIVE_UP = 60_000;
const LANES = 2;
/** So long there must be right answers only; old workers accept for about 100 ms after the new ones. */
const QUIET = 300;

/** Asks again and again; `from` is `performance.now()` of the change. Throws where it does not settle. */
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

/** Whether an echo backend at this address answered. */
export function answeredBy(address: string): (exchange: Exchange) => boolean {
  return (exchange) =>
    exchange.kind === 'answer' && exchange.answer.headers.get('echo-endpoint')?.startsWith(`${address}:`) === true;
}

export function hasStatus(status: number): (exchange: Exchange) => boolean {
  return (exchange) => exchange.kind === 'answer' && exchange.answer.status === status;
}
