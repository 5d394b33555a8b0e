import type { V1Ingress, V1ObjectMeta } from '@kubernetes/client-node';
import type { ObjectRef } from '../../types/problem.ts';

export function ingressRef(ingress: V1Ingress): ObjectRef {
  return { kind: 'Ingress', namespace: ingress.metadata?.namespace ?? '', name: ingress.metadata?.name ?? '' };
}

/** `namespace/name` */
export function keyOf(ref: ObjectRef): string {
  return `${ref.namespace}/${ref.name}`;
}

/** When an object was created, ms since 1970; 0 (oldest of all) if unknown. */
export function createdAt(object: { readonly metadata?: V1ObjectMeta }): number {
  // A typed client returns a Date; a manifest or a watch contains a string.
  const stamp: Date | string | undefined = object.metadata?.creationTimestamp;
  const time = stamp === undefined ? 0 : new Date(stamp).getTime();
  return Number.isNaN(time) ? 0 : time;
}
