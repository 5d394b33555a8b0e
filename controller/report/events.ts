/**
 * Records Events on the objects concerned, without blocking or throwing. Events that cannot be sent in time are dropped
 * and counted. A repeated report increases the count of the existing Event.
 */
import type { ApiClient } from '../types/api.ts';
import { type ApiServerAnswer, type ApiServerFailure, ask } from './api-answer.ts';
import { backOffMs, halfRandom } from '../time/back-off.ts';
import {
  eventMessage,
  eventName,
  eventNamespace,
  type EventNote,
  eventObject,
  type EventSource,
  eventTime,
} from './event-object.ts';
import type { Log } from './logger.ts';
import { pause } from '../time/pause.ts';
import { TokenBucket } from './token-bucket.ts';
import { TurnQueue } from './turn-queue.ts';

export interface EventRecorderOptions {
  readonly api: ApiClient;
  readonly source: EventSource;
  readonly log: Log;
  /** Average number of requests per second. Default 20. */
  readonly perSecond?: number;
  /** Maximum number of Events waiting to be sent. Default 5,000. */
  readonly mostWaiting?: number;
  /**
   * Maximum number of waiting Events of one namespace, so that a namespace with many Events cannot fill the queue.
   * Default 1,000.
   */
  readonly mostOfNamespace?: number;
}

/**
 * Why an Event was dropped. `object-rate`: too many Events on one object. `queue-full`: too many waiting Events, in
 * total or of one namespace. `refused`: the API server rejected the request. `unreachable`: retries did not succeed in
 * time.
 */
export type DropReason = 'object-rate' | 'queue-full' | 'refused' | 'unreachable';

export interface EventRecorder {
  /** Returns false if the Event was dropped at once. */
  readonly record: (note: EventNote) => boolean;
  /** Number of dropped Events so far, by reason. */
  readonly dropped: () => Readonly<Record<DropReason, number>>;
  /** Sends waiting Events for at most `graceMs`; the remaining ones are dropped. */
  readonly close: (graceMs: number) => Promise<void>;
}

interface Waiting {
  note: EventNote;
  count: number;
  /** The number of the next attempt, from 1. */
  readonly tries: number;
}

/** The count that an Event has on the API server. */
interface Sent {
  readonly count: number;
}

/** Rate limit per object, as in client-go's spam filter: a burst of 25, then one Event in five minutes. */
const OBJECT_BURST = 25;
const OBJECT_PER_SECOND = 1 / 300;
const MOST_REMEMBERED = 4096;
const MOST_TRIES = 8;
const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 30_000;
const TIMEOUT_MS = 5_000;

/** Forgets the oldest entry if the map is full. */
function makeRoom(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size >= MOST_REMEMBERED && oldest !== undefined) map.delete(oldest);
}

