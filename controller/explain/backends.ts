/** Sends a request to a backend: the choice of the backend, its fallback, and the path that it gets. */
import type { LiveRoute } from '../types/live-route.ts';
import { fromBytes, percentEncode } from './bytes.ts';
import { type Candidate, chooseCanary } from './canary-choice.ts';
import { type NginxAnswer, note } from './course.ts';
import { inForce, wordsOf } from './directives.ts';
import type { RequestOutcome, Passed } from './explanation.ts';
import { errorPageFor, maybeUnresolved, outcomeOf, pageOutcome } from './outcomes.ts';
import { hasStepLimit } from './pcre.ts';
import type { SeenRequest } from './request.ts';
import { rewritten } from './rewrite-target.ts';
import { endpointTexts, type Located, serviceText } from './situation.ts';

/** Bytes that NGINX percent-encodes in a path that was rewritten (ngx_escape_uri). */
const NOT_IN_URI = /[\0-\x20"#%<>?\\^`{|}\x7f-\xff]/g;

/** Path and query for a backend: as the client sent them unless they were rewritten. */
function upstreamUri({ rewritten: changed, target, path, args }: SeenRequest): string {
  if (!changed)
    return fromBytes(target.written === '' || !target.written.startsWith('/') ? `/${target.written}` : target.written);
  return `${percentEncode(path, NOT_IN_URI)}${args === undefined || args === '' ? '' : `?${fromBytes(args)}`}`;
}

export const NO_ENDPOINTS: NginxAnswer = { status: 503, reason: 'no-endpoints' };

type Destination = { readonly key: string; readonly role: Passed['role'] } | undefined;

/** The backend that gets the request: that of the candidate, or its fallback; undefined if neither has endpoints. */
function destination(situation: Located, { canary }: Candidate): Destination {
  const { route } = situation;
  const key = canary?.backend ?? route.backend ?? '';
  if (endpointTexts(situation, key).length > 0) return { key, role: canary === undefined ? 'main' : 'canary' };
  const { fallback } = route;
  return fallback !== undefined && endpointTexts(situation, fallback).length > 0
    ? { key: fallback, role: 'fallback' }
    : undefined;
}

/** The request with the path for the backend. A fallback gets the path that the client sent. */
function prepared(situation: Located, role: Passed['role']): SeenRequest | NginxAnswer {
  const { route, request, course } = situation;
  if (role === 'fallback' || route.rewrite === undefined) return request;
  const result = rewritten(route.rewrite, request);
  if (result === 400) {
    note(course, 'rewrite', 'answered', 'the rewritten path contains dot segments, which are refused: 400');
    return { status: 400, reason: 'dot-segments' };
  }
  const text =
    result === request
      ? `the path does not match the pattern ${route.rewrite.pattern}, and stays unchanged`
      : `the path becomes ${upstreamUri(result)}`;
  note(course, 'rewrite', 'passed', text);
  return result;
}

/** Notes that a backend has no endpoints. */
export function noteUnserved({ course }: Located, key: string): void {
  note(course, 'backend', 'answered', `${serviceText(key)} has no endpoints: 503`);
}

/** The result for one candidate. */
function outcomeFor(situation: Located, candidate: Candidate): Omit<RequestOutcome, 'when'> {
  const { location, route } = situation;
  const to = destination(situation, candidate);
  if (to === undefined) {
    noteUnserved(situation, candidate.canary?.backend ?? route.backend ?? '');
    return outcomeOf(situation, NO_ENDPOINTS);
  }
  maybeUnresolved(situation, to.key, 'no-endpoints');
  if (to.role === 'fallback')
    note(
      situation.course,
      'fallback',
      'passed',
      `the backend has no endpoints, so ${serviceText(to.key)} gets the request`,
    );
  const request = prepared(situation, to.role);
  if ('status' in request) return outcomeOf(situation, request);
  const { protocol } = location.pass;
  const backend: Passed = {
    service: serviceText(to.key),
    role: to.role,
    protocol: protocol === 'auto_http' ? situation.request.given.scheme : protocol,
    path: upstreamUri(request),
    endpoints: endpointTexts(situation, to.key),
  };
  return { status: null, by: 'backend', backend };
}

/** Statuses of the backend's responses that error pages replace. */
function intercepted({ plan, host, location }: Located): readonly number[] {
  const place = { plan: plan.static, host, location };
  const module = location.pass.protocol === 'fastcgi' ? 'fastcgi' : 'proxy';
  if (location.pass.protocol.startsWith('grpc')) return [];
  const own = wordsOf(place, `${module}_intercept_errors`)?.[0];
  if (own !== 'on') return [];
  return inForce(place, 'error_page')
    .filter(({ args }) => args.at(-1)?.meaning === '@tidegate_errors')
    .flatMap(({ args }) => args.slice(0, -1).map(({ meaning }) => Number(meaning)));
}

/** The statuses with which NGINX itself answers if no endpoint gives a usable response. */
const FAILURES = [502, 504];

/** Notes which responses of the backend, and which failures, are replaced. */
export function noteIntercepted(situation: Located): void {
  const { course } = situation;
  const hasPage = (code: number) => errorPageFor(situation, code) === '@tidegate_errors';
  const codes = intercepted(situation).filter(hasPage);
  if (codes.length > 0) {
    const text = codes.join(', ');
    note(course, 'error-page', 'depends', `responses of the backend with status ${text} are replaced`);
    course.outcomes.push({ when: `the backend answers with status ${text}`, ...pageOutcome(situation) });
  }
  const failures = FAILURES.filter((code) => hasPage(code) && !codes.includes(code));
  if (failures.length === 0) return;
  const text = failures.join(' or ');
  note(course, 'error-page', 'depends', `an error page is sent if no endpoint gives a usable response (${text})`);
  course.outcomes.push({ when: `no endpoint gives a usable response (${text})`, ...pageOutcome(situation) });
}

/** Notes that matching the pattern of a rewrite may fail. */
function noteStepLimit({ rewrite }: LiveRoute, situation: Located): void {
  if (rewrite === undefined || !hasStepLimit(rewrite.pattern)) return;
  const when = 'matching the pattern of the path takes more steps than allowed';
  situation.course.outcomes.push({ when, ...outcomeOf(situation, { status: 500, reason: 'rewrite-target' }) });
}

/** The results of passing the request on. If there are several, each has a share or a condition. */
export function passOn(situation: Located): readonly RequestOutcome[] {
  noteStepLimit(situation.route, situation);
  const candidates = chooseCanary(situation);
  return candidates.map((each) => ({
    ...(each.when !== undefined && { when: each.when }),
    ...(candidates.length > 1 && each.when === undefined && { share: each.share }),
    ...outcomeFor(situation, each),
  }));
}
