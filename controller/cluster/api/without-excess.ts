/** Drops oversized entries of a Secret, which nothing accepts, so that a tenant's Secrets do not waste memory. */
import { abridged, bytesOf } from '../../types/left-out.ts';

/** `data` of a Secret; of entries of more than `most` base64 characters, only the length is kept (`left-out.ts`). */
export function withoutExcess(data: object, most: number): object {
  const isLong = (value: unknown): value is string => typeof value === 'string' && bytesOf(value) > most;
  if (!Object.values(data).some(isLong)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [
      name,
      isLong(value) ? abridged('', bytesOf(value)) : value,
    ]),
  ) as object;
}
