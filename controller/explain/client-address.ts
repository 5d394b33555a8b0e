/**
 * The client's address, scheme, host and port if trusted proxies report them: NGINX's realip module, and
 * nginx/lua/tidegate/request/forwarded.lua.
 */
import { directive } from '../types/directive.ts';
import type { ClientAddressPlan, StaticPlan } from '../types/plan.ts';
import { judgeRules } from './address-rules.ts';
import { type ExplainedRequest, headerOf } from './request.ts';

/** The ports that clients use, from the flags --http-port and --https-port. */
export interface ClientPorts {
  readonly http: number;
  readonly https: number;
}

function isTrusted({ trusted }: ClientAddressPlan, address: string | undefined): boolean {
  if (address === undefined) return false;
  return (
    judgeRules(
      trusted.map((network) => directive('allow', network)),
      address,
    ) === 'a'
  );
}

/** Whether the peer of the connection may report the client's address. */
function trustsPeer(plan: ClientAddressPlan, { from, proxied }: ExplainedRequest): boolean {
  return from === undefined ? proxied !== undefined : isTrusted(plan, from);
}

/** An address without the port that some proxies append; undefined if the item is not an address. */
function bare(item: string): string | undefined {
  const [, four] = /^\s*(\d+\.\d+\.\d+\.\d+)(?::\d*)?\s*$/.exec(item) ?? [];
  const [, six] = /^\s*\[?([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*?)(?:\]:?\d*)?\s*$/.exec(item) ?? [];
  return four ?? six;
}

/** Walks a list of addresses from its end, up to the first one that is not a trusted proxy. */
function fromList(plan: ClientAddressPlan, list: string, peer: string | undefined): string | undefined {
  let client = peer;
  for (const item of list.split(',').toReversed()) {
    const address = bare(item);
    if (address === undefined) break;
    client = address;
    if (!isTrusted(plan, address)) break;
  }
  return client;
}

function addressList({ list }: ClientAddressPlan, request: ExplainedRequest, trusted: boolean): string {
  const own = request.proxied?.address ?? '';
  const sent = list === null || !trusted ? undefined : headerOf(request, list.from.meaning);
  return sent === undefined ? own : `${sent}, ${own}`;
}

/** `$remote_addr`; undefined if the address of the connection is not known. */
export function clientAddressOf({ clientAddress: plan }: StaticPlan, request: ExplainedRequest): string | undefined {
  const { from, proxied } = request;
  if (plan === null || !trustsPeer(plan, request)) return from;
  if (plan.list !== null) return fromList(plan, addressList(plan, request, isTrusted(plan, proxied?.address)), from);
  if (plan.header.meaning === 'proxy_protocol') return proxied?.address ?? from;
  const sent = headerOf(request, plan.header.meaning);
  return sent === undefined ? from : fromList(plan, sent, from);
}

export interface SeenOrigin {
  readonly scheme: 'http' | 'https';
  readonly askedHost: string;
  readonly port: string;
}

function first(value: string | undefined): string | undefined {
  const item = value?.split(',')[0]?.trim();
  return item === '' ? undefined : item;
}

/**
 * Returns a function that reads a header of a trusted proxy. If the peer is not trusted, every header counts as absent.
 */
function reportedBy({ forwarded, clientAddress }: StaticPlan, request: ExplainedRequest) {
  const trusted =
    forwarded?.headers === true &&
    clientAddress !== null &&
    trustsPeer(clientAddress, request) &&
    (clientAddress.list === null || isTrusted(clientAddress, request.proxied?.address));
  return (name: string): string | undefined => (trusted ? first(headerOf(request, name)) : undefined);
}

/** The scheme that the port in the PROXY protocol header stands for; undefined if the port does not determine it. */
function schemeOfPort({ clientAddress, listen }: StaticPlan, request: ExplainedRequest): 'https' | undefined {
  const trusted = listen.proxyProtocol && clientAddress !== null && trustsPeer(clientAddress, request);
  return trusted && request.proxied?.port === 443 ? 'https' : undefined;
}

/** Scheme, host and port that the client used. */
export function seenOrigin(
  plan: StaticPlan,
  request: ExplainedRequest,
  askedHost: string,
  ports: ClientPorts,
): SeenOrigin {
  if (plan.forwarded === null) return { scheme: request.scheme, askedHost, port: String(ports[request.scheme]) };
  const reported = reportedBy(plan, request);
  const [proto, host, port] = [
    reported('x-forwarded-proto'),
    reported('x-forwarded-host'),
    reported('x-forwarded-port'),
  ];
  const said = proto === 'http' || proto === 'https' ? proto : request.scheme;
  const scheme = schemeOfPort(plan, request) ?? said;
  return {
    scheme,
    askedHost: host !== undefined && /^[A-Za-z0-9.\-[\]:_]+$/.test(host) ? host : askedHost,
    port: port !== undefined && /^\d{1,5}$/.test(port) ? port : String(ports[scheme]),
  };
}
