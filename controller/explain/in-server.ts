/** Handles a request in its server block: which location it gets, and the results there. */
import type { HostPlan, LocationPlan } from '../types/plan.ts';
import { type NginxAnswer, note } from './course.ts';
import { byteCountOf, wordsOf } from './directives.ts';
import type { ExplainInput } from './explain-input.ts';
import type { Explanation, Loser, RequestOutcome } from './explanation.ts';
import { requestHeaderNotes, responseHeaderNotes } from './header-notes.ts';
import { chooseLocation, isInternal, type LocationChoice, matchText } from './location-choice.ts';
import { errorPageFor, maybe, outcomeOf } from './outcomes.ts';
import { headerOf } from './request.ts';
import { serve } from './serve.ts';
import { keyText, type Located, serviceText, type Situation } from './situation.ts';

/** What an explanation says about a request in its server block. */
export type ServerResult = Pick<
  Explanation,
  'location' | 'lost' | 'requestHeaders' | 'responseHeaders' | 'settings'
> & {
  readonly outcomes: readonly RequestOutcome[];
};

const TOO_LARGE: NginxAnswer = { status: 413, reason: 'body-too-large' };
const NO_LOCATION: NginxAnswer = { status: 404, reason: 'no-route' };

export const NOWHERE = { location: null, lost: [], requestHeaders: [], responseHeaders: [], settings: [] } as const;

function ended(situation: Situation, answer: NginxAnswer, name: 'location' | 'body-size', text: string): ServerResult {
  note(situation.course, name, 'answered', text);
  return { ...NOWHERE, outcomes: [outcomeOf(situation, answer)] };
}

/** Refuses a body that is larger than allowed, as far as the request announces its size. */
function tooLarge(situation: Situation): ServerResult | undefined {
  const { plan, host, location, request } = situation;
  const limit = wordsOf({ plan: plan.static, host, location }, 'client_max_body_size')?.[0] ?? '1m';
  const most = byteCountOf(limit);
  const length = Number(headerOf(request.given, 'content-length') ?? '0');
  if (most > 0 && length > most)
    return ended(
      situation,
      TOO_LARGE,
      'body-size',
      `the body has ${length} bytes, more than the limit of ${limit}: 413`,
    );
  const chunked = most > 0 && headerOf(request.given, 'transfer-encoding') !== undefined;
  const text = most === 0 ? 'the size of the body is not limited' : `a body may be up to ${limit} in size`;
  note(situation.course, 'body-size', chunked ? 'depends' : 'passed', text);
  if (chunked) maybe(situation, `the body is larger than ${limit}`, TOO_LARGE);
  return undefined;
}

/** The same path in other Ingresses, which lose because the Ingress that has the path is older. */
function outranked({ problems, hostOfRule }: ExplainInput, host: string, path: string): readonly Loser[] {
  return problems.flatMap(({ code, object, field, value, message }) => {
    const rule = field?.[2];
    if (code !== 'path-conflict' || object === undefined || value !== path || typeof rule !== 'number') return [];
    const own = { match: path, ingress: keyText(object), path, why: message };
    return hostOfRule(object, rule) === host ? [own] : [];
  });
}

/** The host of rules to which a server block belongs; empty for the default server. */
function ruleHost({ isDefault, names }: HostPlan): string {
  const [first] = names;
  if (isDefault || first === undefined) return '';
  const [, domain] = /^\^\[\^\.\]\+(.*)\$$/.exec(first.kind === 'regex' ? first.text : '') ?? [];
  return domain === undefined ? first.text : `*${domain.replaceAll('\\', '')}`;
}

function described({ location, why }: LocationChoice, path: string, backend: string | null): Explanation['location'] {
  const { owner, match, routeId } = location;
  return {
    match: matchText(match),
    ...(owner !== undefined && { ingress: keyText(owner) }),
    path,
    why,
    service: backend === null ? null : serviceText(backend),
    route: routeId,
  };
}

/** Handles the request in the location that NGINX has chosen. */
function inLocation(input: ExplainInput, situation: Situation, choice: LocationChoice): ServerResult {
  const { location } = choice;
  const { host, request, course } = situation;
  const route = host.routes.get(location.routeId);
  const here: Situation = { ...situation, location, route };
  const path = route?.path ?? location.match.text;
  const about = { ...NOWHERE, location: described(choice, path, route?.backend ?? null), lost: choice.lost };
  if (isInternal(location))
    return { ...about, ...ended(here, NO_LOCATION, 'location', 'clients cannot reach this internal location: 404') };
  const by = location.owner === undefined ? 'no Ingress' : `Ingress ${keyText(location.owner)}`;
  note(course, 'location', 'passed', `location ${matchText(location.match)} of ${by}, path ${path}: ${choice.why}`);
  if (choice.mayFail)
    maybe(here, 'matching a path takes more steps than allowed', { status: 500, reason: 'internal-error' });
  const refused = tooLarge(here);
  if (refused !== undefined) return { ...refused, location: about.location, lost: about.lost };
  if (route === undefined) return { ...about, outcomes: [outcomeOf(here, { status: 503, reason: 'no-live-data' })] };
  const located: Located = { ...here, location, route };
  const outcomes = serve(located, input.strictAccess);
  return {
    outcomes,
    location: about.location,
    lost: [...choice.lost, ...outranked(input, ruleHost(host), path)],
    requestHeaders: requestHeaderNotes(located),
    responseHeaders: responseHeaderNotes({ ...located, request }),
    settings: location.owner === undefined ? [] : input.originsOf(location.owner, host.owners),
  };
}

/** Whether the request is a probe of a load balancer: for `/healthz` of the default server. */
function isProbe({ host, request }: Situation, found: LocationPlan | undefined): boolean {
  if (host.healthz !== true || !request.path.startsWith('/healthz')) return false;
  return found === undefined || (found.match.kind === 'prefix' && found.match.text.length < '/healthz'.length);
}

/** Handles the phases after the choice of the server block. */
export function inServer(input: ExplainInput, situation: Situation): ServerResult {
  const { host, request, course } = situation;
  const choice = chooseLocation(host, request.path);
  if (isProbe(situation, choice?.location)) {
    note(course, 'location', 'answered', '/healthz of the default server is for load balancers: 200');
    return { ...NOWHERE, outcomes: [{ status: 200, by: 'nginx' }] };
  }
  if (choice === undefined) return ended(situation, NO_LOCATION, 'location', 'no location matches the path: 404');
  if (choice.slash === true) {
    note(course, 'location', 'answered', `${choice.why}: NGINX redirects to it with 301`);
    return {
      ...NOWHERE,
      location: described(choice, choice.location.match.text, null),
      outcomes: [{ status: 301, by: 'nginx' }],
    };
  }
  return inLocation(input, situation, choice);
}

/**
 * Handles the request after an error page for a missing or invalid client certificate was chosen. The page is a path of
 * the same host.
 */
export function atPage(input: ExplainInput, situation: Situation, answer: NginxAnswer): ServerResult {
  const page = errorPageFor(situation, answer.status);
  if (page?.startsWith('/') !== true) return { ...NOWHERE, outcomes: [outcomeOf(situation, answer)] };
  const { request } = situation;
  note(situation.course, 'error-page', 'passed', `auth-tls-error-page sends the client to ${page} of this host`);
  const method = request.given.method === 'HEAD' ? 'HEAD' : 'GET';
  const moved = { ...request, given: { ...request.given, method }, path: page, args: undefined, rewritten: true };
  return inServer(input, { ...situation, request: moved });
}
