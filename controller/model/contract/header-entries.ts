/** ConfigMaps of headers: how much of them is read. */
import { abridged, bytesOf } from '../../types/left-out.ts';
import { type Bounds, excess } from './bounds.ts';

type Entries = Record<string, string>;

/** Bytes of all names and values. */
function size(data: Entries): number {
  return Object.entries(data).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

/** Why a ConfigMap is too large to be read, as the end of a sentence that begins with it; undefined if it is not. */
export function headersTooLarge(
  data: Entries | undefined,
  bounds: Pick<Bounds, 'annotationBytes'>,
): string | undefined {
  return excess('annotationBytes', size(data ?? {}), bounds, 'holds');
}

/** The entries, or, if they are too large, a single entry that says how large they are. */
export function entriesWithin(data: Entries, bounds: Pick<Bounds, 'annotationBytes'>): Entries {
  const bytes = size(data);
  return bytes > bounds.annotationBytes ? { '': abridged('', bytes) } : data;
}
