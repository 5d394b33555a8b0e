/** Sizes of nginx's hash tables. */
import type { Parser } from '../contract/parser.ts';
import { wholeNumber } from './scalars.ts';

/** nginx refuses its whole configuration if a bucket is too small for an entry, or larger than 64 kB. */
const LARGEST_BUCKET = 32_768;
/** nginx searches for the best size up to this one whenever it reads its configuration. */
const LARGEST_TABLE = 1_048_576;

/** Bytes of a bucket, at least as many as our entries need. */
export function bucketSize(least: number): Parser<number> {
  return wholeNumber(least, LARGEST_BUCKET, 'bytes as a whole number');
}

/** Maximum entries of a table. */
export function tableSize(least: number): Parser<number> {
  return wholeNumber(least, LARGEST_TABLE);
}
