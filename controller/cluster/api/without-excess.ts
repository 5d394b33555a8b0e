/** Entries of a Secret that nothing accepts: not kept, so that a tenant's Secrets take no more memory than they are worth. */

/** API servers take no Secret of more than 1 MiB, which is less than this in base64. */
const BLANK = '.'.repeat(1_500_000);

/**
 * `data` of a Secret with the entries that have more than `most` characters of base64 replaced by dots, as many: whoever
 * compares a length with a bound says the same of them.
 */
export function withoutExcess(data: object, most: number): object {
  if (Object.values(data).every((value) => typeof value !== 'string' || value.length <= most)) return data;
  const entries = Object.entries(data).map(([name, value]: [string, unknown]) => [
    name,
    // A part of a long string is a reference to it.
    typeof value === 'string' && value.length > most ? BLANK.slice(0, value.length) : value,
  ]);
  return Object.fromEntries(entries) as object;
}
