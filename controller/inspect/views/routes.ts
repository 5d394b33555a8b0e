/** The locations of nginx.conf with their routes. */
import type { LiveRoute } from '../../types/live-route.ts';
import type { HostPlan, LocationPlan, Plan } from '../../types/plan.ts';
import type { Steps } from '../../types/steps.ts';
import type { PageQuery } from '../schema/parts.ts';
import type { RouteItem } from '../schema/routes.ts';
import { type BackendNames, servicePortOf } from './backend-names.ts';
import { findHost } from './host.ts';

export interface FoundRoute {
  readonly host: HostPlan;
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

type Filter = Pick<PageQuery, 'host' | 'namespace'>;

/** The hosts that a filter selects: the host that serves a name, or all of them. */
export function* selectedHosts({ hosts }: Plan['static'], name: string | undefined): Steps<readonly HostPlan[]> {
  if (name === undefined) return [...hosts.values()];
  const found = yield* findHost(hosts, name);
  return found === undefined ? [] : [found.host];
}

/** All routes that the filter selects, in the order of nginx.conf. Internal locations of NGINX are left out. */
export function* selectedRoutes(plan: Plan, { host: name, namespace }: Filter): Steps<readonly FoundRoute[]> {
  const routes: FoundRoute[] = [];
  for (const host of yield* selectedHosts(plan.static, name)) {
    for (const location of host.locations) {
      const route = host.routes.get(location.routeId);
      const isInternal = location.mirror !== undefined || location.authRequest !== undefined;
      const isOther = namespace !== undefined && location.owner?.namespace !== namespace;
      if (route !== undefined && !isInternal && !isOther) routes.push({ host, location, route });
    }
    yield;
  }
  return routes;
}

/** `redirectCode`: the status of redirects that have no status of their own. */
export function routeItem(
  { host, location: { match, owner, routeId }, route }: FoundRoute,
  names: BackendNames,
  redirectCode: number,
): RouteItem {
  const answer = answerOf(route, redirectCode);
  return {
    host: host.host,
    path: route.path,
    match: match.kind,
    pattern: match.text,
    ingress: owner === undefined ? null : `${owner.namespace}/${owner.name}`,
    ...answer,
    closedBy: route.closedBy ?? null,
    backend: answer.answer === 'backend' && route.backend !== null ? servicePortOf(route.backend, names) : null,
    fallback: route.fallback === undefined ? null : servicePortOf(route.fallback, names),
    canaries: (route.canaries ?? []).map(({ backend, weight, total, header, cookie }) => ({
      backend: servicePortOf(backend, names),
      weight,
      total,
      header: header?.name ?? null,
      cookie: cookie ?? null,
    })),
    tlsRedirect: route.tlsRedirect,
    id: routeId,
  };
}

/** What requests get, in the order in which NGINX's workers decide it. */
function answerOf(route: LiveRoute, redirectCode: number): Pick<RouteItem, 'answer' | 'status' | 'redirect'> {
  const { deny, hostRedirect, redirect, slashRedirect, backend } = route;
  const to = (status: number, where: string) => ({ answer: 'redirect', status, redirect: where }) as const;
  if (deny !== undefined) return { answer: 'deny', status: deny, redirect: null };
  if (hostRedirect !== undefined) return to(redirectCode, `$scheme://${hostRedirect}$request_uri`);
  if (redirect !== undefined) return to(redirect.code, `${redirect.to}${(redirect.rest ?? []).join('')}`);
  if (slashRedirect !== undefined) return to(301, `${slashRedirect}/`);
  if (backend !== null) return { answer: 'backend', status: null, redirect: null };
  return { answer: 'not-found', status: 404, redirect: null };
}
