/** Decides which nginx locations match the paths of a host, and to which path each location belongs. */
import type { Match } from '../../../types/plan.ts';
import type { Problem } from '../../../types/problem.ts';
import { fitsWord } from '../../../types/conf-value.ts';
import type { Steps } from '../../../types/steps.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';
import { inNginxOrder } from './location-order.ts';
import { closedSettings, type LocationSettings } from '../../features/location-settings.ts';
import { type PathClaim, conflict } from './claims.ts';
import { type HostRegexes, hostRegexes } from './host-regexes.ts';
import { type RefusedRegexes, refusedRegexes } from './refused-regexes.ts';
import type { AcceptedRegex } from '../../values/regex/check.ts';
import { commonPath, escapeRegex, plainCover } from '../../values/regex/literal.ts';
import { plainPatterns, shadowedPaths } from './path-notices.ts';
import { shadowedDrafts } from './shadowed-drafts.ts';
import { regexPathNotices } from './regex-path-notices.ts';

/** A location to be built: how nginx matches it, and its settings. */
export interface LocationDraft {
  readonly match: Match;
  readonly claim: PathClaim;
  readonly settings: LocationSettings;
  /** If not null, the location redirects to its own path with a trailing slash. */
  readonly slashRedirect: string | null;
}

/** Inputs, besides the paths themselves, that determine how the paths of a host are matched. */
export interface PathMode {
  readonly host: string;
  readonly strictPaths: boolean;
  /** rewrite-target and use-regex do not turn the paths of other namespaces into regular expressions. */
  readonly isolateNamespaces: boolean;
  /** Ingresses of the host, oldest first. The host belongs to the namespace of the first. */
  readonly models: readonly IngressModel[];
  readonly redirectsToSlash: boolean;
}

/**
 * Locations of a path in a host without regular expressions. A Prefix path has two: a prefix location with a trailing
 * slash, and an exact location without it.
 */
function plainMatches(path: PathModel): Match[] {
  if (path.type === 'Exact') return [{ kind: 'exact', text: path.text }];
  if (path.text === '/') return [{ kind: 'prefix', text: '/' }];
  const bare = path.text.replace(/\/$/, '');
  return [
    { kind: 'prefix', text: `${bare}/` },
    { kind: 'exact', text: bare },
  ];
}

/** A regular expression is anchored at its start only, for Exact and Prefix paths alike. */
function regexMatch({ pattern, limit }: AcceptedRegex, path: PathModel): Match {
  return { kind: 'regex', text: `^${pattern}`, path: path.text, ...(limit !== '' && { limit }) };
}

/**
 * Locations that answer 503 instead of a path that cannot be matched as intended. They match every URI that begins with
 * the plain text at the start of one of the path's alternatives, so that such requests do not fall through to an
 * unguarded shorter path. Longer paths of other Ingresses are unaffected.
 */
function refusedMatches({ text }: PathModel): Match[] {
  const cover = plainCover(text);
  return cover === undefined ? [] : [{ kind: 'regex', text: cover.pattern, path: cover.shortest }];
}

function draft(
  claim: PathClaim,
  match: Match,
  settings = claim.path.settings,
  slashRedirect: string | null = null,
): LocationDraft {
  return { match, claim, settings, slashRedirect };
}

/** Drafts of all locations, in the order of `inNginxOrder`. */
export function* draftLocations(
  claims: readonly PathClaim[],
  mode: PathMode,
  problems: Problem[],
): Steps<LocationDraft[]> {
  const asks = claims.find((claim) => claim.path.settings.regex);
  if (asks === undefined) {
    problems.push(...plainPatterns(mode.host, claims));
    return unique(
      claims.flatMap((claim) => plainDrafts(claim, mode)),
      problems,
    );
  }
  const turning = turningClaims(claims, mode);
  for (const each of turning) problems.push(...regexPathNotices(mode.host, each, askerOf(each) ?? asks.model));
  const turned = new Set(turning.flat());
  const owned = ownersFirst(claims, mode.models[0]);
  const stays = (claim: PathClaim) => !turned.has(claim);
  problems.push(
    ...plainPatterns(
      mode.host,
      claims.filter((claim) => stays(claim) && !claim.path.settings.regex),
    ),
  );
  const matched = yield* matchPaths(owned, mode, stays, problems);
  const drafts = unique(
    claims.flatMap((claim) => matched.get(claim) ?? []),
    problems,
  );
  problems.push(...shadowedPaths(mode.host, shadowedDrafts(drafts)));
  return drafts;
}

/**
 * The claims of the namespace that owns the host come first, so that Ingresses of other namespaces cannot use up the
 * host's limits for regular expressions.
 */
function ownersFirst(claims: readonly PathClaim[], owner: IngressModel | undefined): readonly PathClaim[] {
  const isOwn = ({ model }: PathClaim) => model.ref.namespace === owner?.ref.namespace;
  return claims.every(isOwn) ? claims : [...claims.filter(isOwn), ...claims.filter((claim) => !isOwn(claim))];
}

function askerOf(claims: readonly PathClaim[]): IngressModel | undefined {
  return claims.find((claim) => claim.path.settings.regex)?.model;
}

/**
 * Groups of claims that all become regular expressions, because one of them uses rewrite-target or use-regex: all
 * claims of the host, or, with isolation, those of one namespace.
 */
