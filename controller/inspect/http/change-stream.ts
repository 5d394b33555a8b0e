/** Sends changes to the clients of `/v1/changes` as server-sent events. */
import type { ServerResponse } from 'node:http';
import type { ChangeEvent } from '../schema/changes.ts';
import { ANSWER_HEADERS } from './send.ts';

export interface ChangeStream {
  /** Begins a stream, which ends when the client closes it. */
  readonly attach: (response: ServerResponse) => void;
  readonly publish: (event: ChangeEvent) => void;
  /** Whether anybody receives changes. */
  readonly isWatched: () => boolean;
  readonly close: () => void;
}

/** A client is disconnected when this many bytes are waiting for it. */
const MOST_UNREAD = 512 * 1024;
const HEARTBEAT_MS = 15_000;

/** `now`: milliseconds since 1970. */
export function createChangeStream(now: () => number, heartbeatMs = HEARTBEAT_MS): ChangeStream {
  const clients = new Set<ServerResponse>();
  let heartbeat: NodeJS.Timeout | undefined;

  function write(client: ServerResponse, text: string): void {
    client.write(text);
    if (client.writableLength > MOST_UNREAD) client.destroy();
  }

  function drop(client: ServerResponse): void {
    clients.delete(client);
    if (clients.size > 0) return;
    clearInterval(heartbeat);
    heartbeat = undefined;
  }

  return {
    attach: (response) => {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        ...ANSWER_HEADERS,
      });
      clients.add(response);
      response.on('close', () => drop(response));
      write(response, eventText({ type: 'hello', at: new Date(now()).toISOString() }));
      // The comment shows both sides that the connection still works.
      heartbeat ??= setInterval(() => {
        for (const client of clients) write(client, ':\n\n');
      }, heartbeatMs);
      heartbeat.unref();
    },
    publish: (event) => {
      if (clients.size === 0) return;
      const text = eventText(event);
      for (const client of clients) write(client, text);
    },
    isWatched: () => clients.size > 0,
    close: () => {
      clearInterval(heartbeat);
      for (const client of clients) client.end();
    },
  };
}

/** JSON contains no line breaks, so an event is always one line of data. */
function eventText(event: ChangeEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
