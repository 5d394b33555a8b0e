/** The location that sends the authorization subrequest, and directives for the location that it guards. */
import { literal, word } from '../../../types/conf-value.ts';
import { directive, type Directive } from '../../../types/directive.ts';
import type { LiveExternalAuth } from '../../../types/live-external-auth.ts';
import type { LiveRoute } from '../../../types/live-route.ts';
import type { BackendRef, LocationPlan } from '../../../types/plan.ts';
import type { ObjectRef } from '../../../types/problem.ts';
import type { HeaderChange } from '../../../types/upstream-headers.ts';
import { backendKey } from '../../contract/backend-key.ts';
import { fittingPass, type PlaceBuffers } from '../fitting-buffers.ts';
import { fingerprint } from '../../contract/fingerprint.ts';
import { keyOf } from '../../contract/object-ref.ts';
import { inWordsOf, type PassDirective, passDirective } from '../../contract/pass-directives.ts';
import type { Settings } from '../../settings/settings.ts';
import { passToUrl } from '../url-pass.ts';
import { backendOf, hostHeader } from '../../values/service-url.ts';
import { cacheOf, settingAnswered, toAnswer, toSignIn } from './answers.ts';
import { exchangeOf, NOT_TWICE } from './exchange.ts';
import type { ExternalAuth } from './external-auth.ts';
import { questionHeaders } from './question-headers.ts';

/** The guarded location: settings that the subrequest shares with it. */
export interface Guarded {
  readonly host: string;
  readonly owner: ObjectRef;
  readonly pass: readonly PassDirective[];
  readonly timeouts: LiveRoute['timeouts'];
  /** Headers about the client's certificate, which the backend and the service get. */
  readonly clientHeaders: readonly HeaderChange[];
  /** Directives of the guarded location; those of a snippet may read headers of the service's response. */
  readonly directives: readonly Directive[];
  readonly settings: Settings;
  /** Buffer sizes in force in the server block. */
  readonly buffers: PlaceBuffers;
}

export interface ExternalAuthPlan {
  /** Directives of the guarded location, which come before all its other directives. */
  readonly directives: readonly Directive[];
  /** Live data of the guarded location; the caller adds `backend`. */
  readonly guard: LiveExternalAuth;
  readonly backend: BackendRef;
  /** The location of the subrequest. */
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

/**
 * Directives of the Ingress's backend that apply to the subrequest, too, as in ingress-nginx: they limit a response's
 * size and form.
 */
const SHARED: ReadonlySet<PassDirective['suffix']> = new Set([
  'buffer_size',
  'buffers',
  'busy_buffers_size',
  'http_version',
  'max_temp_file_size',
]);

/** The directives in `SHARED`, and those of the snippet, which take precedence. */
function withoutRepeated(pass: readonly PassDirective[], snippet: readonly PassDirective[]): readonly PassDirective[] {
  const own = snippet.filter(({ suffix }) => suffix !== 'next_upstream');
  const said = new Set(own.map(({ suffix }) => suffix));
  return [...pass.filter(({ suffix }) => SHARED.has(suffix) && !said.has(suffix)), ...own];
}

/** Plans the subrequest; undefined if the URL's host is `$host` and the host of the rule is a wildcard. */
export function planExternalAuth(auth: ExternalAuth, guarded: Guarded): ExternalAuthPlan | undefined {
  const { host, owner, settings } = guarded;
  const target = auth.url.host === '$host' ? host : auth.url.host;
  if (target === '' || target.startsWith('*')) return undefined;
  const { pass, directives: tls } = passToUrl(auth.url.protocol, target, 'auth');
  const { method } = auth;
  const once = method !== undefined && NOT_TWICE.has(method);
  const said = withoutRepeated(guarded.pass, auth.snippet?.pass ?? []);
  const passing = [
    ...fittingPass(said, guarded.buffers).pass,
    ...(method === undefined ? [] : [passDirective('method', word(method))]),
    passDirective('next_upstream', ...(once ? [word('off')] : [word('error'), word('timeout')])),
  ];
  const directives = [
    ...inWordsOf(pass.protocol, passing),
    ...(auth.snippet?.directives ?? []),
    ...tls,
    ...(settings['enable-auth-access-log'] ? [directive('log_subrequest', word('on'))] : []),
  ];
  const headers = questionHeaders(auth, settings, guarded.clientHeaders);
  const fixed = [...directives, ...headers].map((each) =>
    'args' in each ? [each.name, ...each.args.map(({ conf }) => conf)] : [each.name, each.value.conf],
  );
  const id = fingerprint(
    JSON.stringify([host, 'auth', keyOf(owner), auth.source, pass, fixed, auth.exchange !== undefined]),
  );
  const text = `/_auth-${id}`;
  const backend = backendOf({ host: target, port: auth.url.port });
  const key = backendKey(backend);
  return {
    directives: [
      ...toSignIn(auth),
      ...toAnswer(auth),
      directive('auth_request', literal(text)),
      ...settingAnswered(auth),
    ],
    guard: { cookies: auth.cookies, ...(auth.signIn !== undefined && { signIn: auth.signIn }) },
    backend,
    location: {
      match: { kind: 'exact', text },
      directives,
      pass,
      authRequest: { headers, exchange: auth.exchange !== undefined },
      routeId: id,
      owner,
    },
    route: {
      backend: key,
      ingress: keyOf(owner),
      path: '/',
      tlsRedirect: 'never',
      ...(guarded.timeouts !== undefined && { timeouts: guarded.timeouts }),
      tries: once ? 1 : 3,
      balance: 'round_robin',
      authRequest: {
        host: hostHeader(target),
        uri: auth.url.uri,
        ...cacheOf(auth, guarded.directives),
        ...exchangeOf(auth, guarded, headers, target),
      },
    },
  };
}
