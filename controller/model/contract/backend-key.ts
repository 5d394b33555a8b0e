import type { BackendRef } from '../../types/plan.ts';

/** Key of a backend in the live data, without its `b:`. Port names never contain a dot. */
export function backendKey(ref: BackendRef): string {
  return `${ref.namespace}/${ref.service.replaceAll(':', '-')}/${portKey(ref)}`;
}

/** Tells the ports of one Service apart, and its endpoints from its own address. */
export function portKey({ port, viaService }: BackendRef): string {
  return viaService === true ? `${port}.service` : `${port}`;
}
