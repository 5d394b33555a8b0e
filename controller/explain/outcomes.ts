/** Turns answers of NGINX into results for the client, which error pages may replace. */
import type { LiveRoute } from '../types/live-route.ts';
import { fromBytes } from './bytes.ts';
import type { NginxAnswer } from './course.ts';
import { inForce } from './directives.ts';
import type { RequestOutcome, Passed } from './explanation.ts';
import { endpointTexts, serviceText, type Situation, unresolvedName } from './situation.ts';
import { templateText } from './variables.ts';

/** Statuses that NGINX uses internally; clients get 400. */
const INTERNAL = new Set([494, 495, 496, 497]);

/** Where error_page leads for a status; undefined if the status has no error page. */
export function errorPageFor({ plan, host, location }: Situation, status: number): string | undefined {
  const pages = inForce({ plan: plan.static, host, location }, 'error_page');
  for (const { args } of pages) {
    const words = args.map(({ meaning }) => meaning);
    if (words.slice(0, -1).includes(String(status))) return words.at(-1)?.replaceAll('${literal_dollar}', '$');
  }
  return undefined;
}

/** The key of the backend that serves error pages; undefined if there is none, so the built-in 404 is sent. */
function pageBackend(situation: Situation, route: LiveRoute | undefined): string | undefined {
  const own = route?.errorsToFallback === true ? route.fallback : undefined;
  const keys = [own, situation.plan.live.settings.defaultBackend].filter((key) => key !== undefined);
  return keys.find((key) => endpointTexts(situation, key).length > 0);
}

/** The result if an error is replaced with an error page: the page of a backend, or the built-in 404. */
export function pageOutcome(situation: Situation): Omit<RequestOutcome, 'when'> {
  const { host, route, request } = situation;
  const early = host.errorPages?.routeId;
  const key = pageBackend(situation, route ?? (early === undefined ? undefined : host.routes.get(early)));
  if (key === undefined) return { status: 404, by: 'nginx', reason: 'no-route' };
  const backend: Passed = {
    service: serviceText(key),
    role: 'error-page',
    protocol: 'http',
    path: request.args === undefined || request.args === '' ? '/' : `/?${fromBytes(request.args)}`,
    endpoints: endpointTexts(situation, key),
  };
  return { status: null, by: 'backend', backend };
}

/** The redirect to the sign-in page; undefined if the location has none. */
function signInOutcome({ route, request }: Situation): Omit<RequestOutcome, 'when'> | undefined {
  const { signIn } = route?.externalAuth ?? {};
  if (signIn === undefined) return undefined;
  const location = fromBytes(templateText(signIn, request));
  return { status: 302, by: 'nginx', reason: 'redirect:auth-signin', location };
}

/**
 * The result for the client if NGINX gives this answer. `refused`: whether the answer came from an authentication
 * service. If so, clients may get the service's own response.
 */
export function outcomeOf(situation: Situation, answer: NginxAnswer, refused = false): Omit<RequestOutcome, 'when'> {
  const { status, location, written } = answer;
  const reason = answer.reason === undefined ? {} : { reason: answer.reason };
  if (location !== undefined) return { status, by: 'nginx', ...reason, location: fromBytes(location) };
  const own = { status: INTERNAL.has(status) ? 400 : status, by: 'nginx', ...reason } as const;
  const page = written === true ? undefined : errorPageFor(situation, status);
  if (page === undefined) return own;
  if (page === '@tidegate_errors') return pageOutcome(situation);
  // 500 stands for every status of the service that NGINX does not expect; clients get the service's own.
  if (page === '@tidegate_auth_answer')
    return refused ? { status: status === 500 ? null : status, by: 'authentication service', ...reason } : own;
  if (page === '@tidegate_sign_in') return signInOutcome(situation) ?? own;
  if (/^https?:\/\//.test(page)) return { status: 302, by: 'nginx', location: page };
  return { status: null, by: 'unknown' };
}

/** Adds the result if the DNS name of a backend has no address. */
export function maybeUnresolved(situation: Situation, key: string, reason: string): void {
  const name = unresolvedName(situation, key);
  if (name !== undefined) maybe(situation, `${name} has no address`, { status: 503, reason });
}

/** Adds a result with a condition, which is a clause that follows "if". */
export function maybe(situation: Situation, when: string, answer: NginxAnswer, refused = false): void {
  situation.course.outcomes.push({ when, ...outcomeOf(situation, answer, refused) });
}
