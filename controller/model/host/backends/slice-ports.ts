/** The port of an EndpointSlice that belongs to a port of its Service. */
import type { V1ServicePort } from '@kubernetes/client-node';
import type { KeptSlice } from '../../../types/endpoint-slice.ts';

export const NO_SLICES: readonly KeptSlice[] = [];

/** Undefined if the slice has no such port. */
export function slicePort(slice: KeptSlice, port: V1ServicePort): number | undefined {
  if (slice.ports === undefined || slice.ports.length === 0) {
    return typeof port.targetPort === 'number' ? port.targetPort : undefined;
  }
  return slice.ports.find((each) => (each.name ?? '') === (port.name ?? '') && (each.protocol ?? 'TCP') === 'TCP')
    ?.port;
}
