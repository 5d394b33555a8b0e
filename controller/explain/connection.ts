/** Connections that NGINX closes without a response, before it reads a request. */
import type { Plan } from '../types/plan.ts';
import { type Course, note } from './course.ts';
import type { ExplainInput } from './explain-input.ts';
import type { RequestOutcome } from './explanation.ts';
import { isRejected } from './handshake.ts';
import type { ExplainedRequest } from './request.ts';

/** Whether NGINX accepts requests on the address to which the client connects. */
function isServed({ listen }: Plan['static'], to: string): boolean {
  const six = to.includes(':');
  if (listen.addresses === null) return !six || listen.ipv6;
  return listen.addresses.includes(to) || listen.addresses.includes(six ? '::' : '0.0.0.0');
}

/** Why NGINX closes the connection, as a sentence without a full stop; undefined if it reads the request. */
export function closedConnection(plan: Plan, request: ExplainedRequest): string | undefined {
  const { listen, http2 } = plan.static;
  if (request.to !== undefined && !isServed(plan.static, request.to))
    return `NGINX closes connections to ${request.to}, because of bind-address or disable-ipv6`;
  if (listen.proxyProtocol && request.proxied === undefined && request.from !== undefined)
    return 'use-proxy-protocol is on, and the connection does not begin with a PROXY protocol header';
  if (request.scheme !== 'https') return undefined;
  if (isRejected(plan, request))
    return 'ssl-reject-handshake is on, and no Ingress has the server name of the handshake';
  return request.http === '2' && !http2 ? 'use-http2 is off' : undefined;
}

/**
 * Notes that the port is not the one of the request's scheme. Returns the result if it is the port of the other scheme:
 * on the port for HTTP, NGINX reads a TLS handshake as a malformed request; on the port for TLS, it refuses a request
 * without TLS.
 */
export function notePort(
  { ports }: Pick<ExplainInput, 'ports'>,
  { scheme, port }: ExplainedRequest,
  course: Course,
): RequestOutcome | undefined {
  if (port === undefined || port === ports[scheme]) return undefined;
  if (port === ports.https) {
    note(course, 'request', 'answered', `the request comes without TLS to port ${port}, which is for TLS: 400`);
    return { status: 400, by: 'nginx', reason: 'bad-request' };
  }
  if (port === ports.http) {
    note(course, 'tls', 'answered', `port ${port} is for requests without TLS, so the handshake fails`);
    return { status: null, by: 'closed' };
  }
  note(
    course,
    'request',
    'passed',
    `--http-port is ${ports.http} and --https-port is ${ports.https}: something before NGINX must forward port ${port}`,
  );
  return undefined;
}
