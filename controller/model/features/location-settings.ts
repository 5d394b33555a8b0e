/** What all features together say of one location. */
import type { ResponseHeader } from '../../types/live.ts';
import type { BackendRef, FilePlan, Pass } from '../../types/plan.ts';
import type { BackendTls, LocationContribution, Mirror } from './annotation.ts';
import type { ExternalAuth } from './external-auth/external-auth.ts';
import { shareAccess } from '../values/access-lists.ts';
import { mergeConflicting, withAccess } from './merge-conflicting-directives.ts';
import { mergeHeaderChanges } from '../settings/upstream-headers.ts';

/** All contributions of all features to one location. */
export interface LocationSettings {
  readonly directives: NonNullable<LocationContribution['directives']>;
  readonly declarations?: NonNullable<LocationContribution['declarations']>;
  readonly pass: NonNullable<LocationContribution['pass']>;
  readonly route: NonNullable<LocationContribution['route']>;
  /** Each name once. */
  readonly upstreamHeaders?: NonNullable<LocationContribution['upstreamHeaders']>;
  readonly rewrite: LocationContribution['rewrite'] | undefined;
  readonly viaService: boolean;
  readonly mirror?: Mirror;
  readonly externalAuth?: ExternalAuth;
  readonly protocol: Pass['protocol'];
  readonly backendTls: BackendTls | undefined;
  readonly files?: readonly FilePlan[];
  readonly tlsRedirect: { readonly wanted: boolean; readonly forced: boolean };
  readonly regex: boolean;
  readonly fallback?: BackendRef | undefined;
  /** More access rules than there may be: nobody is let in. */
  readonly tooManySources?: boolean;
  /** It has a list of errors of its own. */
  readonly errorPages?: boolean;
}

/** Settings of a location that nobody annotated. */
export const NO_SETTINGS: LocationSettings = {
  directives: [],
  pass: [],
  route: {},
  rewrite: undefined,
  viaService: false,
  protocol: 'http',
  backendTls: undefined,
  tlsRedirect: { wanted: false, forced: false },
  regex: false,
};

/** Settings of a location that is closed, whatever its annotations say. */
export const DENIED: LocationSettings = { ...NO_SETTINGS, route: { deny: 503 } };

type Route = NonNullable<LocationContribution['route']>;

function mergeRoutes(contributions: readonly LocationContribution[], sources: Route['sources']): Route {
  let route: Route = {};
  for (const contribution of contributions) route = { ...route, ...contribution.route };
  const responseHeaders = contributions.flatMap((contribution) => contribution.route?.responseHeaders ?? []);
  return {
    ...route,
    ...(responseHeaders.length > 0 && { responseHeaders: lastOfEach(responseHeaders) }),
    ...(sources !== undefined && { sources }),
  };
}

/**
 * One location's settings out of `given`, in the order of the features: where only one can hold, the later does. With
 * `denied` the location answers 503.
 */
export function mergeContributions(given: readonly LocationContribution[], denied: boolean): LocationSettings {
  const contributions = mergeConflicting(given);
  const last = <K extends keyof LocationContribution>(name: K): LocationContribution[K] | undefined =>
    contributions.findLast((contribution) => contribution[name] !== undefined)?.[name];
  const mirror = last('mirror');
  const externalAuth = last('externalAuth');
  const access = shareAccess(
    withAccess(
      contributions.flatMap((contribution) => contribution.directives ?? []),
      last('access'),
    ),
  );
  const declarations = [
    ...contributions.flatMap((contribution) => contribution.declarations ?? []),
    ...access.declarations,
  ];
  const headers = [
    ...contributions.flatMap((contribution) => contribution.requestHeaders ?? []),
    ...contributions.flatMap((contribution) => contribution.upstreamHeaders ?? []),
  ];
  const files = contributions.flatMap((contribution) => contribution.files ?? []);
  const route = mergeRoutes(contributions, access.tooLong ? undefined : access.sources);
  return {
    directives: access.directives,
    ...(declarations.length > 0 && { declarations }),
    pass: contributions.flatMap((contribution) => contribution.pass ?? []),
    route: denied || access.tooLong ? { ...route, deny: 503 } : route,
    ...(access.tooLong && { tooManySources: true }),
    ...(headers.length === 0 ? {} : { upstreamHeaders: mergeHeaderChanges(headers) }),
    rewrite: rewriteOf(last('rewrite'), last('forwardedPrefix'), last('rewriteLog')),
    viaService: last('viaService') ?? false,
    ...(mirror === undefined ? {} : { mirror }),
    ...(externalAuth === undefined ? {} : { externalAuth }),
    protocol: last('protocol') ?? 'http',
    backendTls: last('backendTls'),
    ...(files.length > 0 && { files }),
    tlsRedirect: last('tlsRedirect') ?? { wanted: false, forced: false },
    regex: contributions.some((contribution) => contribution.regex === true),
    fallback: last('fallback'),
    errorPages: contributions.some((contribution) => contribution.errorPages === true),
  };
}

/** Settings of a path that is rewritten, out of those that it has without: `rewritten` is one of `given`. */
export function withRewrite(
  settings: LocationSettings,
  rewritten: LocationContribution,
  given: readonly LocationContribution[],
): LocationSettings {
  const last = <K extends keyof LocationContribution>(name: K): LocationContribution[K] | undefined =>
    given.findLast((contribution) => contribution[name] !== undefined)?.[name];
  const rewrite = rewriteOf(rewritten.rewrite, last('forwardedPrefix'), last('rewriteLog'));
  return { ...settings, rewrite, regex: settings.regex || rewritten.regex === true };
}

/** Names that differ in case alone are one header. */
function lastOfEach(headers: readonly ResponseHeader[]): readonly ResponseHeader[] {
  return [...new Map(headers.map((header) => [header[0].toLowerCase(), header])).values()];
}

function rewriteOf(
  rewrite: LocationSettings['rewrite'],
  forwardedPrefix: LocationContribution['forwardedPrefix'],
  log: LocationContribution['rewriteLog'],
): LocationSettings['rewrite'] {
  if (rewrite === undefined || (forwardedPrefix === undefined && log === undefined)) return rewrite;
  return { ...rewrite, ...(forwardedPrefix !== undefined && { forwardedPrefix }), ...(log !== undefined && { log }) };
}
