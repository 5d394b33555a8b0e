/**
 * How the guarded location uses the service's response: headers for the backend, and the response to refused clients.
 */
import { type ConfValue, integer, literal, namedLocation, variable } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { LiveAuthRequest } from '../../../types/live-external-auth.ts';
import type { HeaderChange } from '../../../types/upstream-headers.ts';
import type { Settings } from '../../settings/settings.ts';
import { otherSpellings } from '../../settings/upstream-headers.ts';
import { tellsUsersApart } from '../../values/auth-cache.ts';
import type { ExternalAuth } from './external-auth.ts';

/** Statuses of requests that the service refuses. */
export const REFUSALS: readonly number[] = [401, 403, 500];

function inVariable(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

/** Variable with a header of the service's response; empty without a response, or without that header. */
function answered(header: string): ConfValue {
  return variable(`tidegate_answer_${inVariable(header)}`);
}

/** For the backend, replacing what the client sent, in any spelling. */
export function answeredHeaders({ responseHeaders }: ExternalAuth, settings: Settings): readonly HeaderChange[] {
  return responseHeaders.flatMap((name): readonly HeaderChange[] => [
    [name, answered(name)],
    ...otherSpellings(name, settings).map((each) => [each, 'removed'] as const),
  ]);
}

const OF_UPSTREAM = '$upstream_http_';

/** A cached response, and one that Lua fetched, has no upstream. */
function ofUpstream({ cache, exchange }: ExternalAuth): boolean {
  return cache === undefined && exchange === undefined;
}

/** NGINX variable → header of the response, if a directive of the location reads it. */
function headerRead({ name, args: [, value] }: Directive): string | undefined {
  if (name !== 'auth_request_set' || value?.meaning.startsWith(OF_UPSTREAM) !== true) return undefined;
  return value.meaning.slice(OF_UPSTREAM.length);
}

/** Directives of a location, with the variables that hold headers of the response. */
export function readingAnswers(auth: ExternalAuth, directives: readonly Directive[]): readonly Directive[] {
  if (ofUpstream(auth)) return directives;
  return directives.map((each) => {
    const header = headerRead(each);
    const [variableToSet] = each.args;
    if (header === undefined || variableToSet === undefined) return each;
    return directive('auth_request_set', variableToSet, variable(`sent_http_${header}`));
  });
}

/** Copies headers of the response into the variables that `answeredHeaders` reads. */
export function settingAnswered(auth: ExternalAuth): readonly Directive[] {
  const source = ofUpstream(auth) ? 'upstream' : 'sent';
  return auth.responseHeaders.map((name) =>
    directive('auth_request_set', answered(name), variable(`${source}_http_${inVariable(name)}`)),
  );
}

/** How responses are cached; `directives`: of the guarded location, which may read more headers. */
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

/** The service's refusal leads to the sign-in page. */
export function toSignIn(auth: ExternalAuth): readonly Directive[] {
  if (auth.signIn === undefined) return [];
  return [directive('error_page', integer(401), literal('='), namedLocation('tidegate_sign_in'))];
}

/** The client gets the service's own response to a refusal; the redirect to the sign-in page takes precedence. */
export function toAnswer({ exchange }: ExternalAuth): readonly Directive[] {
  if (exchange?.passes !== true) return [];
  return [directive('error_page', ...REFUSALS.map(integer), namedLocation('tidegate_auth_answer'))];
}
