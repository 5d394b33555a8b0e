/**
 * What `tidegate explain` says about the requests of scenarios. The controller's code is called directly, because a
 * process for each of thousands of requests would take too long; e2e/behaviour/explain.drill.test.ts runs the command
 * itself.
 */
import { explainManifests } from '../../controller/cli/explain-manifests.ts';
import { argumentsOf } from '../../controller/cli/flag-values.ts';
import type { Explanation } from '../../controller/explain/explanation.ts';
import type { ExplainedRequest } from '../../controller/explain/request.ts';
import type { CLIENTS } from './clients.ts';
import type { Instance } from './instance.ts';
import type { RequestSpec } from './scenario.ts';

/** Explains requests to one instance. */
export interface Predictions {
  /** `cookies`: the Cookie header from the scenario's jar. */
  readonly explain: (spec: RequestSpec, cookies: string | undefined) => Explanation;
  /** The run directory of the instance. */
  readonly runDir: string;
}

/** The subjects of the client certificates in clients.ts. */
const SUBJECTS: Readonly<Record<(typeof CLIENTS)[number], string>> = {
  alice: 'CN=alice,O=Example',
  bob: 'CN=bob',
  expired: 'CN=expired',
  revoked: 'CN=revoked',
  deep: 'CN=deep',
  stranger: 'CN=stranger',
};

function headersOf(spec: RequestSpec, cookies: string | undefined): [string, string][] {
  const headers: [string, string][] = spec.host === false ? [] : [['Host', spec.host]];
  headers.push(...Object.entries(spec.headers));
  if (spec.padding !== undefined) headers.push(['X-Padding', 'p'.repeat(spec.padding)]);
  if (cookies !== undefined) headers.push(['Cookie', cookies]);
  const { body } = spec;
  if (typeof body === 'string') headers.push(['Content-Length', String(Buffer.byteLength(body))]);
  else if (body?.chunked === true) headers.push(['Transfer-Encoding', 'chunked']);
  else if (body !== undefined) headers.push(['Content-Length', String(body.size)]);
  return headers;
}

/** The request as it reaches NGINX. `cookies`: the Cookie header from the scenario's jar. */
export function requestOf(spec: RequestSpec, cookies: string | undefined): ExplainedRequest {
  const handshake = typeof spec.tls === 'object' ? spec.tls : {};
  const name = handshake.sni ?? (spec.host === false ? false : spec.host.replace(/:\d+$/, ''));
  const { proxyProtocol: proxy, address = '127.0.0.1' } = spec;
  return {
    scheme: spec.tls === false ? 'http' : 'https',
    method: spec.method,
    target: spec.path,
    http: spec.http,
    headers: headersOf(spec, cookies),
    ...(spec.tls !== false && name !== false && { sni: name }),
    // A client on this machine has the loopback address of the address family that it uses.
    from: address.includes(':') ? '::1' : '127.0.0.1',
    to: address,
    ...(proxy !== undefined && { proxied: { address: proxy.source, port: proxy.port } }),
    ...(handshake.certificate !== undefined && { clientCertificate: { subject: SUBJECTS[handshake.certificate] } }),
  };
}

/** Splits command-line flags: `--name=value`, `--name value`, or only `--name`. */
function flagsIn(args: readonly string[]): readonly (readonly [name: string, value: string])[] {
  return args.flatMap((text, at) => {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
    const next = args[at + 1];
    if (name === undefined) return [];
    return [[name, value ?? (next === undefined || next.startsWith('--') ? 'true' : next)] as const];
  });
}

/**
 * Explains requests to an instance, with the manifests that it has at the time of this call. The manifests are read
 * before requests are sent, so that scenarios about time are not slowed down.
 */
export async function predictionsOf(instance: Instance, args: readonly string[]): Promise<Predictions> {
  const ports: readonly (readonly [string, string])[] = [
    ['http-port', String(instance.httpPort)],
    ['https-port', String(instance.httpsPort)],
  ];
  const { explain } = await explainManifests(
    [instance.folder],
    argumentsOf('explain', new Map([...ports, ...flagsIn(args)])),
  );
  return { explain: (spec, cookies) => explain(requestOf(spec, cookies)), runDir: instance.runDir };
}
