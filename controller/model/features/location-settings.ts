/** The merged contributions of all features to one location. */
import type { ResponseHeader } from '../../types/live.ts';
import type { LocationContribution } from './annotation.ts';
import { shareAccess } from '../values/access-lists.ts';
import { closed } from './closed.ts';
import { mergeConflicting, withAccess } from './merge-conflicting-directives.ts';
import { mergeHeaderChanges } from '../settings/upstream-headers.ts';

/**
 * How a field that several features contribute is merged. `last`: the last feature's value is used. `any`: true if one
 * feature sets it to true. `own`: `mergeContributions` has code for this field, or other code reads it.
 */
const MERGING = {
  access: 'own',
  backendTls: 'last',
  declarations: 'own',
  directives: 'own',
  errorPages: 'any',
  externalAuth: 'last',
  fallback: 'last',
  files: 'own',
  forwardedPrefix: 'own',
  mirror: 'last',
  needsBuffering: 'own',
  pass: 'own',
  protocol: 'last',
  regex: 'any',
  requestHeaders: 'own',
  rewrite: 'own',
  rewriteLog: 'own',
  route: 'own',
  tlsRedirect: 'last',
  upstreamHeaders: 'own',
  viaService: 'last',
  yields: 'own',
} as const satisfies Readonly<Record<keyof LocationContribution, 'last' | 'any' | 'own'>>;

type Route = NonNullable<LocationContribution['route']>;

type Contributed = {
  readonly [Name in keyof typeof MERGING as (typeof MERGING)[Name] extends 'own' ? never : Name]?: NonNullable<
    LocationContribution[Name]
  >;
};

/** The merged contributions of all features to one location. */
export interface LocationSettings
  extends
    Omit<Contributed, 'protocol' | 'regex' | 'tlsRedirect' | 'viaService'>,
    Required<Pick<Contributed, 'protocol' | 'regex' | 'tlsRedirect' | 'viaService'>> {
  readonly directives: NonNullable<LocationContribution['directives']>;
  readonly declarations?: NonNullable<LocationContribution['declarations']>;
  readonly pass: NonNullable<LocationContribution['pass']>;
  readonly route: Route;
  /** Each header name occurs once. */
  readonly upstreamHeaders?: NonNullable<LocationContribution['upstreamHeaders']>;
  readonly rewrite: LocationContribution['rewrite'] | undefined;
  readonly files?: NonNullable<LocationContribution['files']>;
  /** There are more access rules than allowed, so every request is rejected. */
  readonly tooManySources?: boolean;
}

/** Settings of a location without annotations. */
export const NO_SETTINGS: LocationSettings = {
  directives: [],
  pass: [],
  route: {},
  rewrite: undefined,
  viaService: false,
  protocol: 'http',
  tlsRedirect: { wanted: false, forced: false },
  regex: false,
};

/** Settings of a location that answers 503 because of `by` (closed.ts), whatever its annotations request. */
export function closedSettings(by: string): LocationSettings {
  return { ...NO_SETTINGS, route: closed(by) };
}

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
 * Merges contributions, in the order of the features, into one location's settings. If `closedBy` is set to the name of
 * an annotation, the location answers 503.
 */
export function mergeContributions(
  given: readonly LocationContribution[],
  closedBy: string | undefined,
): LocationSettings {
  const contributions = mergeConflicting(given);
  const all = <T>(of: (contribution: LocationContribution) => readonly T[] | undefined): readonly T[] =>
    contributions.flatMap((contribution) => of(contribution) ?? []);
  const access = shareAccess(
    withAccess(
      all(({ directives }) => directives),
      lastOf(contributions, 'access'),
    ),
  );
  const declarations = [...all((each) => each.declarations), ...access.declarations];
  const headers = [...all(({ requestHeaders }) => requestHeaders), ...all(({ upstreamHeaders }) => upstreamHeaders)];
  const files = all((each) => each.files);
  const route = mergeRoutes(contributions, access.tooLong ? undefined : access.sources);
  const by = closedBy ?? (access.tooLong ? 'allowlist-source-range' : undefined);
  return {
    ...NO_SETTINGS,
    ...contributed(contributions),
    directives: access.directives,
    ...(declarations.length > 0 && { declarations }),
    pass: all(({ pass }) => pass),
    route: by === undefined ? route : { ...route, ...closed(by) },
    ...(access.tooLong && { tooManySources: true }),
    ...(headers.length > 0 && { upstreamHeaders: mergeHeaderChanges(headers) }),
    rewrite: rewriteOf(lastOf(contributions, 'rewrite'), contributions),
    ...(files.length > 0 && { files }),
  };
}

function lastOf<Name extends keyof LocationContribution>(
  contributions: readonly LocationContribution[],
  name: Name,
): LocationContribution[Name] | undefined {
  return contributions.findLast((contribution) => contribution[name] !== undefined)?.[name];
}

/** The fields that `MERGING` marks `last` or `any`, if a feature contributes them. */
function contributed(contributions: readonly LocationContribution[]): Contributed {
  const found: Partial<Record<keyof LocationContribution, unknown>> = {};
  for (const contribution of contributions)
    for (const name of Object.keys(contribution) as (keyof LocationContribution)[]) {
      const [how, value] = [MERGING[name], contribution[name]];
      if (how === 'any' ? value === true : how === 'last' && value !== undefined) found[name] = value;
    }
  return found as Contributed;
}

/**
 * Settings of a rewritten path, made from the settings without the rewrite; `rewritten` is one of the contributions in
 * `given`.
 */
export function withRewrite(
  settings: LocationSettings,
  rewritten: LocationContribution,
  given: readonly LocationContribution[],
): LocationSettings {
  const rewrite = rewriteOf(rewritten.rewrite, given);
  return { ...settings, rewrite, regex: settings.regex || rewritten.regex === true };
}

/** The last header of each name; header names are case-insensitive. */
function lastOfEach(headers: readonly ResponseHeader[]): readonly ResponseHeader[] {
  return [...new Map(headers.map((header) => [header[0].toLowerCase(), header])).values()];
}

/** Adds the forwarded prefix and the log to a rewrite; without a rewrite, they have no effect. */
function rewriteOf(
  rewrite: LocationSettings['rewrite'],
  contributions: readonly LocationContribution[],
): LocationSettings['rewrite'] {
  const forwardedPrefix = lastOf(contributions, 'forwardedPrefix');
  const log = lastOf(contributions, 'rewriteLog');
  if (rewrite === undefined || (forwardedPrefix === undefined && log === undefined)) return rewrite;
  return { ...rewrite, ...(forwardedPrefix !== undefined && { forwardedPrefix }), ...(log !== undefined && { log }) };
}
