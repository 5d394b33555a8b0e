/** Entries of a Secret that nothing accepts: not kept, so that a tenant's Secrets take no more memory than they are worth. */

import { bytesOf } from '../../types/left-out.ts';

/** API servers take no Secret of more than 1 MiB, which is less than this in base64. */
const BLANK = '.'.repeat(1_500_000);

/**
 * `data` of a Secret with the entries that have more than `most` characters of base64 replaced by dots, as many: whoever
 * compares a length with a bound says the same of them. They may have been abridged before.
 */
export function withoutExcess(data: object, most: number): object {
  const isLong = (value: unknown): value is string => typeof value === 'string' && bytesOf(value) > most;
  if (!Object.values(data).some(isLong)) return data;
  const entries = Object.entries(data).map(([name, value]: [string, unknown]) => [
    name,
    // A part of a long string is a reference to it.
    isLong(value) ? BLANK.slice(0, bytesOf(value)) : value,
  ]);
  return Object.fromEntries(entries) as object;
}
