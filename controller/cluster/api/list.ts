/** A whole list, page by page. */
import { isRecord } from '../manifests/shape.ts';
import { breathe } from './breath.ts';
import type { ApiConnection, Query } from './connection.ts';
import { resourcePath, selectionQuery } from './resources.ts';
import type { Selection } from './resources.ts';
import { troubleOf, troubleWith } from './trouble.ts';
import type { Trouble } from './trouble.ts';
import type { Tuning } from './tuning.ts';

export type Listed =
  { readonly ok: true; readonly resourceVersion: string } | { readonly ok: false; readonly trouble: Trouble };

type Page =
  | { readonly ok: true; readonly items: readonly unknown[]; readonly version: string; readonly next: string }
  | { readonly ok: false; readonly trouble: Trouble };

/** After this many continuations that came too late, the list is asked for in one piece. */
const RESTARTS = 2;

/**
 * Calls `begin` before the first page, also when the list has to start over because a continuation expired, and
 * `item` for each object. Gives way between objects; never rejects.
 */
export async function list(
  connection: ApiConnection,
  selection: Selection,
  tuning: Tuning,
  signal: AbortSignal,
  { begin, item }: { readonly begin: () => void; readonly item: (raw: unknown) => void },
): Promise<Listed> {
  for (let restarts = 0; ; restarts += 1) {
    begin();
    const limit: Query = restarts < RESTARTS ? { limit: String(tuning.pageSize) } : {};
    let next = '';
    let page: Page;
    do {
      const query = { ...selectionQuery(selection), ...limit, ...(next === '' ? {} : { continue: next }) };
      page = await readPage(connection, selection, query, tuning, signal);
      if (!page.ok) break;
      for (const raw of page.items) {
        item(raw);
        await breathe();
      }
      next = page.next;
    } while (next !== '');
    if (page.ok) return { ok: true, resourceVersion: page.version };
    if (page.trouble.cause !== 'expired' || next === '' || restarts >= RESTARTS) return page;
  }
}

async function readPage(
  connection: ApiConnection,
  { kind, namespace }: Selection,
  query: Query,
  { requestTimeoutMs }: Tuning,
  signal: AbortSignal,
): Promise<Page> {
  try {
    const path = resourcePath(kind, namespace);
    const { status, body, retryAfterMs } = await connection.request('GET', path, {
      query,
      signal,
      timeoutMs: requestTimeoutMs,
    });
    if (status !== 200) return { ok: false, trouble: troubleOf(status, body, retryAfterMs) };
    // Go writes an empty list as null.
    const items = isRecord(body) ? (body['items'] ?? []) : undefined;
    const metadata = isRecord(body) ? body['metadata'] : undefined;
    if (!Array.isArray(items) || !isRecord(metadata)) {
      const message = `${path} of the API server answers with something other than a list`;
      return { ok: false, trouble: { cause: 'unreachable', message, retryAfterMs: undefined } };
    }
    const { resourceVersion, continue: next } = metadata;
    return {
      ok: true,
      items: items as unknown[],
      version: typeof resourceVersion === 'string' ? resourceVersion : '',
      next: typeof next === 'string' ? next : '',
    };
  } catch (error) {
    return { ok: false, trouble: troubleWith(error) };
  }
}
