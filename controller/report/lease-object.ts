/** The Lease of coordination.k8s.io/v1: reading and writing it. */

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
  /** Contains the resourceVersion, which makes every update conditional. */
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion?: string };
  readonly spec?: LeaseSpec;
}

/** RFC 3339 with six digits, as the API server requires for a MicroTime. A Date's own three digits lead to a 400. */
export function microTime(at: Date): string {
  return at.toISOString().replace(/(\.\d{3})Z$/, '$1000Z');
}

/** The holder; empty if there is none. */
export function holderOf(lease: LeaseObject): string {
  return lease.spec?.holderIdentity ?? '';
}

/** A Lease that does not exist yet, held by `identity`. */
export function newLease(namespace: string, name: string, identity: string, seconds: number, at: Date): LeaseObject {
  const empty = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
  return { ...heldBy(empty, identity, seconds, at), metadata: { name, namespace } };
}

/** Taken or renewed. Transitions count only changes of the holder; fields of other writers stay. */
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

/** Given back: without a holder, so that the next candidate may take it at once. */
export function givenBack(lease: LeaseObject, at: Date): LeaseObject {
  const time = microTime(at);
  return {
    ...lease,
    spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1, acquireTime: time, renewTime: time },
  };
}
