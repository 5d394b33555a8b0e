/** Comments that name the objects that a part of nginx.conf was made for, and where its requests go. */
import { comment, type ConfComment } from '../types/conf-comment.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { HostPlan, LocationPlan } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';

/** Maximum number of owners of a server block, and of canaries of a path, that a comment names. */
const MOST_NAMED = 5;

function nameOf({ namespace, name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

/** `shop/api/8080` → `shop/api:8080`; a target outside the cluster has no namespace. */
function targetOf(backend: string): string {
  return backend
    .replace(/\.service$/, '')
    .replace(/^-\d?\//, '')
    .replace(/\/([^/]*)$/, ':$1');
}

function answerOf({ deny, redirect, hostRedirect, backend }: LiveRoute): string {
  if (deny !== undefined) return String(deny);
  if (redirect !== undefined || hostRedirect !== undefined) return 'redirect';
  return backend === null ? '404' : targetOf(backend);
}

/** The comment of a location: `# shop/web: /api -> shop/api:8080` */
export function whoseLocation({ owner, routeId, mirror, authRequest }: LocationPlan, host: HostPlan): ConfComment {
  const route = host.routes.get(routeId);
  if (route === undefined) return comment`No route.`;
  const answer = answerOf(route);
  if (owner === undefined) return comment`No Ingress: ${route.path} -> ${answer}`;
  const name = nameOf(owner);
  if (mirror !== undefined) return comment`${name}: copies of requests -> ${answer}`;
  if (authRequest !== undefined) return comment`${name}: auth_request subrequests -> ${answer}`;
  const canaries = (route.canaries ?? []).slice(0, MOST_NAMED).map(({ backend }) => targetOf(backend));
  if (canaries.length === 0) return comment`${name}: ${route.path} -> ${answer}`;
  return comment`${name}: ${route.path} -> ${answer}, canaries ${canaries}`;
}

/** The comment of a server block: the Ingresses of its host. */
export function whoseServer({ owners }: HostPlan): ConfComment {
  const names = owners.slice(0, MOST_NAMED).map(nameOf);
  const more = owners.length - names.length;
  if (names.length === 0) return comment`No Ingress.`;
  return more === 0 ? comment`${names}` : comment`${names} and ${String(more)} more`;
}
