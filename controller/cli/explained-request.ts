/** Reads, from the arguments of `tidegate explain`, the request to explain. */
import { hostName } from '../explain/host-header.ts';
import { toBytes } from '../explain/bytes.ts';
import type { ExplainedRequest } from '../explain/request.ts';
import { withoutBrackets } from '../types/addresses.ts';
import { isPort } from '../types/ports.ts';
import { ip4, ip6 } from '../types/ip-numbers.ts';
import type { Plan } from '../types/plan.ts';
import type { Arguments } from './flag-values.ts';
import { UsageError } from './usage-error.ts';

type Given = Pick<Arguments<'explain'>, 'method' | 'header' | 'from' | 'clientCert'>;

const DEFAULT_PORTS = { http: 80, https: 443 } as const;
const URL_EXAMPLE = 'for example https://shop.example.com/cart?item=1';

interface Site {
  readonly scheme: 'http' | 'https';
  /** The host with its port, as clients send it in the Host header. */
  readonly host: string;
  readonly target: string;
}

/** Splits a URL without changing the path, as `curl --path-as-is` does. */
function readUrl(text: string): Site {
  const [, scheme, host = '', rest = ''] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(text) ?? [];
  if (scheme === undefined)
    throw new UsageError(
      `${JSON.stringify(text)} is not a URL with http or https; the first argument must be a URL, ${URL_EXAMPLE}`,
    );
  if (host.includes('@'))
    throw new UsageError(
      `the URL ${JSON.stringify(text)} has a user name before its host; leave it out, and give -H 'Authorization: …' instead`,
    );
  if (hostName(toBytes(host)) === undefined)
    throw new UsageError(`the URL ${JSON.stringify(text)} has no valid host; ${URL_EXAMPLE}`);
  if (/[\0-\x20\x7f]/.test(rest))
    throw new UsageError(`the URL ${JSON.stringify(text)} has a space or a control character; write it as %20`);
  return {
    scheme: scheme.toLowerCase() as Site['scheme'],
    host,
    target: rest.startsWith('/') ? rest : `/${rest}`,
  };
}

function readHeader(line: string): readonly [name: string, value: string] {
  const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(line) ?? [];
  if (name !== undefined && !/[\0-\x08\x0a-\x1f\x7f]/.test(value)) return [name, value];
  throw new UsageError(`--header: ${JSON.stringify(line)} is not a header; write, for example, "X-Canary: always"`);
}

function isAddress(text: string): boolean {
  return ip4(text) !== undefined || ip6(text) !== undefined;
}

/** The port in a URL; undefined if it has none, or the usual one. */
function portOf(url: string, host: string, usual: number): number | undefined {
  const [, text = ''] = /:(\d*)$/.exec(host) ?? [];
  const port = text === '' ? usual : Number(text);
  if (!isPort(port))
    throw new UsageError(`the URL ${JSON.stringify(url)} has the port ${text}, which is not 1 to 65535`);
  return port === usual ? undefined : port;
}

/** Reads the request. Throws a UsageError that names what is wrong. */
export function explainedRequest(url: string, given: Given): ExplainedRequest {
  const { scheme, host, target } = readUrl(url);
  const own = given.header.split('\n').flatMap((line) => (line === '' ? [] : [readHeader(line)]));
  const named = own.some(([name]) => name.toLowerCase() === 'host');
  if (given.from !== '' && !isAddress(given.from))
    throw new UsageError(`--from: ${JSON.stringify(given.from)} is not an IP address; write, for example, 192.0.2.7`);
  if (!/^[A-Z_-]+$/.test(given.method))
    throw new UsageError(`--method: ${JSON.stringify(given.method)} is not a method; write, for example, POST`);
  const name = host.replace(/:\d*$/, '');
  const subject = given.clientCert.includes('=') ? given.clientCert : `CN=${given.clientCert}`;
  return {
    scheme,
    method: given.method,
    target,
    http: '1.1',
    headers: named ? own : [['Host', host], ...own],
    // Clients send no server name for a URL with an IP address.
    ...(scheme === 'https' && !isAddress(withoutBrackets(name)) && { sni: name }),
    ...(given.from !== '' && { from: given.from }),
    port: portOf(url, host, DEFAULT_PORTS[scheme]),
    ...(given.clientCert !== '' && { clientCertificate: { subject } }),
  };
}

/** With use-proxy-protocol, the client's address is the one in the PROXY protocol header that a trusted proxy sends. */
export function overProxy(request: ExplainedRequest, plan: Plan): ExplainedRequest {
  const { from, ...others } = request;
  if (!plan.static.listen.proxyProtocol || from === undefined) return request;
  return { ...others, proxied: { address: from } };
}
