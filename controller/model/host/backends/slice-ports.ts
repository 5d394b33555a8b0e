/** The port of an EndpointSlice that belongs to a port of its Service. */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import type { KeptSlice } from '../../../types/endpoint-slice.ts';
import { isPort } from '../../../types/ports.ts';
import type { RefusedPort } from './refused-addresses.ts';

export const NO_SLICES: readonly KeptSlice[] = [];

/** Index of the port; -1 if the slice has no such port. */
function indexIn({ ports = [] }: KeptSlice, { name = '', protocol = 'TCP' }: V1ServicePort): number {
  return ports.findIndex((each) => (each.name ?? '') === name && (each.protocol ?? 'TCP') === protocol);
}

/**
 * Undefined if the slice has no such port, or if its number is not one; `refusedPortIn` then says which number it is.
 */
export function slicePort(slice: KeptSlice, port: V1ServicePort): number | undefined {
  const number = writtenPort(slice, port);
  return isPort(number) ? number : undefined;
}

function writtenPort(slice: KeptSlice, port: V1ServicePort): unknown {
  if (slice.ports !== undefined && slice.ports.length > 0) return slice.ports[indexIn(slice, port)]?.port;
  return typeof port.targetPort === 'number' ? port.targetPort : undefined;
}

/**
 * The port of the slice, or the targetPort of its Service, if it is not a port number. The API server accepts any whole
 * number in an EndpointSlice.
 */
export function refusedPortIn(slice: KeptSlice, service: V1Service, port: V1ServicePort): RefusedPort | undefined {
  const value = writtenPort(slice, port);
  if (value === undefined || value === null || isPort(value)) return undefined;
  const { namespace = '', name = '' } = slice.metadata ?? {};
  const at = indexIn(slice, port);
  return at < 0
    ? refusedServicePort(service, port, 'targetPort', value)
    : { object: { kind: 'EndpointSlice', namespace, name }, field: ['ports', at, 'port'], port: value };
}

/** A number of a port of a Service that is not a port number. */
export function refusedServicePort(
  { metadata, spec }: V1Service,
  port: V1ServicePort | undefined,
  field: 'port' | 'targetPort',
  value: unknown,
): RefusedPort {
  const { namespace = '', name = '' } = metadata ?? {};
  const at = port === undefined ? -1 : (spec?.ports ?? []).indexOf(port);
  return {
    object: { kind: 'Service', namespace, name },
    field: at < 0 ? ['spec', 'ports'] : ['spec', 'ports', at, field],
    port: value,
  };
}
