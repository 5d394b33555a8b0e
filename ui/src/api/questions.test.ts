import { expect, test } from 'vitest';
import { questionUrl } from './ask.ts';
import { retryMs } from './changes.ts';

test('a question is a path with its parameters, without those that are undefined', () => {
  expect(questionUrl('status', {})).toBe('/v1/status');
  expect(questionUrl('hosts', { search: 'a b&c', limit: 100, offset: 0 })).toBe(
    '/v1/hosts?search=a+b%26c&limit=100&offset=0',
  );
  expect(questionUrl('routes', { host: undefined, namespace: 'shop' })).toBe('/v1/routes?namespace=shop');
});

test('a broken stream is opened again at once, and then less and less often', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map(retryMs)).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
});
