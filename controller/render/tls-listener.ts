/**
 * Who accepts connections on the TLS port. Without TLS passthrough, HTTP servers do. With it, a stream server does: it
 * reads the server name of the handshake and hands the connection to HTTP servers or to a backend.
 *
 * `pass`: NGINX's directive `pass` (1.25.5 and later) hands the connection over, with its client's address. `proxy`:
 * NGINX proxies it to a socket on which HTTP servers listen; a PROXY protocol header contains the addresses. An older
 * NGINX has only `proxy`.
 *
 * After a reload, an old worker cannot hand over connections whose handshake has not begun: it has no listening sockets
 * anymore. `listen … deferred` avoids this, because NGINX then accepts a connection when its first bytes have arrived.
 * With use-proxy-protocol, the first bytes are the proxy's, and the handshake may begin much later, so `proxy` is used.
 */
import { literal, variable, word } from '../types/conf-value.ts';
import type { ConfValue } from '../types/conf-value.ts';
import type { ClientAddressPlan, StaticPlan } from '../types/plan.ts';
import type { RenderOptions } from './options.ts';

export type TlsListener = 'http' | 'pass' | 'proxy';
type TlsPlan = Pick<StaticPlan, 'passthrough' | 'listen'>;
type TlsOptions = Pick<RenderOptions, 'capabilities' | 'keepsTlsSocket'>;

export function tlsListener({ passthrough, listen }: TlsPlan, { capabilities }: TlsOptions): TlsListener {
  if (!passthrough) return 'http';
  return capabilities.streamPass === true && !listen.proxyProtocol ? 'pass' : 'proxy';
}

/**
 * Whether HTTP servers listen on a socket to which NGINX proxies TLS connections. After TLS passthrough was turned off,
 * workers of the former configuration still connect to it for a moment.
 */
export function isProxiedTo(plan: TlsPlan, options: TlsOptions): boolean {
  const listener = tlsListener(plan, options);
  return listener === 'proxy' || (listener === 'http' && options.keepsTlsSocket === true);
}

/** Peers that are trusted because they are NGINX itself. */
const OWN = literal('unix:');
const PROXY_PROTOCOL = word('proxy_protocol');

/** Where the client's address comes from, including connections that NGINX proxies to its own socket. */
export function receivedClientAddress(
  plan: StaticPlan,
  options: RenderOptions,
): Omit<ClientAddressPlan, 'ownList'> | null {
  const { clientAddress: given } = plan;
  if (!isProxiedTo(plan, options)) return given;
  if (given === null) return { header: PROXY_PROTOCOL, trusted: [OWN], list: null };
  const trusted = [...given.trusted, OWN];
  if (given.ownList === null) return { header: PROXY_PROTOCOL, trusted, list: null };
  return { header: NEVER_SENT, trusted, list: given.ownList };
}

/** Name of a header that clients cannot send; see controller/model/settings/client-address.ts. */
const NEVER_SENT = literal('tidegate:none');

/** The address of the connection's peer: a client or a proxy in front of NGINX. */
export function peerVariable(plan: StaticPlan, options: RenderOptions): ConfValue {
  return variable(isProxiedTo(plan, options) ? 'tidegate_peer' : 'realip_remote_addr');
}
