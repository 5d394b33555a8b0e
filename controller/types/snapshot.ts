/**
 * Snapshot: the cluster as cluster/ saw it last. A Snapshot is immutable: a change makes a new one, which shares every
 * unchanged object. So calculations can be cached by object identity.
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

/** The kinds of objects that Tidegate reads, with the types in which they are stored. */
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

/** The kinds with the types of the API: EndpointSlices are stored in another form. */
export type WrittenKinds = Omit<Kinds, 'EndpointSlice'> & { EndpointSlice: V1EndpointSlice };

/** `namespace/name`; just `name` for the cluster-scoped IngressClass and Namespace. */
export type ObjectKey = string;

/** The namespace in a key. */
export function namespaceOf(key: ObjectKey): string {
  return key.slice(0, key.indexOf('/'));
}

/**
 * One read-only table for each kind. Every object has `metadata.name`; objects of namespaced kinds have
 * `metadata.namespace`, too.
 */
export type Snapshot = { readonly [K in Kind]: ReadonlyMap<ObjectKey, Kinds[K]> } & {
  /** EndpointSlices by the `namespace/name` of their Service (label kubernetes.io/service-name). */
  readonly slicesOfService: ReadonlyMap<ObjectKey, readonly KeptSlice[]>;
};

/** `namespace/name` of the objects that a build tried to read, including objects that do not exist. */
export interface ReferencedObjects {
  readonly secrets: ReadonlySet<ObjectKey>;
  readonly configMaps: ReadonlySet<ObjectKey>;
}

/** One object that was added, changed or deleted. */
export interface ObjectChange {
  readonly kind: Kind;
  readonly key: ObjectKey;
}

/** What a source of Snapshots emits after a change. */
export interface SnapshotEvent {
  readonly snapshot: Snapshot;
  readonly changes: readonly ObjectChange[];
  /** All current Problems of the objects that were read, not only new ones. */
  readonly problems: readonly Problem[];
  /** `performance.now()` at the time when the first change was noticed, for measuring latency. */
  readonly noticedAt: number;
}

/** A Snapshot without objects. */
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
