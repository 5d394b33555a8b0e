/** How the address, scheme, host and port of a client are determined if a proxy in front of NGINX reports them. */
import { type ConfValue, literal, variable, word } from '../../types/conf-value.ts';
import type { ClientAddressPlan, ForwardedPlan } from '../../types/plan.ts';
import type { Settings } from './settings.ts';

/**
 * Name of a header that clients cannot send, because it contains a colon: in HTTP/1, a colon ends the name, and HTTP/2
 * refuses such names.
 */
const NEVER_SENT = literal('tidegate:none');

/**
 * The source of the client's address. If both the PROXY protocol and a header are used, their addresses are combined
 * into a list in a separate request header. Lua writes this header in the rewrite phase, and NGINX reads it afterwards,
 * only in locations. Before that phase, NGINX would read a header of the same name from the client.
 */
export function clientAddress(settings: Settings): ClientAddressPlan | null {
  const { 'use-forwarded-headers': forwarded, 'use-proxy-protocol': proxy, 'enable-real-ip': realIp } = settings;
  if (!forwarded && !proxy && !realIp) return null;
  const trusted = settings['proxy-real-ip-cidr'].map((network) => literal(network));
  const name = settings['forwarded-for-header'];
  const own = word(settings['forwarded-for-proxy-protocol-header']);
  const ownList = name === null ? null : { name: own, from: word(name) };
  if (!proxy) return { header: name === null ? NEVER_SENT : word(name), trusted, list: null, ownList };
  if (!forwarded || ownList === null) return { header: word('proxy_protocol'), trusted, list: null, ownList: null };
  return { header: NEVER_SENT, trusted, list: ownList, ownList };
}

/** Set if the scheme, host and port of a request may differ from those of its connection; otherwise null. */
export function forwardedPlan(settings: Settings): ForwardedPlan | null {
  const headers = settings['use-forwarded-headers'];
  if (!headers && !settings['use-proxy-protocol']) return null;
  return { headers, append: headers && settings['compute-full-forwarded-for'] };
}

/** The variable with the value of this header as the client sent it. */
export function headerVariable(name: string): ConfValue {
  return variable(`http_${name.toLowerCase().replaceAll('-', '_')}`);
}