function keyOf(note: EventNote): string {
  return `${eventNamespace(note.target)}/${eventName(note)}`;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { api, source, log } = options;
  const perSecond = options.perSecond ?? 20;
  const mostWaiting = options.mostWaiting ?? 5_000;
  const mostOfNamespace = options.mostOfNamespace ?? 1_000;
  const overall = new TokenBucket(perSecond, 2 * perSecond);
  const perObject = new Map<string, TokenBucket>();
  /** Waiting Events, grouped by namespace. */
  const waiting = new TurnQueue<Waiting>();
  const sent = new Map<string, Sent>();
  const dropped: Record<DropReason, number> = { 'object-rate': 0, 'queue-full': 0, refused: 0, unreachable: 0 };
  const ending = new AbortController();
  let closing = false;
  let draining: Promise<void> | undefined;
  let said = '';

  function drop(reason: DropReason, count = 1): false {
    dropped[reason] += count;
    return false;
  }

  function bucketOf(uid: string): TokenBucket {
    const known = perObject.get(uid);
    if (known !== undefined) return known;
    makeRoom(perObject);
    const bucket = new TokenBucket(OBJECT_PER_SECOND, OBJECT_BURST);
    perObject.set(uid, bucket);
    return bucket;
  }

  function send(
    method: 'POST' | 'PATCH',
    path: string,
    body: object,
  ): Promise<ApiServerAnswer<{ readonly count?: number }>> {
    return ask(api, method, path, {
      body,
      timeoutMs: TIMEOUT_MS,
      signal: ending.signal,
      ...(method === 'PATCH' && { contentType: 'application/merge-patch+json' }),
    });
  }

  /**
   * Increases the count of an Event that this process sent before. Otherwise creates the Event, or updates the one that
   * another process created.
   */
  async function deliver({ note, count }: Waiting): Promise<ApiServerAnswer<unknown>> {
    const key = keyOf(note);
    const collection = `/api/v1/namespaces/${eventNamespace(note.target)}/events`;
    const path = `${collection}/${eventName(note)}`;
    const news = () => ({ lastTimestamp: eventTime(new Date()), message: eventMessage(note.message) });
    const known = sent.get(key);
    if (known !== undefined) {
      const total = known.count + count;
      const patched = await send('PATCH', path, { ...news(), count: total });
      if (patched.ok) sent.set(key, { count: total });
      // The API server deletes Events after an hour. Then a new one is created.
      if (patched.ok || patched.status !== 404) return patched;
      sent.delete(key);
    }
    const created = await send('POST', collection, eventObject(note, source, count, new Date()));
    if (created.ok) remember(key, count);
    if (created.ok || created.status !== 409) return created;
    const joined = await send('PATCH', path, news());
    if (joined.ok) remember(key, joined.value.count ?? count);
    return joined;
  }

  function remember(key: string, count: number): void {
    makeRoom(sent);
    sent.set(key, { count });
  }

  function giveUp({ status, message, retryable }: ApiServerFailure, count: number): void {
    drop(retryable ? 'unreachable' : 'refused', count);
    // A 404 is not reported: the object or its namespace has been deleted.
    if (status === 404 || message === said || ending.signal.aborted) return;
    said = message;
    log.warn(`Event dropped: ${message}`);
  }

  /** Puts the Event at the end of its namespace's queue, together with repetitions that arrived in the meantime. */
  function postpone(namespace: string, key: string, entry: Waiting): void {
    const since = waiting.get(namespace, key);
    const count = entry.count + (since?.count ?? 0);
    waiting.set(namespace, key, { note: since?.note ?? entry.note, count, tries: entry.tries + 1 });
  }

  async function drain(): Promise<void> {
    let failures = 0;
    while (waiting.size > 0) {
      while (!ending.signal.aborted && !overall.take()) await pause(overall.waitMs(), ending.signal);
      const next = waiting.take();
      if (next === undefined) break;
      const entry = next.value;
      const answer = await deliver(entry);
      failures = !answer.ok && answer.retryable ? failures + 1 : 0;
      if (answer.ok) continue;
      if (!answer.retryable || ending.signal.aborted || entry.tries >= MOST_TRIES) giveUp(answer, entry.count);
      else postpone(next.group, next.key, entry);
      if (failures === 0) continue;
      const again = halfRandom(backOffMs(failures, FIRST_RETRY_MS, MOST_RETRY_MS));
      await pause(Math.max(answer.retryAfterMs, again), ending.signal);
    }
    draining = undefined;
  }

  return {
    record: (note) => {
      if (closing) return drop('queue-full');
      const [namespace, key] = [eventNamespace(note.target), eventName(note)];
      const same = waiting.get(namespace, key);
      if (same !== undefined) {
        same.count += 1;
        same.note = note;
        return true;
      }
      if (waiting.size >= mostWaiting || waiting.sizeOf(namespace) >= mostOfNamespace) return drop('queue-full');
      if (!bucketOf(note.target.uid).take()) return drop('object-rate');
      waiting.set(namespace, key, { note, count: 1, tries: 1 });
      draining ??= drain();
      return true;
    },
    dropped: () => ({ ...dropped }),
    close: async (graceMs) => {
      closing = true;
      const timer = setTimeout(() => ending.abort(), graceMs);
      await draining;
      clearTimeout(timer);
    },
  };
}
