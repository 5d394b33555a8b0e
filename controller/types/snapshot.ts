/**
 * Snapshot: the cluster as cluster/ last saw it. Immutable: a change makes a new Snapshot that shares
 * every untouched object, so that object identity is a valid memo key.
 */
import type {
  V1ConfigMap,
  V1EndpointSlice,
  V1Ingress,
  V1IngressClass,
  V1Namespace,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node';
import type { KeptSlice } from './endpoint-slice.ts';
import type { Problem } from './problem.ts';

/** The kinds Tidegate reads, and the type of each. */
export interface Kinds {
  Ingress: V1Ingress;
  IngressClass: V1IngressClass;
  Service: V1Service;
  EndpointSlice: KeptSlice;
  Secret: V1Secret;
  ConfigMap: V1ConfigMap;
  Namespace: V1Namespace;
}
export type Kind = keyof Kinds;

/** The kinds by name. */
export type WrittenKinds = Omit<Kinds, 'EndpointSlice'> & { EndpointSlice: V1EndpointSlice };

/** `namespace/name`; just `name` for the cluster-scoped IngressClass and Namespace. */
export type ObjectKey = string;

/**
 * One read-only table for each kind. Every object has `metadata.name`, and `metadata.namespace` if its kind is
 * namespaced.
 */
export type Snapshot = { readonly [K in Kind]: ReadonlyMap<ObjectKey, Kinds[K]> } & {
  /** EndpointSlices by the `namespace/name` of their Service (label kubernetes.io/service-name). */
  readonly slicesOfService: ReadonlyMap<ObjectKey, readonly KeptSlice[]>;
};

/** `namespace/name` of the objects that a build looked at, existing or not. */
export interface ReferencedObjects {
  readonly secrets: ReadonlySet<ObjectKey>;
  readonly configMaps: ReadonlySet<ObjectKey>;
}

/** One object that was added, changed or deleted. */
export interface ObjectChange {
  readonly kind: Kind;
  readonly key: ObjectKey;
}

/** The output of a source of Snapshots. */
export interface SnapshotEvent {
  readonly snapshot: Snapshot;
  readonly changes: readonly ObjectChange[];
  /** All current Problems of what was read, not only new ones. */
  readonly problems: readonly Problem[];
  /** `performance.now()` when the first of the changes was noticed, for latency figures. */
  readonly noticedAt: number;
}

/** A Snapshot with nothing in it. */
export function emptySnapshot(): Snapshot {
  return {
    Ingress: new Map(),
    IngressClass: new Map(),
    Service: new Map(),
    EndpointSlice: new Map(),
    Secret: new Map(),
    ConfigMap: new Map(),
    Namespace: new Map(),
    slicesOfService: new Map(),
  };
}
