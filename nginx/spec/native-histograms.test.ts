/** Native histograms contain each value in the bucket that Prometheus defines for it. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Measures, measuresText, widthOf } from '../../controller/types/request-metrics.ts';
import { startBackend } from './backends.ts';
import type { Backend } from './backends.ts';
import { createCounter, MEASURES } from './counted.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';

const ID = '00000000000000aa';
const WEB = 'shop/web/80';

let backend: Backend;
let nginx: Fixture;

beforeAll(async () => {
  backend = await startBackend('web');
});
afterEach(() => nginx?.stop());
afterAll(() => backend.close());

/** Sends requests with request lines of different lengths, and returns what was counted. */
async function countWith(native: Measures['native'], lengths: readonly number[]) {
  const measures: Measures = { ...MEASURES, ...(native !== undefined && { native }) };
  nginx = await startFixture({ metrics: measuresText(measures), workers: 1 });
  await nginx.api.push({ [`b:${WEB}`]: endpoints(backend.port), [`r:${ID}`]: route(WEB) });
  const counter = createCounter(nginx, measures);
  for (const length of lengths) await nginx.get(`/${'x'.repeat(length)}`, ID);
  await counter.reach(lengths.length);
  expect(counter.refused()).toBe(0);
  return counter;
}

/** The buckets of whole numbers, by the definition of Prometheus. */
function bucketsOf(values: readonly number[], schema: number): ReadonlyMap<number, number> {
  const buckets = new Map<number, number>();
  for (const value of values) {
    let index = Math.floor(Math.log2(value) * 2 ** schema) - 2;
    while (2 ** (index / 2 ** schema) < value * (1 - 1e-12)) index += 1;
    buckets.set(index, (buckets.get(index) ?? 0) + 1);
  }
  return buckets;
}

const sumOf = (numbers: Iterable<number>) => [...numbers].reduce((sum, number) => sum + number, 0);

// The sizes of the requests grow from about 100 bytes, so that some of them are powers of 2.
const LENGTHS = Array.from({ length: 200 }, (_, index) => index + 1);

it.each([3, 0, -2, 8])('with schema %s, a size is in its bucket', async (schema) => {
  const counter = await countWith({ schema, most: 300 }, LENGTHS);
  const { sum } = counter.histogram('request_size');
  const overhead = (sum - sumOf(LENGTHS)) / LENGTHS.length;
  expect(Number.isInteger(overhead)).toBe(true);
  const native = counter.native('request_size');
  expect(native).toEqual({
    schema,
    zero: 0,
    buckets: bucketsOf(
      LENGTHS.map((length) => length + overhead),
      schema,
    ),
  });
});

it('merges neighbours if there would be too many buckets', async () => {
  const counter = await countWith({ schema: 8, most: 20 }, LENGTHS);
  const { sum } = counter.histogram('request_size');
  const overhead = (sum - sumOf(LENGTHS)) / LENGTHS.length;
  const native = counter.native('request_size');
  expect(native?.schema).toBeLessThan(8);
  const sizes = LENGTHS.map((length) => length + overhead);
  expect(native?.buckets).toEqual(bucketsOf(sizes, native?.schema ?? 0));
});

it('times are in seconds, and times below a millisecond are zero', async () => {
  const counter = await countWith({ schema: 3, most: 300 }, []);
  for (const delay of ['', '5', '60', '120']) await nginx.get('/', ID, { headers: { 'X-Delay': delay } });
  await counter.reach(4);
  const { sum } = counter.histogram('response_duration_seconds');
  const native = counter.native('response_duration_seconds');
  expect((native?.zero ?? 0) + sumOf(native?.buckets.values() ?? [])).toBe(4);
  const bounds = [...(native?.buckets ?? [])].map(([index, count]) => ({
    least: count * 2 ** ((index - 1) / 8),
    most: count * 2 ** (index / 8),
  }));
  expect(sum / 1000).toBeGreaterThan(sumOf(bounds.map(({ least }) => least)));
  expect(sum / 1000).toBeLessThanOrEqual(sumOf(bounds.map(({ most }) => most)) * (1 + 1e-9));
});

it('nothing is counted without the setting, and the place of a histogram is the same with and without it', async () => {
  const counter = await countWith(undefined, [1, 2, 3]);
  expect(counter.native('request_size')).toBeUndefined();
  expect(widthOf({ ...MEASURES, native: { schema: 3, most: 100 } })).toBe(widthOf(MEASURES));
});
