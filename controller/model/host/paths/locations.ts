/** Which path owns which match of a host (annotations-notes, sections 2 and 4). */
import type { Match } from '../../../types/plan.ts';
import type { Problem } from '../../../types/problem.ts';
import { fitsWord } from '../../../types/conf-value.ts';
import type { Steps } from '../../../types/steps.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { PathModel } from '../../ingress/ingress-rules.ts';
import { inNginxOrder } from './location-order.ts';
import { DENIED, type LocationSettings } from '../../features/location-settings.ts';
import { type Claim, conflict } from './claims.ts';
import { type HostRegexes, hostRegexes } from './host-regexes.ts';
import { type RefusedRegexes, refusedRegexes } from './refused-regexes.ts';
import type { AcceptedRegex } from '../../values/regex/check.ts';
import { commonPath, escapeRegex, plainCover } from '../../values/regex/literal.ts';
import { plainPatterns, shadowedPaths } from './path-notices.ts';
import { shadowedDrafts } from './shadowed-drafts.ts';
import { regexPathNotices } from './regex-path-notices.ts';

/** A location to be built: how it is chosen, and what it does. */
export interface Draft {
  readonly match: Match;
  readonly claim: Claim;
  readonly settings: LocationSettings;
  readonly slashRedirect: string | null;
}

/** What determines how the paths of a host are matched, besides the paths. */
export interface PathMode {
  readonly host: string;
  readonly strictPaths: boolean;
  /** Regular expressions do not turn paths of other namespaces into regular expressions. */
  readonly isolateNamespaces: boolean;
  /** Oldest first: the host belongs to the namespace of the first. */
  readonly models: readonly IngressModel[];
  readonly redirectsToSlash: boolean;
}

/** Locations of a path in a host without regular expressions. A Prefix path also gets one with a trailing slash. */
function plainMatches(path: PathModel): Match[] {
  if (path.type === 'Exact') return [{ kind: 'exact', text: path.text }];
  if (path.text === '/') return [{ kind: 'prefix', text: '/' }];
  const bare = path.text.replace(/\/$/, '');
  return [
    { kind: 'prefix', text: `${bare}/` },
    { kind: 'exact', text: bare },
  ];
}

/** Anchored at the start only, Exact and Prefix alike. */
function regexMatch({ pattern, limit }: AcceptedRegex, path: PathModel): Match {
  return { kind: 'regex', text: `^${pattern}`, path: path.text, ...(limit !== '' && { limit }) };
}

/**
 * A path that cannot be matched as intended answers 503 on the plain text that each of its alternatives begins with, so
 * that no shorter path serves what it guarded. Longer paths of others are unaffected.
 */
function refusedMatches({ text }: PathModel): Match[] {
  const cover = plainCover(text);
  return cover === undefined ? [] : [{ kind: 'regex', text: cover.pattern, path: cover.shortest }];
}

function draft(claim: Claim, match: Match, settings = claim.path.settings, slashRedirect: string | null = null): Draft {
  return { match, claim, settings, slashRedirect };
}

/** Drafts of all locations, in their order. */
export function* draftLocations(claims: readonly Claim[], mode: PathMode, problems: Problem[]): Steps<Draft[]> {
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
  const stays = (claim: Claim) => !turned.has(claim);
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

/** A guest cannot use up the limits for regular expressions of the host's owner. */
function ownersFirst(claims: readonly Claim[], owner: IngressModel | undefined): readonly Claim[] {
  const isOwn = ({ model }: Claim) => model.ref.namespace === owner?.ref.namespace;
  return claims.every(isOwn) ? claims : [...claims.filter(isOwn), ...claims.filter((claim) => !isOwn(claim))];
}

function askerOf(claims: readonly Claim[]): IngressModel | undefined {
  return claims.find((claim) => claim.path.settings.regex)?.model;
}

/** Claims that become regular expressions if one of them asks for it: those of a namespace, or all. */
function turningClaims(claims: readonly Claim[], { strictPaths, isolateNamespaces }: PathMode): readonly Claim[][] {
  if (strictPaths) return [];
  if (!isolateNamespaces) return [[...claims]];
  const byNamespace = Map.groupBy(claims, ({ model }) => model.ref.namespace);
  return [...byNamespace.values()].filter((each) => askerOf(each) !== undefined);
}

function plainDrafts(claim: Claim, { redirectsToSlash }: PathMode): Draft[] {
  return plainMatches(claim.path).map((match) => {
    const redirects = redirectsToSlash && isWithoutSlash(match, claim.path);
    return draft(claim, match, claim.path.settings, redirects ? match.text : null);
  });
}

/** `/foo`, from the path `/foo/`. */
function isWithoutSlash(match: Match, path: PathModel): boolean {
  return match.kind === 'exact' && path.text === `${match.text}/`;
}

/**
 * nginx prefers regular expressions to prefixes: beside them a plain path is written as one, too, ordered by its text.
 */
function amongRegexes(each: Draft): Draft {
  const { kind, text } = each.match;
  if (kind !== 'prefix' || text === '/') return each;
  return { ...each, match: { kind: 'regex', text: `^${escapeRegex(text)}`, literal: text } };
}

/** Paths of a host with some regular expressions; those that stay plain are matched as they are. */
function* matchPaths(
  claims: readonly Claim[],
  mode: PathMode,
  stays: (claim: Claim) => boolean,
  problems: Problem[],
): Steps<ReadonlyMap<Claim, readonly Draft[]>> {
  const drafts = new Map<Claim, readonly Draft[]>();
  const refused = refusedRegexes();
  const room = hostRegexes();
  for (const claim of claims) {
    drafts.set(claim, matchPath(claim, stays(claim) ? mode : null, room, refused));
    yield;
  }
  problems.push(...refused.problems());
  return drafts;
}

/** `stays`: how a plain path is matched unless it asks for a regular expression itself. */
function matchPath(claim: Claim, stays: PathMode | null, room: HostRegexes, refused: RefusedRegexes): readonly Draft[] {
  const { model, path } = claim;
  const deny = (): Draft[] => refusedMatches(path).map((match) => draft(claim, match, DENIED));
  if (model.quarantined) return deny();
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
 * The rewrite uses the pattern that nginx matched with; a cookie's Path must not be a pattern, as clients could not
 * match it.
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

/** Each match once; Exact paths take precedence over the locations that a Prefix adds for the same text. */
function unique(drafts: readonly Draft[], problems: Problem[]): Draft[] {
  const rank = ({ match, claim: { path } }: Draft) => (path.type === 'Exact' ? 0 : isWithoutSlash(match, path) ? 2 : 1);
  const taken = new Map<string, Draft>();
  for (const each of [...drafts].sort((a, b) => rank(a) - rank(b))) {
    const key = `${each.match.kind} ${each.match.text}`;
    const winner = taken.get(key);
    if (winner === undefined) taken.set(key, each);
    else if (each.match.kind === 'prefix' || each.match.literal !== undefined)
      problems.push(conflict(each.claim.model, each.claim.path, winner.claim.model));
  }
  return [...taken.values()].sort((a, b) => inNginxOrder(a.match, b.match));
}
