/** How nginx.conf has errors answered by a backend: see nginx/lua/tidegate/request/error_pages.lua. */
import { integer, namedLocation, word } from '../../types/conf-value.ts';
import { type Directive, directive } from '../../types/directive.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { HostPlan } from '../../types/plan.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import { forEveryModule, type PassDirective, passDirective } from '../contract/pass-directives.ts';
import type { Settings } from './settings.ts';

/** The location that templates/server.hbs has for them. */
const LOCATION = 'tidegate_errors';

/** Each status keeps its own number on the way there: an `=` would lose it. */
export function errorPage(codes: readonly number[]): Directive {
  return directive('error_page', ...codes.map(integer), namedLocation(LOCATION));
}

/** Whether errors of the backend are taken for those of NGINX. */
export function intercept(errors: boolean): PassDirective {
  return passDirective('intercept_errors', word(errors ? 'on' : 'off'));
}

/**
 * What holds for every location of a host that has no list of its own. Not for all of nginx.conf: its other servers have
 * no such location.
 */
function serverErrorPages(settings: Settings): readonly Directive[] {
  const codes = settings['custom-http-errors'];
  if (codes.length === 0) return [];
  const interception = settings['disable-proxy-intercept-errors'] ? [] : forEveryModule([intercept(true)]);
  return [errorPage(codes), ...interception];
}

/** Nothing where no location of the host has its errors answered by a backend; `own`: routes that have a list of theirs. */
export function hostErrorPages(
  { host, settings }: { readonly host: string; readonly settings: Settings },
  own: ReadonlyMap<string, LiveRoute>,
): Pick<HostPlan, 'errorPages'> {
  const directives = serverErrorPages(settings);
  if (directives.length === 0 && own.size === 0) return {};
  const fallbacks = new Set([...own.values()].map(({ fallback }) => fallback));
  // Nobody's requests go to a neighbour: where there is a doubt, the default backend is asked.
  const routeId = directives.length === 0 && fallbacks.size === 1 ? [...own.keys()][0] : undefined;
  return { errorPages: { directives, routeId, poolId: fingerprint(`errors of ${host}`) } };
}
