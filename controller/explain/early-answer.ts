/**
 * Answers that need no backend, in the order of nginx/lua/tidegate/request/early_answer.lua: refusals, redirects,
 * preflight responses, and answers of snippets.
 */
import type { LiveCors } from '../types/live.ts';
import { fromBytes, toBytes } from './bytes.ts';
import { type NginxAnswer, note } from './course.ts';
import type { StepName } from './explanation.ts';
import { maybeUnresolved } from './outcomes.ts';
import { matchPcre } from './pcre.ts';
import { certificateOf, elsewhere, originOf, toHost, toSlash, toTarget, toTls } from './redirects.ts';
import { headerOf, type SeenRequest } from './request.ts';
import { leadsAway, rewriteLocation } from './rewrite-target.ts';
import { endpointTexts, type Located, serviceText } from './situation.ts';
import { runScript, type ScriptState, scriptState } from './snippet-script.ts';

/** The result of the steps: an answer, or the request as snippets have changed it. */
export interface EarlyResult {
  readonly answer: NginxAnswer | undefined;
  readonly request: SeenRequest;
}

function answered(situation: Located, name: StepName, text: string, answer: NginxAnswer): NginxAnswer {
  const where = answer.location === undefined ? '' : ` to ${fromBytes(answer.location)}`;
  note(situation.course, name, 'answered', `${text}: ${answer.status}${where}`);
  return answer;
}

/** Whether an origin matches a pattern, in which `*` stands for one label. */
function hasLabel(origin: string, pattern: string): boolean {
  const at = pattern.indexOf('*');
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)];
  const label = origin.slice(before.length, origin.length - after.length);
  const fits = origin.length >= before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
  return fits && !/[^A-Za-z0-9-]/.test(label);
}

/**
 * Whether a request comes from an allowed origin. If there is no list of origins, every request is allowed, even one
 * without an origin.
 */
export function isAllowedOrigin({ origins }: LiveCors, { given }: SeenRequest): boolean {
  if (origins === undefined) return true;
  const origin = headerOf(given, 'origin')?.toLowerCase();
  return (
    origin !== undefined && origins.some((each) => (each.includes('://*.') ? hasLabel(origin, each) : each === origin))
  );
}

/** Whether the handshake was made for the requested host. */
function sameName({ given, host }: SeenRequest): boolean {
  return given.sni !== undefined && given.sni.toLowerCase().replace(/\.$/, '') === fromBytes(host);
}

/** Checks the client's certificate beyond what NGINX has verified in the handshake. */
function checkClient(situation: Located): NginxAnswer | undefined {
  const { route, request, plan } = situation;
  const guard = route.clientCertificate;
  if (guard === undefined) return undefined;
  const end = (text: string, answer: NginxAnswer) =>
    answered(situation, 'client-certificate', text, { reason: 'client-certificate', ...answer });
  if (request.given.scheme === 'https') {
    if (!sameName(request))
      return end('the TLS handshake was made for a name other than the one in the Host header', { status: 421 });
    const subject = toBytes(request.given.clientCertificate?.subject ?? '');
    const flags = { caseless: false, dotAll: false };
    const failed = guard.subjects?.find((pattern) => matchPcre(toBytes(pattern), subject, flags) === null);
    if (failed !== undefined)
      return end(`the certificate's subject does not match ${failed}`, { status: 403, written: true });
    note(situation.course, 'client-certificate', 'passed', 'the client certificate is accepted');
    return undefined;
  }
  if (guard.plain === true) return undefined;
  const redirect = toTls(route, request, plan.live);
  if (redirect !== undefined) return end('a client certificate is required, which needs TLS', redirect);
  return end('a client certificate is required, and the request is plain HTTP', { status: 403 });
}

/** Whether TLS connections for the host are passed through, but the request came over one for another name. */
function isMisdirected({ route, request: { given } }: Located): boolean {
  return route.passedThrough === true && given.scheme === 'https' && given.sni !== undefined;
}

/** Refuses the request if its path refuses all clients or does not accept this client's certificate. */
export function refusedClient(situation: Located): NginxAnswer | undefined {
  if (isMisdirected(situation))
    return answered(situation, 'tls', 'the connection was not made for this host, which has ssl-passthrough', {
      status: 421,
      reason: 'wrong-host',
    });
  const { deny, closedBy = 'path' } = situation.route;
  if (deny !== undefined) {
    const text = `every request for this path is refused (${closedBy}); a Problem of the Ingress says why`;
    return answered(situation, 'deny', text, { status: deny, reason: `closed:${closedBy}` });
  }
  return checkClient(situation);
}

/**
 * The first redirect that applies, of those that are checked after app-root, preflight requests and the snippet of the
 * path.
 */
