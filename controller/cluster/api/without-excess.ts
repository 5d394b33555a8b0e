/** Saves memory: of oversized entries of Secrets, which nothing accepts, only the length is kept. */
import { abridged, bytesOf } from '../../types/left-out.ts';

/**
 * Returns the `data` of a Secret. Of entries with more than `most` base64 characters, only the length is kept, in the
 * form that `left-out.ts` describes.
 */
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
