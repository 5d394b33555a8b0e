/** Directives for error pages that a backend provides: see nginx/lua/tidegate/request/error_pages.lua. */
import { integer, namedLocation, word } from '../../types/conf-value.ts';
import { type Directive, directive } from '../../types/directive.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { HostPlan } from '../../types/plan.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import { forEveryModule, type PassDirective, passDirective } from '../contract/pass-directives.ts';
import type { Settings } from './settings.ts';

/** The named location for errors in templates/server.hbs. */
const LOCATION = 'tidegate_errors';

/** Passes errors to the named location. Without `=`, error_page keeps the status of the response. */
export function errorPage(codes: readonly number[]): Directive {
  return directive('error_page', ...codes.map(integer), namedLocation(LOCATION));
}

/** Determines whether error responses of endpoints are replaced by error pages, like errors of NGINX itself. */
export function intercept(errors: boolean): PassDirective {
  return passDirective('intercept_errors', word(errors ? 'on' : 'off'));
}

/**
 * Directives of a server block, for all locations without their own custom-http-errors. They cannot be at the http
 * level, because some server blocks of nginx.conf do not have the named location.
 */
function serverErrorPages(settings: Settings): readonly Directive[] {
  const codes = settings['custom-http-errors'];
  if (codes.length === 0) return [];
  const interception = settings['disable-proxy-intercept-errors'] ? [] : forEveryModule([intercept(true)]);
  return [errorPage(codes), ...interception];
}

/**
 * Error pages of a host; empty if no location of the host has error pages from a backend. `own`: routes of locations
 * with their own custom-http-errors.
 */
export function hostErrorPages(
  { host, settings }: { readonly host: string; readonly settings: Settings },
  own: ReadonlyMap<string, LiveRoute>,
): Pick<HostPlan, 'errorPages'> {
  const directives = serverErrorPages(settings);
  if (directives.length === 0 && own.size === 0) return {};
  const fallbacks = new Set([...own.values()].map(({ fallback }) => fallback));
  // Requests that no Ingress owns must not go to the backend of a tenant, except if all locations have the same
  // backend.
  const routeId = directives.length === 0 && fallbacks.size === 1 ? [...own.keys()][0] : undefined;
  return { errorPages: { directives, routeId, poolId: fingerprint(`errors of ${host}`) } };
}
