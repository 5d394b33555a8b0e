/** Address, scheme, host and port of the client, if a proxy in front reports them. */
import { type ConfValue, literal, variable, word } from '../../types/conf-value.ts';
import type { ClientAddressPlan, ForwardedPlan } from '../../types/plan.ts';
import type { Settings } from './settings.ts';

/** A header that clients cannot send: HTTP/1 ends a name at the colon, HTTP/2 refuses one. */
const NEVER_SENT = literal('tidegate:none');

/**
 * Where the address comes from. PROXY protocol and a header together make a list of addresses, in a separate header; it
 * is written in the rewrite phase, and only locations read it, afterwards: in its first phase NGINX would read a header
 * that the client sent.
 */
export function clientAddress(settings: Settings): ClientAddressPlan | null {
  const { 'use-forwarded-headers': forwarded, 'use-proxy-protocol': proxy, 'enable-real-ip': realIp } = settings;
  if (!forwarded && !proxy && !realIp) return null;
  const trusted = settings['proxy-real-ip-cidr'].map((network) => literal(network));
  const name = settings['forwarded-for-header'];
  if (!proxy) return { header: name === null ? NEVER_SENT : word(name), trusted, list: null };
  if (!forwarded || name === null) return { header: word('proxy_protocol'), trusted, list: null };
  const own = word(settings['forwarded-for-proxy-protocol-header']);
  return { header: NEVER_SENT, trusted, list: { name: own, from: word(name) } };
}

/** Scheme, host and port of a request, if they may differ from those of its connection. */
export function forwardedPlan(settings: Settings): ForwardedPlan | null {
  const headers = settings['use-forwarded-headers'];
  if (!headers && !settings['use-proxy-protocol']) return null;
  return { headers, append: headers && settings['compute-full-forwarded-for'] };
}

/** What the client sent in this header. */
export function headerVariable(name: string): ConfValue {
  return variable(`http_${name.toLowerCase().replaceAll('-', '_')}`);
}
