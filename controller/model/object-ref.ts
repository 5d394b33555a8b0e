import type { V1Ingress } from '@kubernetes/client-node';
import type { ObjectRef } from '../types/problem.ts';

export function ingressRef(ingress: V1Ingress): ObjectRef {
  return { kind: 'Ingress', namespace: ingress.metadata?.namespace ?? '', name: ingress.metadata?.name ?? '' };
}

/** `namespace/name` */
export function keyOf(ref: ObjectRef): string {
  return `${ref.namespace}/${ref.name}`;
}

/**
 * Oldest first; equal or missing time stamps: namespace/name descending (annotations-notes, section 2). An Ingress
 * without a time stamp counts as oldest.
 */
export function byAge(a: V1Ingress, b: V1Ingress): number {
  const [timeA, timeB] = [createdAt(a), createdAt(b)];
  if (timeA !== timeB) return timeA - timeB;
  const [keyA, keyB] = [keyOf(ingressRef(a)), keyOf(ingressRef(b))];
  return keyA < keyB ? 1 : keyA > keyB ? -1 : 0;
}

function createdAt(ingress: V1Ingress): number {
  // A Date from a typed client, a string from a manifest or a watch.
  const stamp: Date | string | undefined = ingress.metadata?.creationTimestamp;
  const time = stamp === undefined ? 0 : new Date(stamp).getTime();
  return Number.isNaN(time) ? 0 : time;
}
