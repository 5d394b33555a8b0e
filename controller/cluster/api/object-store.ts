/** Stores all objects that the reflectors received, and creates Snapshots of the objects in scope. No I/O, no clock. */
import { isDeepStrictEqual } from 'node:util';
import type { KeptSlice } from '../../types/endpoint-slice.ts';
import { emptySnapshot } from '../../types/snapshot.ts';
import type { Kind, Kinds, ObjectChange, ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../manifests/check/endpoint-slice.ts';
import { KIND_NAMES } from '../manifests/kinds.ts';
import { createTables } from '../manifests/tables.ts';
import type { Item } from './read-item.ts';
import { shareEndpoints } from './share-endpoints.ts';

export type StoredObject = Kinds[Kind];

export interface Scope {
  /**
   * If true, Ingresses, Services and EndpointSlices are in scope only if the store has a Namespace object for their
   * namespace.
   */
  readonly bySelector: boolean;
  /** `namespace/name` of Services that are always in scope. */
  readonly services: ReadonlySet<ObjectKey>;
}

export interface ObjectStore {
  /** The stored object, whether in scope or not. */
  get(kind: Kind, key: ObjectKey): StoredObject | undefined;
  keys(kind: Kind): Iterable<ObjectKey>;
  /**
   * Returns `item` with the stored object if both objects are equal. Otherwise, endpoints of a slice that equal stored
   * ones are shared.
   */
  adopt(kind: Kind, item: Item): Item;
  set(kind: Kind, key: ObjectKey, object: StoredObject | undefined): void;
  /** The Snapshot that `take` would return if no kind were held. */
  candidate(): Snapshot;
  /** True if the store has changes of these kinds that no Snapshot contains yet. */
  isPending(kinds: ReadonlySet<Kind>): boolean;
  /** Keys of objects of this kind with changes that no Snapshot contains yet. */
  pending(kind: Kind): ReadonlySet<ObjectKey>;
  /** Creates a new Snapshot, without the changes of the kinds in `held`, which remain pending. */
  take(held: ReadonlySet<Kind>): TakenSnapshot;
}

export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** How many keys `changes` has to compare. */
  readonly size: number;
  /** The changes since the previous Snapshot, by kind and key. They are computed during the iteration. */
  changes(): Iterable<ObjectChange>;
}

const SCOPED: ReadonlySet<Kind> = new Set<Kind>(['Ingress', 'Service', 'EndpointSlice']);
const IN_ORDER = [...KIND_NAMES].sort();

export function createObjectStore(scope: Scope): ObjectStore {
  const all = Object.fromEntries(KIND_NAMES.map((kind) => [kind, new Map()])) as unknown as {
    readonly [K in Kind]: Map<ObjectKey, StoredObject>;
  };
  /** The tables of the objects in scope. */
  const tables = createTables();
  const pending = new Map<Kind, Set<ObjectKey>>();
  let snapshot = emptySnapshot();

  function touch(kind: Kind, key: ObjectKey): void {
    const keys = pending.get(kind);
    if (keys === undefined) pending.set(kind, new Set([key]));
    else keys.add(key);
    tables.set(kind, key, visible(kind, key));
  }

  function visible(kind: Kind, key: ObjectKey): StoredObject | undefined {
    const object = all[kind].get(key);
    if (object === undefined || !scope.bySelector || !SCOPED.has(kind)) return object;
    const { namespace = '', name = '', labels } = object.metadata ?? {};
    if (all.Namespace.has(namespace)) return object;
    const service = kind === 'Service' ? name : kind === 'EndpointSlice' ? labels?.[SERVICE_NAME_LABEL] : undefined;
    return service !== undefined && scope.services.has(`${namespace}/${service}`) ? object : undefined;
  }

  /** Updates the scope of all objects in a namespace that was added or removed. */
  function rescope(namespace: string): void {
    for (const kind of SCOPED) {
      for (const [key, object] of all[kind]) if (object.metadata?.namespace === namespace) touch(kind, key);
    }
  }

  /** Whether the table of a kind differs from the Snapshot. It does not if a change was reverted. */
  function differs(kind: Kind): boolean {
    for (const key of pending.get(kind) ?? []) if (tables.get(kind, key) !== snapshot[kind].get(key)) return true;
    return false;
  }

  function candidate(held: ReadonlySet<Kind>): Snapshot {
    const kinds = IN_ORDER.filter((kind) => !held.has(kind) && differs(kind));
    return kinds.length === 0 ? snapshot : tables.freeze(snapshot, kinds);
  }

  return {
    get: (kind, key) => all[kind].get(key),
    keys: (kind) => all[kind].keys(),
    adopt(kind, item) {
      const known = all[kind].get(item.key);
      if (known === undefined) return item;
      if (isDeepStrictEqual(known, item.object)) return { ...item, object: known };
      return kind === 'EndpointSlice'
        ? { ...item, object: shareEndpoints(item.object as KeptSlice, known as KeptSlice) }
        : item;
    },
    set(kind, key, object) {
      const before = all[kind].get(key);
      if (object === before) return;
      if (object === undefined) all[kind].delete(key);
      else all[kind].set(key, object);
      touch(kind, key);
      if (scope.bySelector && kind === 'Namespace' && (before === undefined) !== (object === undefined)) rescope(key);
    },
    candidate: () => candidate(new Set()),
    isPending: (kinds) => [...pending.keys()].some((kind) => kinds.has(kind)),
    pending: (kind) => pending.get(kind) ?? new Set(),
    take(held) {
      const before = snapshot;
      const after = candidate(held);
      const touched = IN_ORDER.filter((kind) => !held.has(kind)).map((kind) => [kind, pending.get(kind)] as const);
      for (const [kind] of touched) pending.delete(kind);
      snapshot = after;
      return {
        snapshot: after,
        size: touched.reduce((sum, [, keys]) => sum + (keys?.size ?? 0), 0),
        *changes() {
          for (const [kind, keys] of touched) {
            for (const key of [...(keys ?? [])].sort(byKey)) {
              if (before[kind].get(key) !== after[kind].get(key)) yield { kind, key };
            }
          }
        },
      };
    },
  };
}

function byKey(a: ObjectKey, b: ObjectKey): number {
  return a < b ? -1 : 1;
}
