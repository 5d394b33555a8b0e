/** Parsers for the sizes of nginx's hash tables. */
import type { Parser } from '../contract/parser.ts';
import { wholeNumber } from './scalars.ts';

/** Maximum bytes of a bucket; nginx refuses its whole configuration if a bucket is larger than 64 kB. */
const LARGEST_BUCKET = 32_768;
/** Maximum size of a table: whenever nginx reads its configuration, it tries all sizes up to the maximum. */
const LARGEST_TABLE = 1_048_576;

/** Bytes of a bucket. `least`: the size that our own entries need. */
export function bucketSize(least: number): Parser<number> {
  return wholeNumber(least, LARGEST_BUCKET, 'bytes as a whole number');
}

/** Maximum size of a table, in buckets. */
export function tableSize(least: number): Parser<number> {
  return wholeNumber(least, LARGEST_TABLE);
}
