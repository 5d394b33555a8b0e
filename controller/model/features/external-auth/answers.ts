/**
 * How a guarded location uses the authentication service's response: as headers for the backend, and as the response to
 * clients that the service refuses.
 */
import { type ConfValue, integer, literal, namedLocation, variable } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { LiveAuthRequest } from '../../../types/live-external-auth.ts';
import type { HeaderChange } from '../../../types/upstream-headers.ts';
import type { Settings } from '../../settings/settings.ts';
import { otherSpellings } from '../../settings/upstream-headers.ts';
import { tellsUsersApart } from '../../values/auth-cache.ts';
import type { ExternalAuth } from './external-auth.ts';

/** Statuses of the response to a request that the service refuses. */
export const REFUSALS: readonly number[] = [401, 403, 500];

function variableSuffix(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

/**
 * The variable that contains a header of the service's response; it is empty without a response, or if the response
 * lacks the header.
 */
function answered(header: string): ConfValue {
  return variable(`tidegate_answer_${variableSuffix(header)}`);
}

/**
 * Headers of the service's response for the backend; they replace headers that the client sent in any spelling of their
 * names.
 */
export function answeredHeaders({ responseHeaders }: ExternalAuth, settings: Settings): readonly HeaderChange[] {
  return responseHeaders.flatMap((name): readonly HeaderChange[] => [
    [name, answered(name)],
    ...otherSpellings(name, settings).map((each) => [each, 'removed'] as const),
  ]);
}

const OF_UPSTREAM = '$upstream_http_';

/**
 * Whether NGINX's `$upstream_http_` variables contain the headers of the response. They do not if the response is
 * cached or was fetched by Lua, because it then has no upstream.
 */
function ofUpstream({ cache, exchange }: ExternalAuth): boolean {
  return cache === undefined && exchange === undefined;
}

/** The header of the response that a directive of the location reads, spelt as in the name of an NGINX variable. */
function headerRead({ name, args: [, value] }: Directive): string | undefined {
  if (name !== 'auth_request_set' || value?.meaning.startsWith(OF_UPSTREAM) !== true) return undefined;
  return value.meaning.slice(OF_UPSTREAM.length);
}

/**
 * The directives of a location, changed so that they read headers of the response from the variables that contain these
 * headers.
 */
export function readingAnswers(auth: ExternalAuth, directives: readonly Directive[]): readonly Directive[] {
  if (ofUpstream(auth)) return directives;
  return directives.map((each) => {
    const header = headerRead(each);
    const [variableToSet] = each.args;
    if (header === undefined || variableToSet === undefined) return each;
    return directive('auth_request_set', variableToSet, variable(`sent_http_${header}`));
  });
}

/** Directives that copy headers of the response into the variables that `answeredHeaders` reads. */
export function settingAnswered(auth: ExternalAuth): readonly Directive[] {
  const source = ofUpstream(auth) ? 'upstream' : 'sent';
  return auth.responseHeaders.map((name) =>
    directive('auth_request_set', answered(name), variable(`${source}_http_${variableSuffix(name)}`)),
  );
}

/**
 * How responses are cached. `directives` are those of the guarded location; the headers of the response that they read
 * must be cached as well.
 */
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

/** After a refusal by the service, clients are redirected to the sign-in page. */
export function toSignIn(auth: ExternalAuth): readonly Directive[] {
  if (auth.signIn === undefined) return [];
  return [directive('error_page', integer(401), literal('='), namedLocation('tidegate_sign_in'))];
}

/** Clients get the service's own response to a refusal; a redirect to the sign-in page takes precedence. */
export function toAnswer({ exchange }: ExternalAuth): readonly Directive[] {
  if (exchange?.passes !== true) return [];
  return [directive('error_page', ...REFUSALS.map(integer), namedLocation('tidegate_auth_answer'))];
}
