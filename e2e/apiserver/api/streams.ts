/** Serves watches. The response stays open, and contains a line of JSON for every change. */
import type { ServerResponse } from 'node:http';
import { statusOf } from './failure.ts';
import { fromStored } from './events.ts';
import type { ApiObject, Json } from './object.ts';
import { apiVersionOf } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Change, Store } from './store.ts';

export interface WatchRequest {
  readonly resource: Resource;
  readonly select: (object: ApiObject) => boolean;
  /** The changes after this revision are sent; if undefined, all existing objects are sent first. */
  readonly since: number | undefined;
  readonly bookmarks: boolean;
  /** Whether a bookmark marks the end of the existing objects; only with `bookmarks` and without `since`. */
  readonly initialEvents: boolean;
  /** Milliseconds after which the server ends the watch; if undefined, it never does. */
  readonly timeout: number | undefined;
}

export interface Stream {
  readonly resource: string;
  /** The value of `performance.now()` when the watch was opened. */
  readonly openedAt: number;
  /** Ends the response cleanly, as after the timeout. */
  end(): void;
  /** Cuts the connection. */
  drop(): void;
  /** Keeps the response open, but sends nothing more. */
  silence(): void;
}

export interface StreamOptions {
  readonly store: Store;
  readonly response: ServerResponse;
  readonly bookmarkMs: number;
  /** Whether the next line must be truncated; it is then the last one. */
  readonly truncates: () => boolean;
}

/** Object → its JSON text, so that an object is serialized only once for all watches. */
const texts = new WeakMap<ApiObject, string>();

function textOf(resource: Resource, object: ApiObject): string {
  if (resource.group === 'events.k8s.io') return JSON.stringify(fromStored(resource, object));
  const ready = texts.get(object) ?? JSON.stringify(object);
  texts.set(object, ready);
  return ready;
}

/** The type of the event that a watch with this selector receives for a change, or undefined if it receives none. */
function typeOf({ before, after }: Change, select: (object: ApiObject) => boolean): string | undefined {
  const was = before !== undefined && select(before);
  const is = after !== undefined && select(after);
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}

/** The last state of an object, with the revision at which the selector stopped matching it. */
function lastOf({ before, revision }: Change): ApiObject {
  const metadata = { ...before?.metadata, resourceVersion: String(revision) };
  return { ...before, metadata };
}

/** Opens the response to a watch. `onEnd` is called once, whatever ends the watch. */
export function openStream(request: WatchRequest, options: StreamOptions, onEnd: () => void): Stream {
  const { resource, select } = request;
  const { store, response } = options;
  let silent = false;

  function send(type: string, text: string): void {
    if (silent || response.writableEnded || response.destroyed) return;
    const line = `{"type":"${type}","object":${text}}\n`;
    if (!options.truncates()) return void response.write(line);
    silent = true;
    // The half line must be sent before the connection is cut.
    response.write(line.slice(0, Math.floor(line.length / 2)), () => response.destroy());
  }
  function bookmark(annotations?: Json): void {
    // A watch at a revision that the server has not reached receives neither events nor bookmarks.
    if (store.revision() < (request.since ?? 0)) return;
    const metadata = { resourceVersion: String(store.revision()), creationTimestamp: null };
    const object = {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      metadata: { ...metadata, ...(annotations && { annotations }) },
    };
    send('BOOKMARK', JSON.stringify(object));
  }
  function change(one: Change): void {
    if (one.table !== resource.table || one.revision <= (request.since ?? 0)) return;
    const type = typeOf(one, select);
    if (type === undefined) return;
    send(type, textOf(resource, type === 'DELETED' ? lastOf(one) : (one.after ?? lastOf(one))));
  }

  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  if (request.since === undefined) {
    for (const object of store.list(resource.table).filter(select)) send('ADDED', textOf(resource, object));
    if (request.initialEvents) bookmark({ 'k8s.io/initial-events-end': 'true' });
  } else for (const one of store.since(request.since)) change(one);
  const unsubscribe = store.subscribe(change);
  const bookmarks = request.bookmarks ? setInterval(bookmark, options.bookmarkMs) : undefined;
  const stream: Stream = {
    resource: resource.plural,
    openedAt: performance.now(),
    end() {
      if (request.bookmarks) bookmark();
      if (!silent) response.end();
    },
    drop: () => response.destroy(),
    silence: () => (silent = true),
  };
  const timer = request.timeout === undefined ? undefined : setTimeout(stream.end, request.timeout);
  response.once('close', () => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timer);
    onEnd();
  });
  return stream;
}

/** The ERROR event for a resourceVersion that is too old. The HTTP status of the watch is still 200. */
export function goneEvent(asked: number, oldest: number): string {
  const status = statusOf(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
  return `${JSON.stringify({ type: 'ERROR', object: status })}\n`;
}
