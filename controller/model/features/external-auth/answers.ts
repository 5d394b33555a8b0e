/** What the guarded location makes of the answer: headers for the backend, and what a refused client gets. */
import { type ConfValue, integer, literal, namedLocation, variable } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { LiveAuthRequest } from '../../../types/live-external-auth.ts';
import type { HeaderChange } from '../../../types/upstream-headers.ts';
import type { Settings } from '../../settings/settings.ts';
import { otherSpellings } from '../../settings/upstream-headers.ts';
import { tellsUsersApart } from '../../values/auth-cache.ts';
import type { ExternalAuth } from './external-auth.ts';

/** Statuses of requests that the service does not let through. */
export const REFUSALS: readonly number[] = [401, 403, 500];

function inVariable(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

/** Variable that a header of the service's answer is kept in; empty where there was no answer, or no such header. */
function answered(header: string): ConfValue {
  return variable(`tidegate_answer_${inVariable(header)}`);
}

/** For the backend, in place of what the client sent, however the client spelt it. */
export function answeredHeaders({ responseHeaders }: ExternalAuth, settings: Settings): readonly HeaderChange[] {
  return responseHeaders.flatMap((name): readonly HeaderChange[] => [
    [name, answered(name)],
    ...otherSpellings(name, settings).map((each) => [each, 'removed'] as const),
  ]);
}

const OF_UPSTREAM = '$upstream_http_';

/** An answer that was kept, or that Lua was given, has no upstream. */
function ofUpstream({ cache, exchange }: ExternalAuth): boolean {
  return cache === undefined && exchange === undefined;
}

/** Variable of NGINX → header of the answer, where a directive of the location reads one. */
function headerRead({ name, args: [, value] }: Directive): string | undefined {
  if (name !== 'auth_request_set' || value?.meaning.startsWith(OF_UPSTREAM) !== true) return undefined;
  return value.meaning.slice(OF_UPSTREAM.length);
}

/** Directives of a location, reading headers of the answer from where they are. */
export function readingAnswers(auth: ExternalAuth, directives: readonly Directive[]): readonly Directive[] {
  if (ofUpstream(auth)) return directives;
  return directives.map((each) => {
    const header = headerRead(each);
    const [variableToSet] = each.args;
    if (header === undefined || variableToSet === undefined) return each;
    return directive('auth_request_set', variableToSet, variable(`sent_http_${header}`));
  });
}

/** Headers of the answer into the variables that `answeredHeaders` reads. */
export function settingAnswered(auth: ExternalAuth): readonly Directive[] {
  const source = ofUpstream(auth) ? 'upstream' : 'sent';
  return auth.responseHeaders.map((name) =>
    directive('auth_request_set', answered(name), variable(`${source}_http_${inVariable(name)}`)),
  );
}

/** How answers are kept; `directives`: of the guarded location, which may read more of them. */
export function cacheOf(
  { cache, responseHeaders }: ExternalAuth,
  directives: readonly Directive[],
): Pick<LiveAuthRequest, 'cache'> {
  if (cache === undefined) return {};
  const users = cache.key.filter((piece) => piece.startsWith('$') && tellsUsersApart(piece.slice(1)));
  const read = directives.flatMap((each) => headerRead(each)?.replaceAll('_', '-') ?? []);
  const keep = [...new Set([...responseHeaders, 'WWW-Authenticate', ...read])];
  return { cache: { key: cache.key, users, seconds: cache.times, keep } };
}

/** The status that the service refuses with leads to where one signs in. */
export function toSignIn(auth: ExternalAuth): readonly Directive[] {
  if (auth.signIn === undefined) return [];
  return [directive('error_page', integer(401), literal('='), namedLocation('tidegate_sign_in'))];
}

/** The client gets the answer of the service in place of a refusal: after the one that leads to where one signs in. */
export function toAnswer({ exchange }: ExternalAuth): readonly Directive[] {
  if (exchange?.passes !== true) return [];
  return [directive('error_page', ...REFUSALS.map(integer), namedLocation('tidegate_auth_answer'))];
}
