/** Size limit of ConfigMaps that list headers. */
import { abridged, bytesOf } from '../../types/left-out.ts';
import { type Bounds, excess } from './bounds.ts';

type Entries = Record<string, string>;

/** Bytes of all names and values. */
function size(data: Entries): number {
  return Object.entries(data).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

/**
 * Why a ConfigMap is too large to be read, as the end of a sentence that begins with the ConfigMap; undefined if it is
 * small enough.
 */
export function headersTooLarge(
  data: Entries | undefined,
  bounds: Pick<Bounds, 'annotationBytes'>,
): string | undefined {
  return excess('annotationBytes', size(data ?? {}), bounds, 'holds');
}

/** The entries; if they exceed the bound, a single entry that reports their size instead. */
export function entriesWithin(data: Entries, bounds: Pick<Bounds, 'annotationBytes'>): Entries {
  const bytes = size(data);
  return bytes > bounds.annotationBytes ? { '': abridged('', bytes) } : data;
}
