/** Drops oversized entries of a Secret, which nothing accepts, so that a tenant's Secrets do not waste memory. */

import { bytesOf } from '../../types/left-out.ts';

/** API servers reject Secrets of more than 1 MiB, which is less than this in base64. */
const BLANK = '.'.repeat(1_500_000);

/**
 * `data` of a Secret, with entries of more than `most` base64 characters replaced by the same number of dots, so that
 * comparing a length with a bound gives the same result. They may have been shortened before.
 */
export function withoutExcess(data: object, most: number): object {
  const isLong = (value: unknown): value is string => typeof value === 'string' && bytesOf(value) > most;
  if (!Object.values(data).some(isLong)) return data;
  const entries = Object.entries(data).map(([name, value]: [string, unknown]) => [
    name,
    // A substring of a long string keeps that string in memory.
    isLong(value) ? BLANK.slice(0, bytesOf(value)) : value,
  ]);
  return Object.fromEntries(entries) as object;
}
