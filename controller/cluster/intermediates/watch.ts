/** Keeps missing intermediate certificates up to date, as an input of the build. */
import { backOffMs } from '../../time/back-off.ts';
import type { Intermediates, KnownIntermediates } from '../../types/intermediates.ts';
import { completeChain } from './complete-chain.ts';
import { fetchIssuer, type FetchIssuer } from './fetch-issuer.ts';
import { cached } from './issuer-cache.ts';

const AGAIN_MS = 24 * 60 * 60 * 1000;
const FIRST_RETRY_MS = 60_000;
const MOST_RETRY_MS = 60 * 60 * 1000;
/** Results within this time are reported together, because each report causes a full build. */
const GATHER_MS = 100;

interface Watched {
  timer: NodeJS.Timeout | undefined;
  failures: number;
}

export interface IntermediateWatch {
  /** Sets the chains to complete, each by its last certificate: fingerprint → PEM. */
  readonly set: (ends: ReadonlyMap<string, string>) => void;
  readonly close: () => void;
}

/**
 * Calls `onChange` with all known certificates whenever they changed. Certificates that were found stay if a later
 * attempt finds fewer. After failures, attempts become less and less frequent.
 */
export function watchIntermediates(
  onChange: (known: KnownIntermediates) => void,
  fetch: FetchIssuer = (url) => fetchIssuer(url),
): IntermediateWatch {
  const ask = cached(fetch);
  const watched = new Map<string, Watched>();
  const known = new Map<string, Intermediates>();
  let telling: NodeJS.Timeout | undefined;

  function update(fingerprint: string, now: Intermediates): void {
    const before = known.get(fingerprint);
    const isWorse = before?.failure === undefined || before.chain.length > now.chain.length;
    if (before !== undefined && now.failure !== undefined && isWorse) return;
    if (before?.chain === now.chain && before.failure === now.failure) return;
    known.set(fingerprint, now);
    telling ??= setTimeout(() => {
      telling = undefined;
      onChange(new Map(known));
    }, GATHER_MS);
  }

  async function complete(fingerprint: string, pem: string, entry: Watched): Promise<void> {
    const found = await completeChain(pem, ask);
    if (watched.get(fingerprint) !== entry) return;
    update(fingerprint, found);
    entry.failures = found.failure === undefined ? 0 : entry.failures + 1;
    const waitMs = entry.failures === 0 ? AGAIN_MS : backOffMs(entry.failures, FIRST_RETRY_MS, MOST_RETRY_MS);
    entry.timer = setTimeout(() => void complete(fingerprint, pem, entry), waitMs);
    entry.timer.unref();
  }

  return {
    set(ends) {
      for (const [fingerprint, { timer }] of watched) {
        if (ends.has(fingerprint)) continue;
        clearTimeout(timer);
        watched.delete(fingerprint);
        known.delete(fingerprint);
      }
      for (const [fingerprint, pem] of ends) {
        if (watched.has(fingerprint)) continue;
        const entry: Watched = { timer: undefined, failures: 0 };
        watched.set(fingerprint, entry);
        void complete(fingerprint, pem, entry);
      }
    },
    close() {
      clearTimeout(telling);
      for (const { timer } of watched.values()) clearTimeout(timer);
      watched.clear();
    },
  };
}
