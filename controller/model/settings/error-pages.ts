/** Directives by which a backend answers errors: see nginx/lua/tidegate/request/error_pages.lua. */
import { integer, namedLocation, word } from '../../types/conf-value.ts';
import { type Directive, directive } from '../../types/directive.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { HostPlan } from '../../types/plan.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import { forEveryModule, type PassDirective, passDirective } from '../contract/pass-directives.ts';
import type { Settings } from './settings.ts';

/** The location in templates/server.hbs for errors. */
const LOCATION = 'tidegate_errors';

/** Each status is kept on the way there: an `=` would lose it. */
export function errorPage(codes: readonly number[]): Directive {
  return directive('error_page', ...codes.map(integer), namedLocation(LOCATION));
}

/** Whether errors of the backend are treated like errors of NGINX. */
export function intercept(errors: boolean): PassDirective {
  return passDirective('intercept_errors', word(errors ? 'on' : 'off'));
}

/**
 * Directives for all locations of a host without their own list. Not at the http level: other servers of nginx.conf
 * have no such location.
 */
function serverErrorPages(settings: Settings): readonly Directive[] {
  const codes = settings['custom-http-errors'];
  if (codes.length === 0) return [];
  const interception = settings['disable-proxy-intercept-errors'] ? [] : forEveryModule([intercept(true)]);
  return [errorPage(codes), ...interception];
}

/** Undefined if a backend answers errors for no location of the host; `own`: routes with their own list. */
export function hostErrorPages(
  { host, settings }: { readonly host: string; readonly settings: Settings },
  own: ReadonlyMap<string, LiveRoute>,
): Pick<HostPlan, 'errorPages'> {
  const directives = serverErrorPages(settings);
  if (directives.length === 0 && own.size === 0) return {};
  const fallbacks = new Set([...own.values()].map(({ fallback }) => fallback));
  // Requests without an owner must not go to another tenant: in doubt, the default backend answers.
  const routeId = directives.length === 0 && fallbacks.size === 1 ? [...own.keys()][0] : undefined;
  return { errorPages: { directives, routeId, poolId: fingerprint(`errors of ${host}`) } };
}