function turningClaims(
  claims: readonly PathClaim[],
  { strictPaths, isolateNamespaces }: PathMode,
): readonly PathClaim[][] {
  if (strictPaths) return [];
  if (!isolateNamespaces) return [[...claims]];
  const byNamespace = Map.groupBy(claims, ({ model }) => model.ref.namespace);
  return [...byNamespace.values()].filter((each) => askerOf(each) !== undefined);
}

function plainDrafts(claim: PathClaim, { redirectsToSlash }: PathMode): LocationDraft[] {
  return plainMatches(claim.path).map((match) => {
    const redirects = redirectsToSlash && isWithoutSlash(match, claim.path);
    return draft(claim, match, claim.path.settings, redirects ? match.text : null);
  });
}

/** Whether the match is `/foo` for the path `/foo/`. */
function isWithoutSlash(match: Match, path: PathModel): boolean {
  return match.kind === 'exact' && path.text === `${match.text}/`;
}

/**
 * nginx prefers regular expressions to prefixes. In a host with regular expressions, a plain path is therefore also
 * written as a regular expression; its place in the order is determined by its plain text. An exact path stays as it
 * is, unless it ends in a slash: nginx would redirect `/foo` to an exact `/foo/`, with its own listening port in the
 * URL.
 */
function amongRegexes(each: LocationDraft): LocationDraft {
  const { kind, text } = each.match;
  if (text === '/' || (kind === 'exact' && !text.endsWith('/'))) return each;
  const own = { kind: 'regex', text: `^${escapeRegex(text)}`, literal: text } as const;
  return { ...each, match: kind === 'exact' ? { ...own, text: `${own.text}\\z`, exact: true } : own };
}

/** Drafts for the paths of a host with regular expressions. `stays`: whether a path is matched as plain text. */
function* matchPaths(
  claims: readonly PathClaim[],
  mode: PathMode,
  stays: (claim: PathClaim) => boolean,
  problems: Problem[],
): Steps<ReadonlyMap<PathClaim, readonly LocationDraft[]>> {
  const drafts = new Map<PathClaim, readonly LocationDraft[]>();
  const refused = refusedRegexes();
  const room = hostRegexes();
  for (const claim of claims) {
    drafts.set(claim, matchPath(claim, stays(claim) ? mode : null, room, refused));
    yield;
  }
  problems.push(...refused.problems());
  return drafts;
}

/** Settings of a path that nginx.conf cannot contain, or of a regular expression that is rejected. */
const UNUSABLE = closedSettings('path');

/**
 * The locations of one path. `stays`: how the path is matched as plain text; null if it becomes a regular expression
 * because of another path.
 */
function matchPath(
  claim: PathClaim,
  stays: PathMode | null,
  room: HostRegexes,
  refused: RefusedRegexes,
): readonly LocationDraft[] {
  const { model, path } = claim;
  const deny = (settings = UNUSABLE): LocationDraft[] =>
    refusedMatches(path).map((match) => draft(claim, match, settings));
  if (model.quarantined) return deny(path.settings);
  if (stays !== null && !path.settings.regex) {
    const drafts = plainDrafts(claim, stays).map(amongRegexes);
    if (drafts.every(({ match }) => fitsWord(match.text))) return drafts;
    refused.refuse(claim, 'is too long for nginx.conf with its special characters escaped');
    return deny();
  }
  const { own, below } = path.regex;
  const bad = [own, below].find((each) => each?.ok === false);
  if (!own.ok || bad?.ok === false) {
    refused.refuse(claim, bad?.ok === false ? bad.reason : '');
    return deny();
  }
  const reason = room(below === undefined ? 1 : 2, own.steps + (below?.ok === true ? below.steps : 0));
  if (reason !== undefined) {
    refused.leaveOut(claim, reason);
    return deny();
  }
  const settings = withPattern(path.settings, own);
  return [below, own].flatMap((each) => (each?.ok === true ? [draft(claim, regexMatch(each, path), settings)] : []));
}

/**
 * Settings of a path that is a regular expression. A rewrite uses the same pattern as the location. The Path of an
 * affinity cookie is the longest plain path that contains all matches, because clients cannot match a pattern.
 */
function withPattern(settings: LocationSettings, { pattern, limit }: AcceptedRegex): LocationSettings {
  const { rewrite, route } = settings;
  const { affinity } = route;
  if (rewrite === undefined && affinity === undefined) return settings;
  return {
    ...settings,
    rewrite: rewrite === undefined ? undefined : { ...rewrite, pattern: `${limit}${pattern}` },
    route: affinity === undefined ? route : { ...route, affinity: { path: commonPath(pattern), ...affinity } },
  };
}

/**
 * Keeps one draft for each match. An Exact path takes precedence over the exact location that belongs to the same path
 * with pathType Prefix.
 */
function unique(drafts: readonly LocationDraft[], problems: Problem[]): LocationDraft[] {
  const rank = ({ match, claim: { path } }: LocationDraft) =>
    path.type === 'Exact' ? 0 : isWithoutSlash(match, path) ? 2 : 1;
  const taken = new Map<string, LocationDraft>();
  for (const each of [...drafts].sort((a, b) => rank(a) - rank(b))) {
    const key = `${each.match.kind} ${each.match.text}`;
    const winner = taken.get(key);
    if (winner === undefined) taken.set(key, each);
    else if (each.match.kind === 'prefix' || each.match.literal !== undefined)
      problems.push(conflict(each.claim.model, each.claim.path, winner.claim.model));
  }
  return [...taken.values()].sort((a, b) => inNginxOrder(a.match, b.match));
}
