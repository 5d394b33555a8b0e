/** Everything the reflectors hold, and the Snapshot of what is in scope. No I/O, no clock. */
import { isDeepStrictEqual } from 'node:util';
import { emptySnapshot } from '../../types/snapshot.ts';
import type { Kind, Kinds, ObjectChange, ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../manifests/check/endpoint-slice.ts';
import { KIND_NAMES } from '../manifests/kinds.ts';
import { editTables } from '../manifests/tables.ts';
import type { TableEdit } from '../manifests/tables.ts';
import type { Item } from './read-item.ts';

export type AnyObject = Kinds[Kind];

export interface Scope {
  /** Ingresses, Services and EndpointSlices count only in namespaces that are in the table of Namespaces. */
  readonly bySelector: boolean;
  /** `namespace/name` of Services that count everywhere. */
  readonly services: ReadonlySet<ObjectKey>;
}

export interface ObjectStore {
  /** The object held, in scope or not. */
  get(kind: Kind, key: ObjectKey): AnyObject | undefined;
  keys(kind: Kind): Iterable<ObjectKey>;
  /** `item` with the object that is held already where both are equal. */
  adopt(kind: Kind, item: Item): Item;
  set(kind: Kind, key: ObjectKey, object: AnyObject | undefined): void;
  snapshot(): Snapshot;
  /** The Snapshot that `take` would make. */
  candidate(): Snapshot;
  /** True if something waits that is of these kinds. */
  isPending(kinds: ReadonlySet<Kind>): boolean;
  /** Makes the new Snapshot, without what waits of the kinds in `held`; answers what changed in it. */
  take(held: ReadonlySet<Kind>): readonly ObjectChange[];
}

const SCOPED: ReadonlySet<Kind> = new Set<Kind>(['Ingress', 'Service', 'EndpointSlice']);

export function createObjectStore(scope: Scope): ObjectStore {
  const all = Object.fromEntries(KIND_NAMES.map((kind) => [kind, new Map()])) as unknown as {
    readonly [K in Kind]: Map<ObjectKey, AnyObject>;
  };
  const pending = new Map<string, ObjectChange>();
  let snapshot = emptySnapshot();

  function touch(kind: Kind, key: ObjectKey): void {
    pending.set(`${kind} ${key}`, { kind, key });
  }

  function visible({ kind, key }: ObjectChange): AnyObject | undefined {
    const object = all[kind].get(key);
    if (object === undefined || !scope.bySelector || !SCOPED.has(kind)) return object;
    const { namespace = '', name = '', labels } = object.metadata ?? {};
    if (all.Namespace.has(namespace)) return object;
    const service = kind === 'Service' ? name : kind === 'EndpointSlice' ? labels?.[SERVICE_NAME_LABEL] : undefined;
    return service !== undefined && scope.services.has(`${namespace}/${service}`) ? object : undefined;
  }

  /** A namespace has come or gone, and what is in it with it. */
  function rescope(namespace: string): void {
    for (const kind of SCOPED) {
      for (const [key, object] of all[kind]) if (object.metadata?.namespace === namespace) touch(kind, key);
    }
  }

  function edits(held: ReadonlySet<Kind>): TableEdit[] {
    const found: TableEdit[] = [];
    for (const change of pending.values()) {
      const object = visible(change);
      const before = snapshot[change.kind].get(change.key);
      if (!held.has(change.kind) && object !== before) found.push({ ...change, object });
    }
    return found;
  }

  return {
    get: (kind, key) => all[kind].get(key),
    keys: (kind) => all[kind].keys(),
    adopt(kind, item) {
      const known = all[kind].get(item.key);
      return known !== undefined && isDeepStrictEqual(known, item.object) ? { ...item, object: known } : item;
    },
    set(kind, key, object) {
      const before = all[kind].get(key);
      if (object === before) return;
      if (object === undefined) all[kind].delete(key);
      else all[kind].set(key, object);
      touch(kind, key);
      if (scope.bySelector && kind === 'Namespace' && (before === undefined) !== (object === undefined)) rescope(key);
    },
    snapshot: () => snapshot,
    candidate: () => editTables(snapshot, edits(new Set())),
    isPending: (kinds) => [...pending.values()].some(({ kind }) => kinds.has(kind)),
    take(held) {
      const taken = edits(held);
      for (const [id, { kind }] of pending) if (!held.has(kind)) pending.delete(id);
      if (taken.length > 0) snapshot = editTables(snapshot, taken);
      return taken.map(({ kind, key }) => ({ kind, key })).sort(byObject);
    },
  };
}

function byObject(a: ObjectChange, b: ObjectChange): number {
  return a.kind === b.kind ? (a.key < b.key ? -1 : 1) : a.kind < b.kind ? -1 : 1;
}
