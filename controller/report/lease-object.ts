/** Reads and writes Leases of coordination.k8s.io/v1. */

export interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number | null;
  readonly acquireTime?: string | null;
  readonly renewTime?: string | null;
  readonly leaseTransitions?: number | null;
}

export interface LeaseObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Contains the resourceVersion. The API server rejects an update if the resourceVersion is outdated. */
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

/**
 * A time in RFC 3339 with six fractional digits, as the API server requires for a MicroTime. A JavaScript Date has only
 * three, which the API server rejects with a 400.
 */
export function microTime(at: Date): string {
  return at.toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}

/** The holder's identity; empty if there is no holder. */
export function holderOf(lease: LeaseObject): string {
  return lease.spec?.holderIdentity ?? '';
}

/** A new Lease that is held by `identity`. */
export function newLease(namespace: string, name: string, identity: string, seconds: number, at: Date): LeaseObject {
  const empty = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
  return { ...heldBy(empty, identity, seconds, at), metadata: { name, namespace } };
}

/**
 * The Lease after `identity` has acquired or renewed it. `leaseTransitions` counts only changes of the holder. Fields
 * of other writers are preserved.
 */
export function heldBy(lease: LeaseObject, identity: string, seconds: number, at: Date): LeaseObject {
  const time = microTime(at);
  const same = holderOf(lease) === identity;
  const transitions = lease.spec?.leaseTransitions ?? (lease.spec === undefined ? -1 : 0);
  return {
    ...lease,
    spec: {
      ...lease.spec,
      holderIdentity: identity,
      leaseDurationSeconds: seconds,
      acquireTime: same ? (lease.spec?.acquireTime ?? time) : time,
      renewTime: time,
      leaseTransitions: same ? transitions : transitions + 1,
    },
  };
}

/** The Lease without a holder, so that the next candidate can acquire it at once. */
export function givenBack(lease: LeaseObject, at: Date): LeaseObject {
  const time = microTime(at);
  return {
    ...lease,
    spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time },
  };
}
