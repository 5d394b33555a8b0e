/**
 * The pages of a long list that are in memory: those around what is shown. A list of any length needs the same memory.
 */
export interface Page<T> {
  readonly offset: number;
  readonly items: readonly T[];
}

export interface PageCache<T> {
  readonly total: number;
  /** Offset of a page → page, the one that was used last at the end. */
  readonly pages: ReadonlyMap<number, Page<T>>;
}

export const PAGE_SIZE = 100;
const MOST_PAGES = 6;

export function emptyCache<T>(): PageCache<T> {
  return { total: 0, pages: new Map() };
}

/** Offsets of the pages that contain the items from `first` to `last`. */
export function pagesBetween(first: number, last: number): readonly number[] {
  const begin = Math.max(0, Math.floor(first / PAGE_SIZE));
  const end = Math.max(begin, Math.floor(Math.max(0, last) / PAGE_SIZE));
  return Array.from({ length: end - begin + 1 }, (_, index) => (begin + index) * PAGE_SIZE);
}

/** Adds a page, and drops the pages that were added the longest ago. */
export function withPage<T>(cache: PageCache<T>, page: Page<T>, total: number): PageCache<T> {
  const pages = new Map(cache.pages);
  pages.delete(page.offset);
  pages.set(page.offset, page);
  for (const offset of pages.keys()) if (offset > 0 && offset >= total) pages.delete(offset);
  for (const offset of pages.keys()) if (pages.size > MOST_PAGES) pages.delete(offset);
  return { total, pages };
}

export function itemAt<T>({ pages }: PageCache<T>, index: number): T | undefined {
  const offset = Math.floor(index / PAGE_SIZE) * PAGE_SIZE;
  return pages.get(offset)?.items[index - offset];
}
