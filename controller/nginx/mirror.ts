/** What NGINX holds, as far as this process knows: every acknowledged change, with a running digest. */
import { lineBytes } from './batch.ts';
import { entryDigest, formatDigest, minus, plus } from './digest.ts';
import { eachInSlices } from '../time/slices.ts';

/** Replaces the digest while NGINX holds values unknown to this process; no real digest is expected to equal it. */
const UNKNOWN_DIGEST = 'f'.repeat(32);

/** A change that is about to be sent, with the digest of the document after it. */
export interface Change {
  readonly sets: readonly (readonly [string, string])[];
  readonly removes: readonly string[];
  readonly sum: bigint;
  readonly digest: string;
}

/** A whole document, ready to replace another one. It must not be changed afterwards. */
export interface Contents {
  readonly entries: Map<string, string>;
  /** The sum over the entries as `set` lines. */
  readonly bytes: number;
}

export interface Mirror {
  readonly entries: ReadonlyMap<string, string>;
  /** Keys that NGINX holds with an unknown value. */
  readonly unknown: ReadonlySet<string>;
  revision: number;
  /** Bytes of the entries as `set` lines. */
  bytes(): number;
  digest(): string;
  /** Calculates the digest after a change, in slices. The mirror must not change meanwhile. */
  plan(sets: readonly (readonly [string, string])[], removes: readonly string[]): Promise<Change>;
  /** NGINX acknowledged the change. */
  apply(change: Change): void;
  /** NGINX was found to hold exactly this value. */
  learn(key: string, value: string): void;
  /** NGINX was found to hold another value, or (`held` false) none. */
  forget(key: string, held: boolean): void;
  /** NGINX was found to no longer hold this key. */
  vanished(key: string): void;
  /** Starts over with a document. `seal` has to follow, with its digest, before a change is planned. */
  replace(contents: Contents, revision: number): void;
  seal(sum: bigint): void;
}

export function createMirror(): Mirror {
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

  const mirror: Mirror = {
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

/** Collects the wanted entries of a document, in slices; if a key is in several parts, the last value counts. */
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
