import type { BackendRef } from '../../types/plan.ts';

/** Key of a backend in the live data, without the prefix `b:`. */
export function backendKey(ref: BackendRef): string {
  return `${ref.namespace}/${ref.service.replaceAll(':', '-')}/${portKey(ref)}`;
}

/**
 * Last part of a backend's key: the port, with the suffix `.service` if requests go to the Service's cluster IP instead
 * of its endpoints, and `.udp` for a UDP port. Port names never contain a dot, so no port name has such a suffix.
 */
export function portKey({ port, viaService, udp }: BackendRef): string {
  return `${port}${viaService === true ? '.service' : ''}${udp === true ? '.udp' : ''}`;
}
