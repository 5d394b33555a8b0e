/** Lists in pages. As in the real server, all pages of a list contain the objects as of the same moment. */
import { randomUUID } from 'node:crypto';
import { ApiFailure, badRequest, expired } from './failure.ts';
import type { ApiObject, JsonObject } from './object.ts';
import type { Store } from './store.ts';

export interface Page {
  readonly revision: number;
  readonly items: readonly ApiObject[];
  readonly metadata: JsonObject;
}

interface Pending {
  readonly revision: number;
  readonly items: readonly ApiObject[];
}

export interface Lists {
  /** One page of a list. A `limit` of 0 stands for all objects. `select` is only called for the first page. */
  page(table: string, select: (object: ApiObject) => boolean, query: URLSearchParams): Page;
}

/** How many unfinished lists the emulator stores. If there are more, it drops the oldest one. */
const MAX_PENDING = 100;

function numberOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  if (!/^\d*$/.test(text)) throw badRequest(`${name}: Invalid value: "${text}"`);
  return Number(text);
}

/** The real server's error for a resourceVersion that it has not reached. */
function tooLarge(asked: number, revision: number): ApiFailure {
  const causes = [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }];
  const message = `Timeout: Too large resource version: ${asked}, current: ${revision}`;
  return new ApiFailure(504, 'Timeout', message, { causes, retryAfterSeconds: 1 });
}

export function createLists(store: Store): Lists {
  const pending = new Map<string, Pending>();

  function cut(list: Pending, limit: number, counted: boolean): Page {
    const { revision, items } = list;
    const base = { resourceVersion: String(revision) };
    if (limit === 0 || items.length <= limit) return { revision, items, metadata: base };
    const id = randomUUID();
    const rest = items.slice(limit);
    pending.set(id, { revision, items: rest });
    for (const old of [...pending.keys()].slice(0, Math.max(0, pending.size - MAX_PENDING))) pending.delete(old);
    const metadata = { ...base, continue: id, ...(counted && { remainingItemCount: rest.length }) };
    return { revision, items: items.slice(0, limit), metadata };
  }
  return {
    page(table, select, query) {
      const limit = numberOf(query, 'limit');
      const counted = !query.get('labelSelector') && !query.get('fieldSelector');
      const token = query.get('continue') ?? '';
      if (token !== '') {
        const list = pending.get(token);
        if (list === undefined || list.revision < store.oldest()) {
          throw expired('The provided continue parameter is too old to display a consistent list result.');
        }
        return cut(list, limit, counted);
      }
      const asked = numberOf(query, 'resourceVersion');
      const revision = store.revision();
      if (asked > revision) throw tooLarge(asked, revision);
      return cut({ revision, items: store.list(table).filter(select) }, limit, counted);
    },
  };
}
