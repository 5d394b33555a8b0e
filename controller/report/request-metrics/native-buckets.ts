/**
 * A native histogram to which counts are added. If it would have too many buckets, pairs of neighbours are merged,
 * which lowers its schema by one; a schema never rises again.
 */
import { LOWEST_SCHEMA } from '../../types/request-metrics.ts';
import type { NativeValue } from '../exposition/family.ts';

/** Buckets that a worker has counted. Those of a lower schema are wider. */
export type CountedBuckets = NativeValue;

export interface NativeBuckets extends NativeValue {
  schema: number;
  zero: number;
  buckets: Map<number, number>;
}

export function newBuckets(schema: number): NativeBuckets {
  return { schema, zero: 0, buckets: new Map() };
}

/** Adds counts. `most`: maximum number of buckets, unless the schema is already the lowest one. */
export function addBuckets(into: NativeBuckets, counted: CountedBuckets, most: number): void {
  while (into.schema > counted.schema) widen(into);
  const shift = counted.schema - into.schema;
  into.zero += counted.zero;
  for (const [index, count] of counted.buckets) addTo(into.buckets, Math.ceil(index / 2 ** shift), count);
  while (into.buckets.size > most && into.schema > LOWEST_SCHEMA) widen(into);
}

/** Bucket `i` of a schema consists of the buckets `2i - 1` and `2i` of the next higher schema. */
function widen(buckets: NativeBuckets): void {
  const wider = new Map<number, number>();
  for (const [index, count] of buckets.buckets) addTo(wider, Math.ceil(index / 2), count);
  buckets.buckets = wider;
  buckets.schema -= 1;
}

function addTo(counts: Map<number, number>, index: number, count: number): void {
  counts.set(index, (counts.get(index) ?? 0) + count);
}
