/** Bucket size of nginx's `map` tables. nginx refuses its whole configuration if a bucket is too small for a key. */
import { integer } from '../../types/conf-value.ts';
import { directive, type Directive } from '../../types/directive.ts';
import type { Settings } from './settings.ts';

const POINTER = 8;

/** Bytes that a key takes in a bucket, including its terminator: NGX_HASH_ELT_SIZE in ngx_hash.c. */
function bytesOf(key: string): number {
  const text = Math.ceil((Buffer.byteLength(key) + 2) / POINTER) * POINTER;
  return POINTER + text + POINTER;
}

/**
 * The larger of the setting and the size that the longest key of our own `map` needs. Regular expressions are not
 * stored in the table.
 */
export function mapBucket(settings: Pick<Settings, 'map-hash-bucket-size' | 'skip-access-log-urls'>): Directive {
  let least = settings['map-hash-bucket-size'];
  for (const key of settings['skip-access-log-urls']) if (!key.startsWith('~')) least = Math.max(least, bytesOf(key));
  return directive('map_hash_bucket_size', integer(least));
}
