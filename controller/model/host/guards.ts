/** External authentication that guards a location: its directives, its live data, and the location for subrequests. */
import type { Directive } from '../../types/directive.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import { backendKey } from '../contract/backend-key.ts';
import { errorPage } from '../settings/error-pages.ts';
import { closed } from '../features/closed.ts';
import { readingAnswers, REFUSALS } from '../features/external-auth/answers.ts';
import { type ExternalAuthPlan, planExternalAuth } from '../features/external-auth/plan.ts';
import type { LocationSettings } from '../features/location-settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { ServerSnippet } from './server-snippet.ts';
import { isOfClientCertificate } from '../settings/upstream-headers.ts';

export interface Guard {
  readonly owner: ObjectRef;
  /** Directives that are written before those of the location. */
  readonly directives: readonly Directive[];
  /** The directives of the location, changed to read headers of the authentication response where necessary. */
  readonly own: readonly Directive[];
  /** Fields of the location's route. */
  readonly route: Pick<LiveRoute, 'deny' | 'externalAuth'>;
  /** The location and backend for subrequests; absent if the guarded location answers 503. */
  readonly asks?: Pick<ExternalAuthPlan, 'location' | 'route' | 'backend'> & {
    readonly signsIn: boolean;
    readonly passes: boolean;
  };
}

interface Around {
  readonly host: string;
  readonly settings: Settings;
  readonly server: ServerSnippet;
}

/**
 * A location with its own error_page directive does not inherit those of the server block. It therefore repeats them,
 * except for the statuses that its own directive handles.
 */
function inheritedPages(own: LocationSettings, settings: Settings): readonly Directive[] {
  const taken = own.externalAuth?.exchange?.passes === true ? REFUSALS : [401];
  const codes = settings['custom-http-errors'].filter((code) => !taken.includes(code));
  return own.errorPages === true || codes.length === 0 ? [] : [errorPage(codes)];
}

function passesAny({ directives }: LocationSettings): boolean {
  return directives.some(({ name, args: [which] }) => `${name} ${which?.conf}` === 'satisfy any');
}

function notOneName(host: string, object: ObjectRef): Problem {
  return {
    code: 'external-auth',
    severity: 'error',
    effect: 'denied-location',
    object,
    field: ['spec', 'rules'],
    value: host,
    message:
      '$host in auth-url (or in global-auth-url of the ConfigMap) stands for the host of the rule, which must not ' +
      'be a wildcard or missing; the paths answer 503',
    example: 'auth-url: http://auth.security.svc.cluster.local/verify',
  };
}

/** The guard of a location; undefined if the location has no external authentication. */
export function guardWith(
  location: LocationSettings,
  { host, settings, server }: Around,
  owner: ObjectRef | undefined,
  problems: Problem[],
): Guard | undefined {
  const { externalAuth: auth, pass, route } = location;
  if (auth === undefined || owner === undefined || route.deny !== undefined) return undefined;
  const clientHeaders = (location.upstreamHeaders ?? []).filter(([name]) => isOfClientCertificate(name));
  const plan = planExternalAuth(auth, {
    host,
    owner,
    pass,
    timeouts: route.timeouts,
    clientHeaders,
    settings,
    directives: location.directives,
    buffers: server.buffers,
  });
  if (plan === undefined) {
    const problem = notOneName(host, owner);
    if (!problems.some(({ object, code }) => object === owner && code === problem.code)) problems.push(problem);
    return { owner, directives: [], own: location.directives, route: closed('auth-url') };
  }
  // With `satisfy any`, a correct password may suffice; then no subrequest is sent, and the backend is not needed.
  const guard = passesAny(location) ? plan.guard : { backend: backendKey(plan.backend), ...plan.guard };
  const signsIn = auth.signIn !== undefined;
  const passes = auth.exchange?.passes === true;
  return {
    owner,
    directives: [...plan.directives, ...(signsIn || passes ? inheritedPages(location, settings) : [])],
    own: readingAnswers(auth, location.directives),
    route: { externalAuth: guard },
    asks: { location: plan.location, route: plan.route, backend: plan.backend, signsIn, passes },
  };
}
