/** Live data on its way to NGINX: what it lacks is sent at once, whatever else is going on. */
import type { LiveDelta, LiveDocument } from '../types/live.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import { draftOf, ShardedMap } from '../types/sharded-map.ts';
import { createLedger } from './ledger.ts';

export interface LiveOptions {
  readonly nginx: Pick<Nginx, 'push'>;
  readonly report: (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => void;
  /** What was not taken is offered again after this time, milliseconds; twice as long after each failure. */
  readonly retryMs: number;
}

export interface Sending {
  readonly reasons: (delta: LiveDelta) => readonly string[];
  /** `performance.now()` of the change. */
  readonly since: number;
  /** Only failures are reported: a structural change will say the rest. */
  readonly quiet: boolean;
}

export interface Live {
  /** From now on this is wanted, with texts of backends that became newer while it was made. */
  readonly aim: (document: LiveDocument, newer: Iterable<readonly [string, string]>) => void;
  /** The document that is wanted, newer texts included. */
  readonly wanted: () => LiveDocument;
  /** NGINX holds what `wanted` answered. */
  readonly held: (document: LiveDocument) => void;
  /** Sends what NGINX lacks, and with `removals` what it has too much; answers what that is. */
  readonly send: (removals: boolean, sending: Sending) => LiveDelta;
  /** Texts of backends that are newer than the document. */
  readonly sendBackends: (entries: readonly (readonly [string, string])[], sending: Sending) => LiveDelta;
  readonly close: () => void;
}

const MOST_RETRY_MS = 60_000;

export function createLive({ nginx, report, retryMs }: LiveOptions): Live {
  const ledger = createLedger();
  let document: LiveDocument = new Map();
  const newer = new Map<string, string>();
  let retry: NodeJS.Timeout | undefined;
  let waitMs = retryMs;
  let closed = false;

  async function push(delta: LiveDelta, sending: Sending): Promise<void> {
    if (delta.set.length === 0 && delta.remove.length === 0) return;
    const reasons = sending.reasons(delta);
    const call = ledger.ask(delta);
    const outcome = await nginx.push(delta);
    const taken = outcome.kind !== 'failed';
    ledger.answer(delta, call, taken);
    if (closed) return;
    if (!taken) offerAgain(sending);
    else if (waitMs !== retryMs && !ledger.troubled()) waitMs = retryMs;
    if (!taken || (!sending.quiet && outcome.kind !== 'none'))
      report(outcome, reasons, performance.now() - sending.since);
  }

  function offerAgain(sending: Sending): void {
    if (retry !== undefined) return;
    retry = setTimeout(() => {
      retry = undefined;
      ledger.forgive();
      send(false, { ...sending, since: performance.now(), quiet: false });
    }, waitMs);
    waitMs = Math.min(waitMs * 2, MOST_RETRY_MS);
  }

  function send(removals: boolean, sending: Sending): LiveDelta {
    const delta = ledger.due(newer, removals);
    void push(delta, sending);
    return delta;
  }

  return {
    aim: (wanted, entries) => {
      document = wanted;
      newer.clear();
      for (const [key, text] of entries) newer.set(key, text);
      ledger.aim(document);
    },
    wanted: () => {
      if (newer.size === 0) return document;
      if (!(document instanceof ShardedMap)) return new Map([...document, ...newer]);
      const draft = draftOf(document as ShardedMap<string>);
      for (const [key, text] of newer) draft.set(key, text);
      return draft.freeze();
    },
    held: (held) => {
      ledger.reset(held);
      ledger.aim(document);
    },
    send,
    sendBackends: (entries, sending) => {
      const delta = { set: ledger.untold(entries), remove: [] };
      for (const [key, text] of entries) newer.set(key, text);
      void push(delta, sending);
      return delta;
    },
    close: () => {
      closed = true;
      clearTimeout(retry);
    },
  };
}
