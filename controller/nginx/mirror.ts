/**
 * A copy of NGINX's live data, as far as this process knows it. The copy is updated with each acknowledged change, and
 * so is its digest.
 */
import { lineBytes } from './batch.ts';
import { entryDigest, formatDigest, minus, plus } from './digest.ts';
import { eachInSlices } from '../time/slices.ts';

/**
 * Used instead of a digest while NGINX has values that this process does not know. A real digest practically never
 * equals it.
 */
const UNKNOWN_DIGEST = 'f'.repeat(32);

/** A change that is about to be sent, with the digest of the document after it. */
export interface LiveChange {
  readonly sets: readonly (readonly [string, string])[];
  readonly removes: readonly string[];
  readonly sum: bigint;
  readonly digest: string;
}

/** A whole document, ready to replace the current one. It must not be changed after it was passed to `replace`. */
export interface Contents {
  readonly entries: Map<string, string>;
  /** Length of all entries as `set` lines, in bytes. */
  readonly bytes: number;
}

export interface LiveDataMirror {
  readonly entries: ReadonlyMap<string, string>;
  /** Keys that NGINX has with a value unknown to this process. */
  readonly unknown: ReadonlySet<string>;
  revision: number;
  /** Length of all entries as `set` lines, in bytes. */
  bytes(): number;
  digest(): string;
  /** Calculates the digest after a change, in slices. The mirror must not change meanwhile. */
  plan(sets: readonly (readonly [string, string])[], removes: readonly string[]): Promise<LiveChange>;
  /** Applies a change that NGINX has acknowledged. */
  apply(change: LiveChange): void;
  /** Records that NGINX was found to have this value. */
  learn(key: string, value: string): void;
  /** Records that NGINX was found to have an unknown value, or no value if `held` is false. */
  forget(key: string, held: boolean): void;
  /** Records that NGINX was found to no longer have this key, whose value was unknown. */
  vanished(key: string): void;
  /**
   * Replaces the whole content. Before the next change is planned, `seal` must be called with the digest of the new
   * content.
   */
  replace(contents: Contents, revision: number): void;
  seal(sum: bigint): void;
}

export function createMirror(): LiveDataMirror {
  let entries = new Map<string, string>();
  const unknown = new Set<string>();
  let sum = 0n;
  let bytes = 0;

  function put(key: string, value: string): void {
    const before = entries.get(key);
    bytes += lineBytes(key, value) - (before === undefined ? 0 : lineBytes(key, before));
    entries.set(key, value);
    unknown.delete(key);
  }

  function drop(key: string): void {
    const before = entries.get(key);
    if (before !== undefined) bytes -= lineBytes(key, before);
    entries.delete(key);
    unknown.delete(key);
  }

  function without(total: bigint, key: string): bigint {
    const before = entries.get(key);
    return before === undefined ? total : minus(total, entryDigest(key, before));
  }

  const mirror: LiveDataMirror = {
    revision: 0,
    unknown,
    get entries() {
      return entries;
    },
    bytes: () => bytes,
    digest: () => (unknown.size > 0 ? UNKNOWN_DIGEST : formatDigest(sum)),
    async plan(sets, removes) {
      let after = sum;
      let cleared = 0;
      await eachInSlices(sets, ([key, value]) => {
        after = plus(without(after, key), entryDigest(key, value));
        if (unknown.has(key)) cleared += 1;
      });
      await eachInSlices(removes, (key) => {
        after = without(after, key);
        if (unknown.has(key)) cleared += 1;
      });
      return { sets, removes, sum: after, digest: unknown.size > cleared ? UNKNOWN_DIGEST : formatDigest(after) };
    },
    apply(change) {
      for (const [key, value] of change.sets) put(key, value);
      for (const key of change.removes) drop(key);
      sum = change.sum;
    },
    learn(key, value) {
      if (entries.get(key) === value) return;
      sum = plus(without(sum, key), entryDigest(key, value));
      put(key, value);
    },
    forget(key, held) {
      sum = without(sum, key);
      drop(key);
      if (held) unknown.add(key);
    },
    vanished(key) {
      unknown.delete(key);
    },
    replace(contents, revision) {
      ({ entries, bytes } = contents);
      unknown.clear();
      mirror.revision = revision;
    },
    seal(total) {
      sum = total;
    },
  };
  return mirror;
}

export function noContents(): Contents {
  return { entries: new Map(), bytes: 0 };
}

/**
 * Merges the parts of a document in slices, without entries for which `isMeant` returns false. If several parts contain
 * a key, the last value applies.
 */
export async function contentsOf(
  parts: readonly Iterable<readonly [string, string]>[],
  isMeant: (key: string, value: string) => boolean = () => true,
): Promise<Contents> {
  const entries = new Map<string, string>();
  for (const part of parts)
    await eachInSlices(part, ([key, value]) => {
      if (isMeant(key, value)) entries.set(key, value);
    });
  let bytes = 0;
  await eachInSlices(entries, ([key, value]) => {
    bytes += lineBytes(key, value);
  });
  return { entries, bytes };
}
