/** Everything the reflectors hold, and the Snapshot of what is in scope. No I/O, no clock. */
import { isDeepStrictEqual } from 'node:util';
import type { KeptSlice } from '../../types/endpoint-slice.ts';
import { emptySnapshot } from '../../types/snapshot.ts';
import type { Kind, Kinds, ObjectChange, ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../manifests/check/endpoint-slice.ts';
import { KIND_NAMES } from '../manifests/kinds.ts';
import { createTables } from '../manifests/tables.ts';
import type { Item } from './read-item.ts';
import { shareEndpoints } from './share-endpoints.ts';

export type AnyObject = Kinds[Kind];

export interface Scope {
  /** Ingresses, Services and EndpointSlices count only in namespaces that the table of Namespaces contains. */
  readonly bySelector: boolean;
  /** `namespace/name` of Services that count everywhere. */
  readonly services: ReadonlySet<ObjectKey>;
}

export interface ObjectStore {
  /** The held object, whether in scope or not. */
  get(kind: Kind, key: ObjectKey): AnyObject | undefined;
  keys(kind: Kind): Iterable<ObjectKey>;
  /** Returns `item`, or the object already held if both are equal; equal parts are shared. */
  adopt(kind: Kind, item: Item): Item;
  set(kind: Kind, key: ObjectKey, object: AnyObject | undefined): void;
  /** The Snapshot that `take` would return. */
  candidate(): Snapshot;
  /** True if a change of these kinds is pending. */
  isPending(kinds: ReadonlySet<Kind>): boolean;
  /** Keys of pending objects of this kind. */
  pending(kind: Kind): ReadonlySet<ObjectKey>;
  /** Makes the new Snapshot, without the pending changes of the kinds in `held`. */
  take(held: ReadonlySet<Kind>): Taken;
}

export interface Taken {
  readonly snapshot: Snapshot;
  /** How many objects `changes` has to look at. */
  readonly size: number;
  /** What changed in it, by kind and key; computed during the iteration. */
  changes(): Iterable<ObjectChange>;
}

const SCOPED: ReadonlySet<Kind> = new Set<Kind>(['Ingress', 'Service', 'EndpointSlice']);
const IN_ORDER = [...KIND_NAMES].sort();

export function createObjectStore(scope: Scope): ObjectStore {
  const all = Object.fromEntries(KIND_NAMES.map((kind) => [kind, new Map()])) as unknown as {
    readonly [K in Kind]: Map<ObjectKey, AnyObject>;
  };
  /** What is in scope. */
  const tables = createTables();
  const pending = new Map<Kind, Set<ObjectKey>>();
  let snapshot = emptySnapshot();

  function touch(kind: Kind, key: ObjectKey): void {
    const keys = pending.get(kind);
    if (keys === undefined) pending.set(kind, new Set([key]));
    else keys.add(key);
    tables.set(kind, key, visible(kind, key));
  }

  function visible(kind: Kind, key: ObjectKey): AnyObject | undefined {
    const object = all[kind].get(key);
    if (object === undefined || !scope.bySelector || !SCOPED.has(kind)) return object;
    const { namespace = '', name = '', labels } = object.metadata ?? {};
    if (all.Namespace.has(namespace)) return object;
    const service = kind === 'Service' ? name : kind === 'EndpointSlice' ? labels?.[SERVICE_NAME_LABEL] : undefined;
    return service !== undefined && scope.services.has(`${namespace}/${service}`) ? object : undefined;
  }

  /** A namespace was added or removed, and its content with it. */
  function rescope(namespace: string): void {
    for (const kind of SCOPED) {
      for (const [key, object] of all[kind]) if (object.metadata?.namespace === namespace) touch(kind, key);
    }
  }

  /** Whether it differs from the Snapshot; a change that was reverted does not. */
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