function furtherRedirect(situation: Located): readonly [name: StepName, text: string, answer: NginxAnswer] | undefined {
  const { route, request, plan } = situation;
  if (route.redirect !== undefined)
    return ['redirect', 'the Ingress redirects the path', toTarget(route.redirect, route, request)];
  if (route.rewrite !== undefined && leadsAway(route.rewrite)) {
    const location = rewriteLocation(route.rewrite, request);
    if (location !== undefined)
      return [
        'rewrite-redirect',
        'rewrite-target is a URL',
        elsewhere(request, location, 302, 'redirect:rewrite-target'),
      ];
  }
  const tls = toTls(route, request, plan.live);
  if (tls !== undefined) return ['tls-redirect', whyTls(situation), tls];
  if (route.slashRedirect !== undefined && request.path === toBytes(route.slashRedirect))
    return [
      'slash-redirect',
      'the path of the Ingress ends in a slash, which the request lacks',
      toSlash(route.slashRedirect, request),
    ];
  return undefined;
}

function whyTls({ route, plan, request }: Located): string {
  const secret = certificateOf(plan.live, request.host);
  return route.tlsRedirect === 'named'
    ? `plain HTTP is redirected to HTTPS, because the host has a certificate (${secret})`
    : 'plain HTTP is redirected to HTTPS, because the host has TLS or because of ssl-redirect or force-ssl-redirect';
}

function runSnippet(situation: Located, which: 'server' | 'location', state: ScriptState): NginxAnswer | undefined {
  const script = situation.route.snippet?.[which];
  if (script === undefined) return undefined;
  const before = state.request;
  const answer = runScript(script, state);
  const name = which === 'server' ? 'the server-snippet' : 'the configuration-snippet';
  if (state.unknown.size > 0) {
    const text = `reads ${[...state.unknown].map((each) => `$${each}`).join(', ')}, whose ${state.unknown.size === 1 ? 'value is' : 'values are'} not known here`;
    note(situation.course, 'snippet', 'depends', `${name} ${text}`);
    situation.course.outcomes.push({
      when: `${name} decides otherwise, because it ${text}`,
      status: null,
      by: 'unknown',
    });
  }
  if (answer !== undefined) return answered(situation, 'snippet', `${name} answers`, { reason: 'snippet', ...answer });
  const changed = state.request !== before ? ` and changes the path to ${fromBytes(state.request.path)}` : '';
  note(situation.course, 'snippet', 'passed', `${name} lets the request continue${changed}`);
  return undefined;
}

/** Runs the snippets of a route without the steps that usually run between them. */
export function snippets(situation: Located): EarlyResult {
  const state = scriptState(situation.request, situation);
  const answer = runSnippet(situation, 'server', state) ?? runSnippet(situation, 'location', state);
  return { answer, request: state.request };
}

function appRoot({ route }: Located, request: SeenRequest): NginxAnswer | undefined {
  if (route.appRoot === undefined || request.path !== '/') return undefined;
  return { status: 302, location: `${originOf(request)}${toBytes(route.appRoot)}`, reason: 'redirect:app-root' };
}

/** The redirects and other answers. `scripts`: whether snippets run between the other steps. */
export function found(situation: Located, scripts: boolean): EarlyResult {
  const { route, plan } = situation;
  const state = scriptState(situation.request, situation);
  const end = (answer: NginxAnswer | undefined): EarlyResult => ({ answer, request: state.request });
  const bySnippet = scripts ? runSnippet(situation, 'server', state) : undefined;
  if (bySnippet !== undefined) return end(bySnippet);
  const here = (): Located => ({ ...situation, request: state.request });
  if (route.hostRedirect !== undefined) {
    const text = 'from-to-www-redirect applies to this name';
    return end(answered(situation, 'host-redirect', text, toHost(route.hostRedirect, state.request, plan.live)));
  }
  const root = appRoot(situation, state.request);
  if (root !== undefined) return end(answered(situation, 'app-root', 'app-root applies to the path /', root));
  const { given } = situation.request;
  if (route.cors !== undefined && given.method === 'OPTIONS' && isAllowedOrigin(route.cors, situation.request))
    return end(
      answered(situation, 'preflight', 'an OPTIONS request with enable-cors is answered', {
        status: 204,
        reason: 'preflight',
      }),
    );
  const byLocation = scripts ? runSnippet(situation, 'location', state) : undefined;
  if (byLocation !== undefined) return end(byLocation);
  const redirect = furtherRedirect(here());
  return end(redirect === undefined ? undefined : answered(situation, ...redirect));
}

/** Refuses the request if the authentication service of its path has no endpoints. */
export function authBackend(situation: Located): NginxAnswer | undefined {
  const { backend } = situation.route.externalAuth ?? {};
  if (backend === undefined) return undefined;
  maybeUnresolved(situation, backend, 'auth-unreachable');
  if (endpointTexts(situation, backend).length > 0) return undefined;
  const text = `the authentication service ${serviceText(backend)} has no endpoints`;
  return answered(situation, 'external-auth', text, { status: 503, reason: 'auth-unreachable' });
}
