import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nativeSchema } from '../../types/request-metrics.ts';
import { addBuckets, newBuckets } from './native-buckets.ts';

/** The bucket of a value, by the definition of Prometheus. */
function indexOf(value: number, schema: number): number {
  return Math.ceil(Math.log2(value) * 2 ** schema - 1e-9);
}

function counted(values: readonly number[], schema: number) {
  const buckets = new Map<number, number>();
  for (const value of values) buckets.set(indexOf(value, schema), (buckets.get(indexOf(value, schema)) ?? 0) + 1);
  return { schema, zero: 0, buckets };
}

it('after merging, every value is in the bucket that the lower schema has for it', () => {
  const values = fc.array(fc.integer({ min: 1, max: 1e9 }), { minLength: 1, maxLength: 60 });
  const schemas = fc.integer({ min: -4, max: 8 });
  fc.assert(
    fc.property(
      values,
      values,
      schemas,
      schemas,
      fc.integer({ min: 2, max: 40 }),
      (first, second, one, other, most) => {
        const into = newBuckets(8);
        addBuckets(into, counted(first, one), most);
        addBuckets(into, counted(second, other), most);
        expect(into.schema).toBeLessThanOrEqual(Math.min(one, other));
        expect(into.buckets).toEqual(counted([...first, ...second], into.schema).buckets);
        expect(into.buckets.size <= most || into.schema === -4).toBe(true);
      },
    ),
  );
});

it('merges no more than necessary', () => {
  const into = newBuckets(3);
  addBuckets(
    into,
    {
      schema: 3,
      zero: 4,
      buckets: new Map([
        [1, 1],
        [2, 1],
        [3, 1],
      ]),
    },
    3,
  );
  expect(into).toEqual({
    schema: 3,
    zero: 4,
    buckets: new Map([
      [1, 1],
      [2, 1],
      [3, 1],
    ]),
  });
  addBuckets(into, { schema: 3, zero: 1, buckets: new Map([[0, 7]]) }, 3);
  expect(into).toEqual({
    schema: 2,
    zero: 5,
    buckets: new Map([
      [0, 7],
      [1, 2],
      [2, 1],
    ]),
  });
});

it.each([
  [0, undefined],
  [1, undefined],
  [Number.NaN, undefined],
  [1.1, 3],
  [1.0905, 4],
  [1.0906, 3],
  [2, 0],
  [1.0001, 8],
  [65_536, -4],
  [1e9, -4],
])('the factor %s has the schema %s', (factor, schema) => {
  expect(nativeSchema(factor)).toBe(schema);
  if (schema !== undefined && schema < 8 && schema > -4) expect(2 ** (2 ** -schema)).toBeLessThanOrEqual(factor);
});
