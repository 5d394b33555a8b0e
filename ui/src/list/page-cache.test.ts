import { expect, test } from 'vitest';
import { emptyCache, itemAt, PAGE_SIZE, pagesBetween, withPage } from './page-cache.ts';

function page(offset: number) {
  return { offset, items: Array.from({ length: PAGE_SIZE }, (_, index) => offset + index) };
}

test('the pages in view are those of the first and the last row, and those between', () => {
  expect(pagesBetween(0, 20)).toEqual([0]);
  expect(pagesBetween(95, 105)).toEqual([0, 100]);
  expect(pagesBetween(250, 460)).toEqual([200, 300, 400]);
  expect(pagesBetween(0, -1)).toEqual([0]);
});

test('scrolling through any number of pages keeps the last six', () => {
  let cache = emptyCache<number>();
  for (let offset = 0; offset < 10_000; offset += PAGE_SIZE) cache = withPage(cache, page(offset), 10_000);
  expect([...cache.pages.keys()]).toEqual([9400, 9500, 9600, 9700, 9800, 9900]);
  expect(itemAt(cache, 9999)).toBe(9999);
  expect(itemAt(cache, 0)).toBeUndefined();
});

test('a page that is fetched again replaces its predecessor, and pages beyond the end are dropped', () => {
  let cache = withPage(withPage(emptyCache<number>(), page(0), 300), page(200), 300);
  cache = withPage(cache, { offset: 0, items: [7] }, 1);
  expect([...cache.pages.keys()]).toEqual([0]);
  expect([itemAt(cache, 0), itemAt(cache, 1), cache.total]).toEqual([7, undefined, 1]);
});
