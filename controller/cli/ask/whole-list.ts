/** Reads all pages of a list. */
import type { InspectionClient, QueryTexts, Reached } from '../../inspect/client/client.ts';
import type { AnswerOf } from '../../inspect/schema/endpoints.ts';
import { MOST_ITEMS } from '../../inspect/schema/parts.ts';

type ListName = 'routes' | 'backends' | 'certificates' | 'problems';
export type ItemOf<N extends ListName> = AnswerOf<N>['items'][number];

export interface WholeList<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** Returns at most `most` items of a list. Filters with an empty value do not apply. */
export async function wholeList<N extends ListName>(
  client: InspectionClient,
  name: N,
  query: QueryTexts,
  most = Infinity,
): Promise<Reached<WholeList<ItemOf<N>>>> {
  const filters = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const items: ItemOf<N>[] = [];
  for (let offset = 0; ;) {
    const limit = Math.min(MOST_ITEMS, most - items.length);
    const page = await client.get(name, { ...filters, limit, offset });
    if (!page.ok) return page;
    items.push(...(page.value.items as ItemOf<N>[]));
    const { total, next } = page.value;
    if (next === null || items.length >= most) return { ok: true, value: { total, items } };
    offset = next;
  }
}
