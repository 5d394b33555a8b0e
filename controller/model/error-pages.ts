/** How nginx.conf has errors answered by a backend: see nginx/lua/tidegate/error_pages.lua. */
import { integer, namedLocation, word } from '../types/conf-value.ts';
import { type Directive, directive } from '../types/directive.ts';
import { forEveryModule, type PassDirective, passDirective } from './pass-directives.ts';
import type { Settings } from './settings/settings.ts';

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
export function serverErrorPages(settings: Settings): readonly Directive[] {
  const codes = settings['custom-http-errors'];
  if (codes.length === 0) return [];
  const interception = settings['disable-proxy-intercept-errors'] ? [] : forEveryModule([intercept(true)]);
  return [errorPage(codes), ...interception];
}
