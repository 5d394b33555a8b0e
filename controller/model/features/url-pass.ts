/** How requests are passed to the host of a URL in an annotation. */
import { literal, word } from '../../types/conf-value.ts';
import { directive, type Directive } from '../../types/directive.ts';
import type { Pass } from '../../types/plan.ts';
import { fingerprint } from '../contract/fingerprint.ts';
import { isHostname } from '../values/names.ts';

/** With HTTPS, `host` is sent as SNI if it is a name, and connections are reused only for the given `purpose`. */
export function passToUrl(
  protocol: 'http' | 'https',
  host: string,
  purpose: 'auth' | 'mirror',
): { readonly pass: Pass; readonly directives: readonly Directive[] } {
  if (protocol !== 'https' || !isHostname(host)) return { pass: { protocol, tlsId: '' }, directives: [] };
  const sni = [directive('proxy_ssl_server_name', word('on')), directive('proxy_ssl_name', literal(host))];
  return { pass: { protocol, tlsId: fingerprint(JSON.stringify([purpose, host])) }, directives: sni };
}
