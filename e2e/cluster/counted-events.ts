/**
 * Sites whose requests cause the events that NGINX counts: retries, and cached responses of authentication services.
 */
import { hostOf, ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { sendBurst } from './burst.ts';
import { asJson, type Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

/** One of two pods of this site refuses connections. */
export const RETRIED = 'retried';
/** Responses of this site's authentication service are cached by the header Authorization. */
export const CACHED = 'cached';

export async function addEventSites(cluster: Cluster): Promise<void> {
  for (const site of [CACHED, 'auth']) cluster.addSite(site);
  const annotations = {
    'auth-url': `http://auth.${NAMESPACE}.svc/verify`,
    'auth-cache-key': '$http_authorization',
  };
  cluster.emulator.put(asJson(ingressOf(CACHED, CACHED, { annotations })));
  cluster.addSite(RETRIED, 2);
  const [refusing = ''] = cluster.addresses(RETRIED);
  await cluster.backends.down(refusing);
}

/** Causes retries; for this `authorization`, a miss in the cache and then hits; and requests that cannot be cached. */
export async function causeEvents(pod: Pod, authorization: string): Promise<void> {
  const headers = { Authorization: authorization };
  await sendBurst(pod, { host: hostOf(CACHED), count: 1, headers });
  await sendBurst(pod, { host: hostOf(CACHED), count: 5, headers });
  await sendBurst(pod, { host: hostOf(CACHED), count: 2 });
  await sendBurst(pod, { host: hostOf(RETRIED), count: 10 });
}
