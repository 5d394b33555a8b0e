/** Caches responses by URL, because the certificates of a cluster have few issuers. */
import { createConcurrencyLimit } from '../concurrency-limit.ts';
import type { Fetched, FetchIssuer } from './fetch-issuer.ts';

const FRESH_MS = 24 * 60 * 60 * 1000;
/** Shorter than the first pause before a retry, so that each retry fetches again. */
const FAILED_MS = 30_000;
/** Limited so that a hundred Secrets with a URL that does not respond do not use all sockets. */
const MOST_AT_ONCE = 8;

interface Entry {
  readonly answer: Promise<Fetched>;
  until: number;
}

/**
 * Wraps a fetch function. Each URL is fetched at most once a day, or after a failure at most every 30 s, and never twice
 * at the same time.
 */
export function cached(fetch: FetchIssuer): FetchIssuer {
  const entries = new Map<string, Entry>();
  const limit = createConcurrencyLimit(MOST_AT_ONCE);

  return (url) => {
    const now = performance.now();
    const known = entries.get(url);
    if (known !== undefined && now < known.until) return known.answer;
    for (const [old, { until }] of entries) if (until <= now) entries.delete(old);
    const entry: Entry = { answer: limit.run(() => fetch(url)), until: Infinity };
    entries.set(url, entry);
    void entry.answer.then(({ ok }) => {
      entry.until = performance.now() + (ok ? FRESH_MS : FAILED_MS);
    });
    return entry.answer;
  };
}
