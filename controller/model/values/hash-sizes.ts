/** Sizes of nginx's hash tables. */
import type { Parser } from '../contract/parser.ts';
import { wholeNumber } from './scalars.ts';

/** nginx refuses its whole configuration where a bucket is too small for an entry, or larger than 64 kB. */
const LARGEST_BUCKET = 32_768;
/** nginx looks for the best size up to this one, each time it reads its configuration. */
const LARGEST_TABLE = 1_048_576;

/** Bytes of a bucket, at least as many as an entry of ours needs. */
export function bucketSize(least: number): Parser<number> {
  return wholeNumber(least, LARGEST_BUCKET, 'bytes as a whole number');
}

/** Entries of a table. */
export function tableSize(least: number): Parser<number> {
  return wholeNumber(least, LARGEST_TABLE);
}
