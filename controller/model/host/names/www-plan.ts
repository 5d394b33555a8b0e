/** The server block of a name that from-to-www-redirect redirects. */
import type { LiveRoute } from '../../../types/live-route.ts';
import type { HostPlan, LocationPlan } from '../../../types/plan.ts';
import { fingerprint } from '../../contract/fingerprint.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import { keyOf } from '../../contract/object-ref.ts';

/** Redirects `name` to `host` for every path; no other annotation of the Ingress applies to `name`. */
export function planWww(host: string, name: string, models: readonly IngressModel[]): HostPlan {
  const owner = models.find((model) => model.host.fromWww === true)?.ref;
  const routeId = fingerprint(JSON.stringify(['www', host, name]));
  const route: LiveRoute = {
    backend: null,
    ingress: owner === undefined ? '' : keyOf(owner),
    path: '/',
    tlsRedirect: 'never',
    tries: 1,
    balance: 'round_robin',
    hostRedirect: host,
  };
  const location: LocationPlan = {
    match: { kind: 'prefix', text: '/' },
    directives: [],
    pass: { protocol: 'http', tlsId: '' },
    routeId,
    owner,
  };
  return {
    host: name,
    isDefault: false,
    names: [{ kind: 'exact', text: name }],
    locations: [location],
    routes: new Map([[routeId, route]]),
    owners: owner === undefined ? [] : [owner],
  };
}
