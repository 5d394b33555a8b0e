/** Formats a batch of changes as lines, for the body of a delta and for the journal (docs/live-data.md). */
import { LIVE_PREFIXES } from '../types/live.ts';

/** The largest body that NGINX accepts, in bytes. */
export const BODY_MAX = 1024 * 1024;

/** Bytes reserved for the `begin` and `end` lines: their words, two revisions and a digest need less. */
const FRAME = 128;

/** Bytes available for the `set` and `del` lines of one body. */
export const LINES_MAX = BODY_MAX - FRAME;

export interface Batch {
  readonly base: number;
  readonly sets: readonly (readonly [string, string])[];
  readonly removes: readonly string[];
  /** Digest of the document after the batch, 32 hex digits. */
  readonly digest: string;
}

export function setLine(key: string, value: string): string {
  return `set ${key} ${value}\n`;
}

/** Length of a `set` line in bytes: `set`, two spaces, a line feed, the key and the value. */
export function lineBytes(key: string, value: string): number {
  return 6 + Buffer.byteLength(key) + Buffer.byteLength(value);
}

export function formatBatch(batch: Batch): string {
  const parts = [`begin ${batch.base}\n`];
  for (const [key, value] of batch.sets) parts.push(setLine(key, value));
  for (const key of batch.removes) parts.push(`del ${key}\n`);
  parts.push(`end ${batch.base + 1} ${batch.digest}\n`);
  return parts.join('');
}

/** Position of a key's prefix in the order in which keys are sent; undefined for an unknown prefix. */
export function prefixRank(key: string): number | undefined {
  const rank = LIVE_PREFIXES.indexOf(key.slice(0, 2) as (typeof LIVE_PREFIXES)[number]);
  return rank < 0 ? undefined : rank;
}

/**
 * Why an entry cannot be sent, or undefined if it can. The message never quotes the value, which may be a private key.
 */
export function entryFault(key: string, value: string | undefined): string | undefined {
  if (prefixRank(key) === undefined || key.length < 3 || !/^[!-~]+$/.test(key)) {
    return `live key ${JSON.stringify(key)}: expected a known prefix and no spaces, such as b:shop/web/80`;
  }
  if (value === undefined) return undefined;
  if (/[\0-\x1f]/.test(value))
    return `live key ${key}: its JSON contains a control character; expected one line of JSON`;
  const bytes = lineBytes(key, value);
  if (bytes > LINES_MAX)
    return `live key ${key}: ${bytes} bytes are more than the ${LINES_MAX} that fit into one delta`;
  return undefined;
}
