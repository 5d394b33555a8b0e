/** Reads a whole list, page by page. */
import { yieldToEventLoop } from '../../time/yield-to-event-loop.ts';
import { isRecord } from '../../types/is-record.ts';
import type { ApiConnection, ApiStream, Query } from './connection.ts';
import { deadline } from './deadline.ts';
import { bodyOf } from './refusal.ts';
import { resourcePath, selectionQuery } from './resources.ts';
import type { Selection } from './resources.ts';
import { Skimmer } from './skim.ts';
import { listRule } from './skim-rules.ts';
import { failureOf, failureFrom } from './request-failure.ts';
import type { RequestFailure } from './request-failure.ts';
import type { Tuning } from './tuning.ts';

export type Listed =
  { readonly ok: true; readonly resourceVersion: string } | { readonly ok: false; readonly failure: RequestFailure };

type Page =
  | { readonly ok: true; readonly version: string; readonly next: string }
  | { readonly ok: false; readonly failure: RequestFailure };

/** `isTooDeep`: a part of the item is missing (`skim.ts`). */
type TakeItem = (raw: unknown, isTooDeep: boolean) => void;

/** After this many restarts because of expired continuations, the whole list is requested as one page. */
const RESTARTS = 2;

/**
 * Calls `begin` before the first page, and again if the list has to restart because a continuation expired. Calls
 * `item` for each object as it arrives, even if the list fails later. Yields to the event loop between objects; never
 * rejects.
 */
export async function list(
  connection: ApiConnection,
  selection: Selection,
  tuning: Tuning,
  signal: AbortSignal,
  { begin, item }: { readonly begin: () => void; readonly item: TakeItem },
): Promise<Listed> {
  for (let restarts = 0; ; restarts += 1) {
    begin();
    const limit: Query = restarts < RESTARTS ? { limit: String(tuning.pageSize) } : {};
    let next = '';
    let page: Page;
    do {
      const query = { ...selectionQuery(selection), ...limit, ...(next === '' ? {} : { continue: next }) };
      page = await readPage(connection, selection, query, tuning, signal, item);
      if (!page.ok) break;
      next = page.next;
    } while (next !== '');
    if (page.ok) return { ok: true, resourceVersion: page.version };
    if (page.failure.cause !== 'expired' || next === '' || restarts >= RESTARTS) return page;
  }
}

async function readPage(
  connection: ApiConnection,
  { kind, namespace }: Selection,
  query: Query,
  { requestTimeoutMs, keeping }: Tuning,
  signal: AbortSignal,
  item: TakeItem,
): Promise<Page> {
  const path = resourcePath(kind, namespace);
  const limit = deadline(requestTimeoutMs, signal);
  let stream: ApiStream | undefined;
  try {
    stream = await connection.stream(path, query, limit.signal, requestTimeoutMs);
    if (stream.status !== 200) {
      const status = await bodyOf(stream, requestTimeoutMs);
      return { ok: false, failure: failureOf(stream.status, status, stream.retryAfterMs) };
    }
    const envelope = await readItems(stream, new Skimmer(listRule(kind, keeping), false), item);
    // Go encodes an empty list as null.
    const items = isRecord(envelope) ? (envelope['items'] ?? []) : undefined;
    const metadata = isRecord(envelope) ? envelope['metadata'] : undefined;
    if (!Array.isArray(items) || !isRecord(metadata)) {
      const message = `the API server did not return a list for ${path}`;
      return { ok: false, failure: { cause: 'unreachable', message, retryAfterMs: undefined } };
    }
    const { resourceVersion, continue: next } = metadata;
    return {
      ok: true,
      version: typeof resourceVersion === 'string' ? resourceVersion : '',
      next: typeof next === 'string' ? next : '',
    };
  } catch (error) {
    return { ok: false, failure: failureFrom(error) };
  } finally {
    limit.clear();
    // If the body has already ended, this does nothing.
    stream?.body.on('error', () => {}).destroy();
  }
}

/** Passes each item to `item`. Returns the list without its items, or undefined if the response is not JSON. */
async function readItems({ body }: ApiStream, page: Skimmer, item: TakeItem): Promise<unknown> {
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (const { text, isTooDeep } of page.push(chunk)) {
      const raw = parse(text);
      if (raw === undefined) return undefined;
      item(raw, isTooDeep);
      await yieldToEventLoop();
    }
  }
  return parse(page.rest());
}

/** Returns undefined if the text is not JSON. Errors never contain the text, because it may be a Secret. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
