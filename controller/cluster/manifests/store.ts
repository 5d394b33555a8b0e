/**
 * Combines the content of all files: determines which copy of each object is used, and creates the Snapshot. No I/O.
 */
import { isDeepStrictEqual } from 'node:util';
import { emptySnapshot } from '../../types/snapshot.ts';
import type { Kind, ObjectChange, ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { keepLastGoodDocuments } from './last-good.ts';
import type { ObjectOfFile, FileContent } from './read-file.ts';
import type { ManifestObject } from './read-object.ts';
import { createTables } from './tables.ts';

/** A file that was read; `content` is undefined if it was deleted. */
export type FileUpdate = { readonly file: string; readonly content: FileContent | undefined };

export interface Store {
  snapshot(): Snapshot;
  readonly files: ReadonlyMap<string, FileContent>;
  /** All copies of an object. The first one is in use. */
  claimsOf(kind: Kind, key: ObjectKey): readonly ObjectOfFile[];
  /** The copies of each object that has more than one. */
  contested(): readonly (readonly ObjectOfFile[])[];
  /**
   * Applies updates of files, and returns which objects of the Snapshot changed. An object that equals the old one
   * stays the same object.
   */
  apply(updates: readonly FileUpdate[]): readonly ObjectChange[];
}

/** A change to one object of the Snapshot. */
interface Edit extends ObjectChange {
  /** The object to add; undefined if the object is to be removed. */
  readonly object: ManifestObject | undefined;
}

interface Owned {
  readonly kind: Kind;
  readonly key: ObjectKey;
  claims: readonly ObjectOfFile[];
}

export function createStore(): Store {
  const files = new Map<string, FileContent>();
  const owned = new Map<string, Owned>();
  const contested = new Set<Owned>();
  const tables = createTables();
  let snapshot = emptySnapshot();

  function touch(claim: ObjectOfFile, touched: Set<Owned>): Owned {
    const id = `${claim.kind} ${claim.key}`;
    let entry = owned.get(id);
    if (entry === undefined) {
      entry = { kind: claim.kind, key: claim.key, claims: [] };
      owned.set(id, entry);
    }
    touched.add(entry);
    return entry;
  }

  function settle(entry: Owned): Edit | undefined {
    const { kind, key, claims } = entry;
    if (claims.length > 1) {
      entry.claims = [...claims].sort(byPlace);
      contested.add(entry);
    } else contested.delete(entry);
    const winner = entry.claims[0]?.object;
    if (winner === undefined) owned.delete(`${kind} ${key}`);
    const current = snapshot[kind].get(key);
    return isDeepStrictEqual(current, winner) ? undefined : { kind, key, object: winner };
  }

  return {
    files,
    snapshot: () => snapshot,
    claimsOf: (kind, key) => owned.get(`${kind} ${key}`)?.claims ?? [],
    contested: () => [...contested].map((entry) => entry.claims),
    apply(updates) {
      const touched = new Set<Owned>();
      for (const { file, content } of updates) {
        const previous = files.get(file);
        for (const claim of previous?.claims ?? []) {
          const entry = touch(claim, touched);
          entry.claims = entry.claims.filter((other) => other.file !== file);
        }
        if (content === undefined) {
          files.delete(file);
          continue;
        }
        const kept = keepLastGoodDocuments(content, previous);
        files.set(file, kept);
        for (const claim of kept.claims) {
          const entry = touch(claim, touched);
          entry.claims = [...entry.claims, claim];
        }
      }
      const edits = [...touched].map(settle).filter((edit) => edit !== undefined);
      for (const { kind, key, object } of edits) tables.set(kind, key, object);
      if (edits.length > 0) snapshot = tables.freeze(snapshot, new Set(edits.map(({ kind }) => kind)));
      return edits.map(({ kind, key }) => ({ kind, key })).sort(byObject);
    },
  };
}

function byPlace(a: ObjectOfFile, b: ObjectOfFile): number {
  return a.file === b.file ? a.order - b.order : a.file < b.file ? -1 : 1;
}

function byObject(a: ObjectChange, b: ObjectChange): number {
  return a.kind === b.kind ? (a.key < b.key ? -1 : 1) : a.kind < b.kind ? -1 : 1;
}
