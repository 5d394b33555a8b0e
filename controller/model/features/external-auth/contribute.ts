/** What the annotations of external authentication add to a location. */
import type { V1ConfigMap } from '@kubernetes/client-node';
import { headerText, notHeaderText } from '../../../types/conf-value.ts';
import { type Problem, shorten } from '../../../types/problem.ts';
import type { LocationContext, LocationContribution } from '../annotation.ts';
import { closed } from '../closed.ts';
import { readHeaders, tellEntries } from '../config-map-entries.ts';
import { keptProblem, lastGood } from '../../contract/last-good.ts';
import { elsewhereOf, namedConfigMap, type Reference } from '../named-object.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Snippet } from '../../values/snippets/compile.ts';
import { USUAL_TIMES } from '../../values/auth-cache.ts';
import { type SignInUrl, withReturn } from '../../values/auth-url.ts';
import { isRequestHeader } from '../../values/header-names.ts';
import { answeredHeaders } from './answers.ts';
import { authDeclarations, type ExternalAuth } from './external-auth.ts';
import { globalAuth, snippetFor } from './global-auth.ts';

/** Values of the annotations; annotations/external-auth.ts describes them. */
export interface ExternalAuthValues {
  readonly 'auth-url': ExternalAuth['url'] | undefined;
  readonly 'auth-method': string | undefined;
  readonly 'auth-signin': SignInUrl | undefined;
  readonly 'auth-signin-redirect-param': string | undefined;
  readonly 'auth-response-headers': readonly string[] | undefined;
  readonly 'auth-proxy-set-headers': Reference | undefined;
  readonly 'auth-request-redirect': string | undefined;
  readonly 'auth-cache-key': NonNullable<ExternalAuth['cache']>['key'] | undefined;
  readonly 'auth-cache-duration': NonNullable<ExternalAuth['cache']>['times'] | undefined;
  readonly 'auth-always-set-cookie': boolean | undefined;
  readonly 'auth-pass-response': boolean | undefined;
  readonly 'auth-keepalive': number | undefined;
  readonly 'auth-keepalive-requests': number | undefined;
  readonly 'auth-keepalive-timeout': number | undefined;
  readonly 'auth-snippet': Snippet | undefined;
  readonly 'enable-global-auth': boolean | undefined;
}

/**
 * The service of the Ingress, or else the service of the settings. If a service is configured but cannot be used, the
 * location answers 503.
 */
export function contributeExternalAuth(values: ExternalAuthValues, context: LocationContext): LocationContribution {
  const { settings, report, annotationField } = context;
  const deny = (name: string, message: string, more: Pick<Problem, 'elsewhere'> = {}) => {
    report({
      code: 'external-auth',
      severity: 'error',
      effect: 'denied-location',
      field: annotationField(name),
      message,
      ...more,
      example: 'auth-url: http://auth.security.svc.cluster.local/verify',
    });
    return { route: closed(name) };
  };
  const url = values['auth-url'];
  const [lonely] = Object.keys(values).filter((name) => name !== 'enable-global-auth');
  if (url === undefined && lonely !== undefined)
    report({
      code: 'auth-without-url',
      severity: 'warning',
      effect: 'ignored-key',
      field: annotationField(lonely),
      message: `${lonely} has no effect without a valid auth-url`,
      example: 'auth-url: http://auth.security.svc.cluster.local/verify',
    });
  if (context.exemptFromAuth()) return {};
  if (url === undefined) {
    const auth = values['enable-global-auth'] === false ? undefined : globalAuth(settings);
    if (auth === 'unreadable')
      return deny('auth-url', 'global-auth-url of the ConfigMap, or a key that belongs to it, is invalid', {
        elsewhere: true,
      });
    return auth === undefined ? {} : contribution(auth, settings);
  }
  const reference = values['auth-proxy-set-headers'];
  const requestHeaders = reference === undefined ? [] : headersOf(reference, context);
  if ('refusal' in requestHeaders)
    return deny('auth-proxy-set-headers', requestHeaders.refusal, elsewhereOf(requestHeaders));
  const written = values['auth-snippet'];
  const added = written === undefined ? undefined : snippetFor(written);
  if (typeof added === 'string')
    return deny('auth-snippet', `auth-snippet contains $${added}, which is not a variable that docs/snippets.md lists`);
  const auth = { ...asWritten(values, url), ...(added !== undefined && { snippet: added }), requestHeaders };
  return contribution(auth, settings);
}

/** The part of `ExternalAuth` that follows from the annotations alone, without ConfigMaps that they name. */
function asWritten(values: ExternalAuthValues, url: ExternalAuth['url']): Omit<ExternalAuth, 'requestHeaders'> {
  const {
    'auth-method': method,
    'auth-signin': signIn,
    'auth-signin-redirect-param': parameter = 'rd',
    'auth-request-redirect': redirect,
    'auth-cache-key': key,
    'auth-cache-duration': times = USUAL_TIMES,
    'auth-keepalive': connections = 0,
    'auth-keepalive-requests': requests = 1000,
    'auth-keepalive-timeout': timeout = 60,
  } = values;
  const exchange = exchangeFor(connections, requests, timeout, values['auth-pass-response'] === true);
  return {
    url,
    source: 'auth-url',
    ...(method !== undefined && { method }),
    ...(signIn !== undefined && { signIn: withReturn(signIn, parameter) }),
    ...(redirect !== undefined && { redirect }),
    ...(key !== undefined && { cache: { key, times } }),
    ...(exchange !== undefined && { exchange }),
    cookies: values['auth-always-set-cookie'] === true ? 'all' : 'some',
    responseHeaders: values['auth-response-headers'] ?? [],
  };
}

/** Headers for the service from a ConfigMap, or the reason why they cannot be used. */
function headersOf(
  reference: Reference,
  context: LocationContext,
): ExternalAuth['requestHeaders'] | ({ readonly refusal: string } & Pick<Problem, 'elsewhere'>) {
  const named = namedConfigMap('auth-proxy-set-headers', reference, context);
  const { key, object, refusal } = named;
  if (object === undefined) return { refusal, ...elsewhereOf(named) };
  const read = (each: V1ConfigMap) => readHeaders(each, headerRefusal, context.flags.bounds);
  const found = lastGood({ use: 'auth-proxy-set-headers', key, object, read, tell: tellEntries }, context.resources);
  if (found.refusal !== undefined) return { refusal: found.refusal, elsewhere: true };
  if (found.kept !== undefined)
    context.report(keptProblem(context.annotationField('auth-proxy-set-headers'), key, found.kept));
  return found.value.map(([name, value]) => [name, headerText(value)] as const);
}

function headerRefusal(name: string, value: string): string | undefined {
  if (!isRequestHeader(name)) return `${shorten(name)} is not a header that may be set`;
  const reason = notHeaderText(value);
  return reason === undefined ? undefined : `the value of ${name} ${reason}`;
}

/** How Lua sends the subrequest; undefined if NGINX sends it. */
function exchangeFor(connections: number, requests: number, idle: number, passes: boolean): ExternalAuth['exchange'] {
  const kept = requests === 0 || idle === 0 ? 0 : connections;
  if (kept === 0 && !passes) return undefined;
  return { connections: kept, requests: Math.max(1, requests), idle: Math.max(1, idle), passes };
}

function contribution(externalAuth: ExternalAuth, settings: Settings): LocationContribution {
  const declarations = authDeclarations(externalAuth);
  return {
    externalAuth,
    upstreamHeaders: answeredHeaders(externalAuth, settings),
    ...(declarations.length > 0 && { declarations }),
  };
}
