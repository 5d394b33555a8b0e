/**
 * Fetches what NGINX's workers have counted, regularly and before each scrape, so that the dictionary in NGINX does not
 * fill up while nobody scrapes.
 */
import type { CountedRequests, ReceivedCounts } from '../../types/request-metrics.ts';

export interface CollectOptions {
  /** Resolves to undefined if NGINX does not answer. */
  readonly fetch: (received: ReceivedCounts | undefined) => Promise<CountedRequests | undefined>;
  readonly add: (reports: readonly string[]) => Promise<void>;
  readonly everyMs: number;
}

export interface Collecting {
  /** Fetches everything. Calls during a fetch wait for the same fetch. */
  readonly now: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Maximum number of answers in one fetch. An answer has about 1 MiB, and the dictionary in NGINX is smaller than this
 * number of MiB.
 */
const MOST_ANSWERS = 32;

export function startCollecting({ fetch, add, everyMs }: CollectOptions): Collecting {
  let received: ReceivedCounts | undefined;
  let current: Promise<void> | undefined;

  async function fetchAll(): Promise<void> {
    for (let answers = 0; answers < MOST_ANSWERS; answers += 1) {
      const counted = await fetch(received);
      if (counted === undefined) return;
      const { epoch, reports, more } = counted;
      const known = received?.epoch === epoch ? received.number : 0;
      const fresh = reports.filter(({ number }) => number > known);
      received = { epoch, number: Math.max(known, ...fresh.map(({ number }) => number)) };
      await add(fresh.map(({ text }) => text));
      if (!more || fresh.length === 0) return;
    }
  }

  async function now(): Promise<void> {
    current ??= fetchAll().finally(() => {
      current = undefined;
    });
    return current;
  }

  const timer = setInterval(() => void now().catch(() => undefined), everyMs);
  return { now, stop: () => clearInterval(timer) };
}
