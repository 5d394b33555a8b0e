/** Runs one watch from a resourceVersion to its end. */
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import { isRecord } from '../../types/is-record.ts';
import type { ApiConnection, ApiStream } from './connection.ts';
import { bodyOf } from './refusal.ts';
import { compareVersions, resourcePath, selectionQuery } from './resources.ts';
import type { Selection } from './resources.ts';
import { type Skimmed, Skimmer } from './skim.ts';
import { eventRule } from './skim-rules.ts';
import { readStatus } from './status.ts';
import { failureOf, failureFrom } from './request-failure.ts';
import type { RequestFailure } from './request-failure.ts';
import type { Tuning } from './tuning.ts';

/**
 * Maximum size of an event, in bytes. An object of the maximum size that the API server stores (1.5 MB) is smaller than
 * this, even with all characters escaped.
 */
const MOST_BYTES = 16 * 1024 * 1024;

export interface WatchFeed {
  /**
   * Called when the server has accepted the watch or sent something, so that the stored state is known to be current.
   */
  alive(): void;
  /** `isTooDeep`: a part of the object is missing (`skim.ts`). */
  changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', raw: unknown, isTooDeep: boolean): void;
}

export interface WatchEnd {
  /** The version to continue from; undefined if a new list is needed. */
  readonly version: string | undefined;
  /** Undefined if the server closed the watch normally. */
  readonly failure: RequestFailure | undefined;
  /**
   * `refused`: the watch did not start. `faulty`: the server reported that it cannot continue, or sent something
   * invalid. `cut`: the connection was lost or silent. `closed`: the server closed the watch normally.
   */
  readonly how: 'refused' | 'faulty' | 'cut' | 'closed';
  /** How long the watch was open, in ms. */
  readonly livedMs: number;
}

/** Watches from `version` until the watch ends or the signal aborts. Never rejects. */
export async function watch(
  connection: ApiConnection,
  selection: Selection,
  version: string,
  tuning: Tuning,
  signal: AbortSignal,
  feed: WatchFeed,
): Promise<WatchEnd> {
  // A separate signal, because ending this watch must not abort the reflector.
  const cut = new AbortController();
  const abort = () => cut.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  let openedAt: number | undefined;
  let stream: ApiStream | undefined;
  try {
    const [least, most] = tuning.watchSeconds;
    const query = {
      ...selectionQuery(selection),
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: version,
      timeoutSeconds: String(Math.round(least + tuning.random() * (most - least))),
    };
    const path = resourcePath(selection.kind, selection.namespace);
    stream = await connection.stream(path, query, cut.signal, tuning.requestTimeoutMs);
    if (stream.status !== 200) {
      const failure = failureOf(stream.status, await bodyOf(stream, tuning.requestTimeoutMs), stream.retryAfterMs);
      const from = failure.cause === 'unreachable' ? version : undefined;
      return { version: from, failure, how: 'refused', livedMs: 0 };
    }
    openedAt = performance.now();
    feed.alive();
    const events = new Skimmer(eventRule(selection.kind, tuning.keeping), true);
    const end = await follow(stream, events, version, tuning.idleMs, cut, feed);
    return { ...end, livedMs: performance.now() - openedAt };
  } catch (error) {
    const failure = failureFrom(error);
    if (openedAt === undefined) return { version, failure, how: 'refused', livedMs: 0 };
    return { version, failure, how: 'faulty', livedMs: performance.now() - openedAt };
  } finally {
    signal.removeEventListener('abort', abort);
    cut.abort();
    // Errors after the abort are ignored.
    stream?.body.on('error', () => {}).destroy();
  }
}

async function follow(
  { body }: ApiStream,
  events: Skimmer,
  from: string,
  idleMs: number,
  cut: AbortController,
  feed: WatchFeed,
): Promise<Omit<WatchEnd, 'livedMs'>> {
  let version = from;
  let heard = false;
  const silence = new Error(`a watch was silent for ${idleMs} ms`);
  const timer = setTimeout(() => cut.abort(silence), idleMs);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      timer.refresh();
      heard = true;
      feed.alive();
      const complete = events.push(chunk);
      if (events.pending > MOST_BYTES) return brokenOff('an event of more than 16 MiB');
      for (const line of complete) {
        const step = take(line, version, feed);
        if (typeof step !== 'string') return step;
        version = step;
        await yieldToEventLoop();
      }
    }
    return { version, failure: undefined, how: 'closed' };
  } catch (error) {
    // If the server has not reached this version yet, it sends nothing. Only a list can tell this from a quiet watch.
    const lost = cut.signal.reason === silence && !heard;
    return { version: lost ? undefined : version, failure: failureFrom(error), how: 'cut' };
  } finally {
    clearTimeout(timer);
  }
}

function brokenOff(what: string): Omit<WatchEnd, 'livedMs'> {
  const message = `a watch of the API server sent ${what}`;
  return { version: undefined, failure: { cause: 'unreachable', message, retryAfterMs: undefined }, how: 'faulty' };
}

/** Handles one event. Returns the version to continue from, or why the watch ends. */
function take({ text, isTooDeep }: Skimmed, version: string, feed: WatchFeed): string | Omit<WatchEnd, 'livedMs'> {
  const event = parse(text);
  const object = event?.['object'];
  // The content of the event is unknown, so a new list is needed.
  if (event === undefined || !isRecord(object)) return brokenOff('something that is not an event');
  const { type } = event;
  if (type === 'ERROR') {
    const failure = failureOf(readStatus(object).code ?? 500, object);
    return { version: failure.cause === 'unreachable' ? version : undefined, failure, how: 'faulty' };
  }
  const metadata = object['metadata'];
  const next = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  const known = typeof next === 'string' && next !== '' ? next : version;
  if (compareVersions(known, version) === -1) {
    const message = 'the API server went back to an older state';
    return { version: undefined, failure: { cause: 'expired', message, retryAfterMs: undefined }, how: 'faulty' };
  }
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') feed.changed(type, object, isTooDeep);
  return known;
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
