/** TLS connections that NGINX passes to a backend, or closes, without decrypting them. */
import { judgeSource } from './address-rules.ts';
import { lowerCase, toBytes } from './bytes.ts';
import { clientAddressOf } from './client-address.ts';
import { type Course, note } from './course.ts';
import type { LiveSources } from '../types/live-sources.ts';
import type { ExplainInput } from './explain-input.ts';
import type { RequestOutcome } from './explanation.ts';
import type { ExplainedRequest } from './request.ts';
import { endpointTexts, serviceText } from './situation.ts';

/** The entry for a server name: its own, or that of the one-label wildcard that matches it. */
function entryFor({ live: { passthrough } }: ExplainInput['plan'], sni: string) {
  const name = lowerCase(toBytes(sni)).replace(/\.$/, '');
  const dot = name.indexOf('.');
  return passthrough.get(name) ?? (dot > 0 ? passthrough.get(`*${name.slice(dot)}`) : undefined);
}

/** Whether an access list denies the client. The address is that of the connection, or of its PROXY protocol header. */
function isDenied(
  { plan }: ExplainInput,
  given: ExplainedRequest,
  sources: readonly LiveSources[],
  course: Course,
): boolean {
  if (sources.length === 0) return false;
  const client = plan.static.listen.proxyProtocol ? clientAddressOf(plan.static, given) : given.from;
  if (client === undefined) {
    note(course, 'addresses', 'depends', "ssl-passthrough: access depends on the client's address, which is not known");
    course.outcomes.push({ when: 'an access list denies the client', status: null, by: 'closed' });
    return false;
  }
  if (sources.every((each) => judgeSource(each, client) !== 'd')) return false;
  const text = `ssl-passthrough: an access list denies ${client}, so NGINX closes the connection`;
  note(course, 'addresses', 'answered', text);
  return true;
}

/** The result of a request over TLS; undefined if NGINX terminates TLS for its server name. */
export function passedThrough(
  input: ExplainInput,
  given: ExplainedRequest,
  course: Course,
): RequestOutcome | undefined {
  const { plan } = input;
  if (!plan.static.passthrough || given.scheme !== 'https' || given.sni === undefined) return undefined;
  const entry = entryFor(plan, given.sni);
  if (entry === undefined || entry === 'terminated') return undefined;
  if (entry === 'closed') {
    note(
      course,
      'tls',
      'answered',
      `ssl-passthrough: the path / of ${given.sni} answers 503, so NGINX closes TLS connections`,
    );
    return { status: null, by: 'closed' };
  }
  const { backend, sources = [] } = entry;
  if (isDenied(input, given, sources, course)) return { status: null, by: 'closed' };
  const [service, endpoints] = [serviceText(backend), endpointTexts(input, backend)];
  if (endpoints.length === 0) {
    note(course, 'tls', 'answered', `ssl-passthrough: ${service} has no endpoints, so NGINX closes the connection`);
    return { status: null, by: 'closed' };
  }
  note(course, 'tls', 'passed', `ssl-passthrough: NGINX passes the connection to ${service} without decrypting it`);
  return {
    status: null,
    by: 'backend',
    backend: { service, role: 'main', protocol: 'tls', path: given.target, endpoints },
  };
}
