/** The addresses that server blocks listen on. */
import { type ConfValue, socketAddress, unixSocket, word } from '../types/conf-value.ts';
import type { StaticPlan } from '../types/plan.ts';
import type { StreamServer } from '../types/stream.ts';
import type { RenderOptions } from './options.ts';
import { runNames } from './run-names.ts';
import { isProxiedTo } from './tls-listener.ts';

type Listening = Pick<StaticPlan, 'listen' | 'http2' | 'http3' | 'passthrough'>;

/** All addresses: null stands for all IPv4 addresses, `::` for all IPv6 addresses. */
function everyAddress(
  { listen }: Pick<Listening, 'listen'>,
  { capabilities }: RenderOptions,
): readonly (string | null)[] {
  return listen.ipv6 && capabilities.ipv6 ? [null, '::'] : [null];
}

/** `first`: whether the server block is the one in which an address gets the parameters of its socket. */
function listensOn(addresses: readonly (string | null)[], plan: Listening, options: RenderOptions, first: boolean) {
  const proxy = plan.listen.proxyProtocol ? [word('proxy_protocol')] : [];
  const { httpPort, httpListenPort = httpPort } = options;
  const parameters = [...tlsParameters(plan, options), ...proxy, ...(first ? formerParameters(options) : [])];
  // Each worker needs its own UDP socket: a packet can only be read by the worker that has the connection. NGINX binds
  // only the wildcard addresses.
  const socket = (address: string | null) =>
    first && (address === null || address === '::') ? [word('reuseport')] : [];
  return addresses.flatMap((address) => [
    { address: socketAddress(address, httpListenPort), parameters: proxy },
    ...(plan.passthrough ? [] : [{ address: socketAddress(address, tlsPort(options)), parameters }]),
    ...(plan.http3 === null
      ? []
      : [{ address: socketAddress(address, tlsPort(options)), parameters: [word('quic'), ...socket(address)] }]),
  ]);
}

function tlsPort({ httpsPort, httpsListenPort = httpsPort }: RenderOptions): number {
  return httpsListenPort;
}

function tlsParameters({ http2 }: Listening, { capabilities }: RenderOptions) {
  return [word('ssl'), ...(http2 && !capabilities.http2Directive ? [word('http2')] : [])];
}

/** With TLS passthrough, HTTP servers get TLS connections only from the stream server on the TLS port. */
function ownListen(plan: Listening, options: RenderOptions) {
  const proxied = isProxiedTo(plan, options);
  if (!proxied && !plan.passthrough) return [];
  const header = proxied ? [word('proxy_protocol')] : [];
  const parameters = [...tlsParameters(plan, options), ...header];
  return [{ address: unixSocket(runNames(options).tlsSocket), parameters }];
}

/**
 * The addresses that the settings name, in the notation of `everyAddress`; `0.0.0.0` stands for all IPv4 addresses,
 * `::` for all IPv6 addresses.
 */
function namedAddresses(addresses: readonly string[], { capabilities }: RenderOptions): readonly (string | null)[] {
  const there = addresses.filter((address) => capabilities.ipv6 || !address.includes(':'));
  // All named addresses are IPv6 addresses, but IPv6 is not available. A server block without `listen` would listen on
  // port 80 of all addresses.
  if (there.length === 0) return ['127.0.0.1'];
  return there.map((address) => (address === '0.0.0.0' ? null : address));
}

/**
 * The `listen` directives of a server block. They are the same in all blocks, because nginx requires that an address
 * has the same parameters in every block; only `reuseport` is in the default server alone.
 */
export function listens(plan: Listening, options: RenderOptions, isDefault: boolean) {
  return [...listensOn(acceptedAddresses(plan, options), plan, options, isDefault), ...ownListen(plan, options)];
}

/**
 * After TLS passthrough was turned off, workers of the former configuration still accept connections, and need
 * `deferred` for that (see tls-listener.ts).
 */
function formerParameters({ keepsTlsSocket, capabilities }: RenderOptions) {
  return keepsTlsSocket === true && capabilities.streamPass === true ? [word('deferred')] : [];
}

function acceptedAddresses(plan: Listening, options: RenderOptions) {
  const { addresses } = plan.listen;
  return addresses === null ? everyAddress(plan, options) : namedAddresses(addresses, options);
}

/**
 * If the settings name addresses, all addresses that they do not name. nginx always binds the wildcard address and
 * checks to which address a connection was made. It cannot bind a single address while the wildcard address is bound,
 * nor the reverse. So if it bound only the named addresses, changing `bind-address` would make every later reload fail.
 */
export function otherAddresses(plan: Listening, options: RenderOptions) {
  return listensOn(unnamedAddresses(plan, options), plan, options, true);
}

function unnamedAddresses(plan: Listening, options: RenderOptions) {
  const { addresses } = plan.listen;
  if (addresses === null) return [];
  const named = new Set(namedAddresses(addresses, options));
  return everyAddress(plan, options).filter((address) => !named.has(address));
}

/** With TLS passthrough, the addresses of the stream server on the TLS port, and those that it refuses. */
export function tlsAddresses(plan: Listening, options: RenderOptions) {
  const onTlsPort = (address: string | null) => socketAddress(address, tlsPort(options));
  return {
    accepted: acceptedAddresses(plan, options).map(onTlsPort),
    refused: unnamedAddresses(plan, options).map(onTlsPort),
  };
}

/**
 * The `listen` parameters of a TCP or UDP service, and the other addresses that must be bound (see `otherAddresses`).
 * For UDP, each worker has its own socket, so that all datagrams of a client reach the same worker.
 */
export function streamListens(
  { port, protocol, proxyIn, certificate }: StreamServer,
  plan: Pick<StaticPlan, 'listen'>,
  options: RenderOptions,
) {
  const parameters: readonly ConfValue[] = [
    ...(protocol === 'UDP' ? [word('udp'), word('reuseport')] : []),
    ...(certificate === null ? [] : [word('ssl')]),
    ...(proxyIn ? [word('proxy_protocol')] : []),
  ];
  const at = (addresses: readonly (string | null)[]) =>
    addresses.map((address) => ({ address: socketAddress(address, port), parameters }));
  const { addresses } = plan.listen;
  const every = everyAddress(plan, options);
  if (addresses === null) return { listens: at(every), others: [] };
  const named = namedAddresses(addresses, options);
  return { listens: at(named), others: at(every.filter((address) => !named.includes(address))) };
}
