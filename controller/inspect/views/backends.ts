/** The endpoints of each Service port. */
import { addressText } from '../../types/addresses.ts';
import type { LiveBackend, LiveDocument } from '../../types/live.ts';
import type { LeftOutEndpoint } from '../../types/nginx.ts';
import type { Plan } from '../../types/plan.ts';
import type { Steps } from '../../types/steps.ts';
import type { BackendItem } from '../schema/backends.ts';
import type { PageQuery } from '../schema/parts.ts';
import { type BackendNames, servicePortOf } from './backend-names.ts';
import { selectedRoutes } from './routes.ts';

/** How many backends are examined in one step. */
const STRIDE = 64;

/** Keys of the backends that the filter selects. The filter `host` selects those that routes of the host refer to. */
export function* selectedBackends(
  plan: Plan,
  { host, namespace }: Pick<PageQuery, 'host' | 'namespace'>,
  names: BackendNames,
): Steps<readonly string[]> {
  const used = host === undefined ? undefined : new Set<string>();
  if (used !== undefined)
    for (const { route } of yield* selectedRoutes(plan, { host, namespace: undefined }))
      for (const key of [route.backend, route.fallback, ...(route.canaries ?? []).map(({ backend }) => backend)])
        if (key != null) used.add(key);
  const keys: string[] = [];
  let count = 0;
  for (const key of plan.live.backends.keys()) {
    const isMeant = namespace === undefined || servicePortOf(key, names).namespace === namespace;
    if (isMeant && used?.has(key) !== false) keys.push(key);
    count += 1;
    if (count % STRIDE === 0) yield;
  }
  return keys;
}

/** `backend address` → seconds, to look up each endpoint. */
export type LeftOutSeconds = ReadonlyMap<string, number>;

export function leftOutSeconds(leftOut: readonly LeftOutEndpoint[]): LeftOutSeconds {
  return new Map(leftOut.map(({ backend, endpoint, seconds }) => [`${backend} ${endpoint}`, seconds]));
}

/** The item for a backend, with its endpoints in the live data, which may be newer than the Plan. */
export function backendItem(
  key: string,
  live: LiveDocument,
  names: BackendNames,
  leftOut: LeftOutSeconds,
): BackendItem {
  const { endpoints } = JSON.parse(live.get(`b:${key}`) ?? '{"endpoints":[]}') as LiveBackend;
  return {
    backend: servicePortOf(key, names),
    key,
    endpoints: endpoints.map(([address, port, weight]) => {
      return { address, port, weight, leftOutSeconds: leftOut.get(`${key} ${addressText(address, port)}`) ?? null };
    }),
  };
}
