/**
 * Follows changes while the page is visible: one stream for the whole page, which is opened again after it broke. A
 * hidden page has no stream, because browsers open few connections to one server, and the server serves few streams.
 */
import type { ChangeEvent } from '../../../controller/inspect/schema/changes.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'paused';

export interface ChangeFeed {
  readonly connection: () => Connection;
  /** The events that were received, newest first. */
  readonly events: () => readonly ReceivedChange[];
  /** Increases whenever answers may have become outdated: after changes, and when the stream was opened again. */
  readonly version: () => number;
  /** Calls the listener after each of these has changed; returns a function that removes it. */
  readonly onChange: (listener: () => void) => () => void;
}

export interface ReceivedChange {
  /** Identifies the event on this page. */
  readonly number: number;
  readonly event: Exclude<ChangeEvent, { type: 'hello' }>;
}

const TYPES = ['hello', 'outcome', 'problem', 'more'] as const satisfies readonly ChangeEvent['type'][];
const MOST_EVENTS = 500;
/** Many changes at once make the page ask again once. */
const QUIET_MS = 400;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8000;

/** Milliseconds until the next attempt, after `failures` attempts in a row failed. */
export function retryMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
}

export function createChangeFeed(): ChangeFeed {
  const listeners = new Set<() => void>();
  let connection: Connection = 'connecting';
  let events: readonly ReceivedChange[] = [];
  let [version, received, failures] = [0, 0, 0];
  let source: EventSource | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let quiet: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    for (const listener of listeners) listener();
  }

  function outdate(): void {
    quiet ??= setTimeout(() => {
      quiet = undefined;
      version += 1;
      tell();
    }, QUIET_MS);
  }

  function receive(message: MessageEvent<string>): void {
    const event = JSON.parse(message.data) as ChangeEvent;
    if (event.type === 'hello') {
      failures = 0;
      connection = 'live';
    } else {
      received += 1;
      events = [{ number: received, event }, ...events].slice(0, MOST_EVENTS);
    }
    outdate();
    tell();
  }

  function close(): void {
    source?.close();
    source = undefined;
    clearTimeout(retry);
  }

  function open(): void {
    close();
    const opened = new EventSource('/v1/changes');
    source = opened;
    for (const type of TYPES) opened.addEventListener(type, receive);
    opened.addEventListener('error', () => {
      // The browser retries only some errors, and at its own pace.
      close();
      failures += 1;
      connection = 'lost';
      retry = setTimeout(open, retryMs(failures));
      tell();
    });
  }

  function followVisibility(): void {
    if (document.visibilityState === 'visible') {
      if (source === undefined) {
        connection = 'connecting';
        open();
      }
    } else {
      close();
      connection = 'paused';
    }
    tell();
  }

  document.addEventListener('visibilitychange', followVisibility);
  followVisibility();

  return {
    connection: () => connection,
    events: () => events,
    version: () => version,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
