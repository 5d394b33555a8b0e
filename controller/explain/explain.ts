/**
 * Explains what NGINX does with one request. Everything that NGINX gets is in the Plan, so no rule of the model is
 * repeated here.
 */
import { formatObject, type ObjectRef, type Problem } from '../types/problem.ts';
import { noteAdministrator } from './admin-directives.ts';
import { fromBytes } from './bytes.ts';
import { clientAddressOf, seenOrigin } from './client-address.ts';
import { closedConnection, notePort } from './connection.ts';
import { type Course, newCourse, note } from './course.ts';
import type { ExplainInput } from './explain-input.ts';
import type { Explanation, Note, RequestOutcome } from './explanation.ts';
import { certificateFor, verification } from './handshake.ts';
import { askedHost } from './host-header.ts';
import { atPage, inServer, NOWHERE } from './in-server.ts';
import { passedThrough } from './passthrough.ts';
import { readRequest, type WellFormed } from './read-request.ts';
import { type ExplainedRequest, headerOf, type SeenRequest } from './request.ts';
import { chooseServer, nameText, type ServerChoice } from './server-choice.ts';
import { keyText, type Situation } from './situation.ts';

function seen(input: ExplainInput, given: ExplainedRequest, read: WellFormed, server: ServerChoice): SeenRequest {
  const { target } = read;
  const host = read.host === '' ? (server.host.names[0]?.text ?? '') : read.host;
  const written = headerOf(given, 'host');
  const origin = seenOrigin(input.plan.static, given, askedHost(host, written), input.ports);
  const client = clientAddressOf(input.plan.static, given);
  return { given, target, host, ...origin, client, path: target.path, args: target.args, rewritten: false };
}

function notesFor({ problems }: ExplainInput, owners: readonly ObjectRef[]): readonly Note[] {
  const keys = new Set(owners.map(formatObject));
  const isSetting = ({ object, field }: Problem): boolean => object?.kind === 'ConfigMap' && field?.[0] === 'data';
  return problems
    .filter((each) => isSetting(each) || (each.object !== undefined && keys.has(formatObject(each.object))))
    .map(({ severity, code, object, field, message }) => ({
      severity,
      code,
      ...(object !== undefined && { object }),
      ...(field !== undefined && { field }),
      message,
    }));
}

function requestText(given: ExplainedRequest, request: SeenRequest | undefined): Explanation['request'] {
  return {
    method: given.method,
    scheme: request?.scheme ?? given.scheme,
    host: fromBytes(request?.host ?? ''),
    path: fromBytes(request?.target.path ?? given.target),
    query: request?.args === undefined ? null : fromBytes(request.args),
    client: request?.client ?? null,
  };
}

function failed(input: ExplainInput, given: ExplainedRequest, course: Course, outcome: RequestOutcome): Explanation {
  const none = { certificate: null, server: null, notes: notesFor(input, []), ...NOWHERE };
  return {
    request: requestText(given, undefined),
    ...none,
    steps: course.steps,
    outcomes: [...course.outcomes, outcome],
  };
}

/**
 * Explains what NGINX does with a request. The Plan must be that of a whole build. Never throws, whatever the request
 * is. The time is proportional to the number of hosts and to the number of locations of one host.
 */
export function explain(input: ExplainInput, given: ExplainedRequest): Explanation {
  const { plan } = input;
  const course = newCourse();
  const unaccepted = closedConnection(plan, given);
  if (unaccepted !== undefined) {
    note(course, given.scheme === 'https' ? 'tls' : 'request', 'answered', unaccepted);
    return failed(input, given, course, { status: null, by: 'closed' });
  }
  const misdirected = notePort(input, given, course);
  if (misdirected !== undefined) return failed(input, given, course, misdirected);
  const passed = passedThrough(input, given, course);
  if (passed !== undefined) return failed(input, given, course, passed);
  const read: ReturnType<typeof readRequest> =
    given.proxied !== undefined && !plan.static.listen.proxyProtocol
      ? {
          status: 400,
          reason: 'bad-request',
          text: 'use-proxy-protocol is off, so NGINX takes the PROXY protocol header for a malformed request',
        }
      : readRequest(given, plan.static);
  if ('status' in read) {
    note(course, 'request', 'answered', `${read.text}: ${read.status}`);
    return failed(input, given, course, {
      status: read.status,
      by: 'nginx',
      ...(read.reason !== undefined && { reason: read.reason }),
    });
  }
  const server = chooseServer(plan.static.hosts, read.host);
  if (server === undefined) return failed(input, given, course, { status: null, by: 'unknown' });
  const request = seen(input, given, read, server);
  const { host } = server;
  const situation: Situation = {
    plan,
    host,
    location: undefined,
    route: undefined,
    request,
    course,
    endpointsOf: input.endpointsOf,
    dnsNameOf: input.dnsNameOf,
  };
  note(course, 'server', 'passed', `server block of ${host.names.map(nameText).join(', ')}: ${server.why}`);
  noteAdministrator(plan.static.snippets, course);
  const refused = given.scheme === 'https' ? verification(situation) : undefined;
  const result = refused === undefined ? inServer(input, situation) : atPage(input, situation, refused);
  return {
    request: requestText(given, request),
    certificate: given.scheme === 'https' ? certificateFor(plan, given) : null,
    server: { names: host.names.map(nameText), why: server.why, ingresses: host.owners.map(keyText) },
    ...result,
    steps: course.steps,
    outcomes: [...course.outcomes, ...result.outcomes],
    notes: notesFor(input, host.owners),
  };
}
