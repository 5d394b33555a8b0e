/** Which part of the requests of a path goes where. */
import type { AnswerOf } from '../../../controller/inspect/schema/endpoints.ts';

export type RouteItem = AnswerOf<'routes'>['items'][number];
export type BackendItem = AnswerOf<'backends'>['items'][number];
export type ServicePort = BackendItem['backend'];

/** `shop/web:80`; a target outside the cluster has no namespace. */
export function serviceText({ namespace, service, port }: ServicePort): string {
  return `${namespace === '' ? '' : `${namespace}/`}${service}${port === '' ? '' : `:${port}`}`;
}

/** Share of each endpoint of a backend, by their weights, from 0 to 1. Endpoints that are left out get none. */
export function endpointShares(endpoints: BackendItem['endpoints']): readonly number[] {
  const used = endpoints.some(({ leftOutSeconds }) => leftOutSeconds === null);
  // If all of them are left out, NGINX uses all of them again.
  const weights = endpoints.map(({ weight, leftOutSeconds }) => (used && leftOutSeconds !== null ? 0 : weight));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum === 0 ? 1 / weights.length : weight / sum));
}

export interface Destination {
  readonly backend: ServicePort;
  readonly role: 'main' | 'canary' | 'fallback';
  /** Share of the requests, from 0 to 1, for which neither a header nor a cookie decides; null for a fallback. */
  readonly share: number | null;
  /** What else selects it: `header X-Next`, `cookie beta`. */
  readonly selectors: readonly string[];
}

/** The backends of a path: what canaries do not get goes to the main one. */
export function destinationsOf({ backend, canaries, fallback }: RouteItem): readonly Destination[] {
  if (backend === null) return [];
  const chosen: Destination[] = canaries.map(({ backend: canary, weight, total, header, cookie }) => ({
    backend: canary,
    role: 'canary',
    share: total === 0 ? 0 : Math.min(1, weight / total),
    selectors: [...(header === null ? [] : [`header ${header}`]), ...(cookie === null ? [] : [`cookie ${cookie}`])],
  }));
  const taken = chosen.reduce((sum, { share }) => sum + (share ?? 0), 0);
  return [
    { backend, role: 'main', share: Math.max(0, 1 - taken), selectors: [] },
    ...chosen,
    ...(fallback === null ? [] : [{ backend: fallback, role: 'fallback', share: null, selectors: [] } as const]),
  ];
}

/** Backends by what `serviceText` says, with and without the address of the Service. */
export function backendsByService(items: readonly BackendItem[]): ReadonlyMap<string, BackendItem> {
  return new Map(items.map((item) => [`${serviceText(item.backend)} ${item.backend.viaService}`, item]));
}

export function backendOf(known: ReadonlyMap<string, BackendItem>, backend: ServicePort): BackendItem | undefined {
  return known.get(`${serviceText(backend)} ${backend.viaService}`);
}
