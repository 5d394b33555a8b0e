/** The TLS handshake: its certificate, and the verification of the client's certificate. */
import type { Directive } from '../types/directive.ts';
import type { HostPlan, Plan } from '../types/plan.ts';
import { lowerCase, toBytes } from './bytes.ts';
import { type NginxAnswer, note } from './course.ts';
import { maybe } from './outcomes.ts';
import { certificateOf } from './redirects.ts';
import type { ExplainedRequest } from './request.ts';
import { chooseServer } from './server-choice.ts';
import type { Situation } from './situation.ts';

/** The server name of a handshake as NGINX compares it; undefined if the client sends none. */
function nameOf({ sni }: ExplainedRequest): string | undefined {
  return sni === undefined ? undefined : lowerCase(toBytes(sni)).replace(/\.$/, '');
}

function valueIn(directives: readonly Directive[] | undefined, name: Directive['name']): string | undefined {
  return directives?.find((each) => each.name === name)?.args[0]?.meaning;
}

/** The server block of a server name, if it is not the default one. */
function namedServer({ static: { hosts } }: Plan, name: string | undefined): HostPlan | undefined {
  const found = name === undefined ? undefined : chooseServer(hosts, name)?.host;
  return found?.isDefault === true ? undefined : found;
}

/** Key of the certificate that the client gets; null for the default certificate. */
export function certificateFor({ live }: Plan, request: ExplainedRequest): string | null {
  const name = nameOf(request);
  return (name === undefined ? undefined : certificateOf(live, name)) ?? null;
}

/** Whether NGINX ends the handshake, because the name is unknown and ssl-reject-handshake is on. */
export function isRejected(plan: Plan, request: ExplainedRequest): boolean {
  if (namedServer(plan, nameOf(request)) !== undefined) return false;
  const byDefault = [...plan.static.hosts.values()].find(({ isDefault }) => isDefault);
  return valueIn(byDefault?.tls, 'ssl_reject_handshake') === 'on';
}

/**
 * Checks the client's certificate as NGINX does for the server block of the request's host
 * (ngx_http_set_virtual_server, ngx_http_process_request). Returns the answer if the request is refused. Clients get
 * 400 instead of 495 and 496, unless there is an error page for these.
 */
export function verification(situation: Situation): NginxAnswer | undefined {
  const { plan, host, request, course } = situation;
  const mode = valueIn(host.tls, 'ssl_verify_client');
  if (mode === undefined || mode === 'off') return undefined;
  const end = (text: string, status: number, reason: string): NginxAnswer => {
    note(course, 'tls', 'answered', text);
    return { status, reason };
  };
  const name = nameOf(request.given);
  const known = namedServer(plan, name) !== undefined;
  if (known && name !== request.host)
    return end(`the handshake was made for ${name}, and this host needs client certificates: 421`, 421, 'wrong-host');
  const presented = known && request.given.clientCertificate !== undefined;
  if (!presented && mode === 'on')
    return end('a client certificate is required, and the client has none: 400', 496, 'bad-request');
  if (!presented) return undefined;
  note(course, 'tls', 'passed', 'the client presents a certificate, which is assumed to be valid');
  if (mode !== 'optional_no_ca')
    maybe(situation, 'the client certificate is not signed by an authority of the host, or is not valid now', {
      status: 495,
      reason: 'client-certificate',
    });
  return undefined;
}
