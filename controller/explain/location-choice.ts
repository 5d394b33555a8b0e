/**
 * Chooses the location of a path as NGINX does: an exact location, else the first regular expression in the order of
 * the file, else the longest prefix.
 */
import type { HostPlan, LocationPlan, Match } from '../types/plan.ts';
import { toBytes } from './bytes.ts';
import type { Loser } from './explanation.ts';
import { matchPcre } from './pcre.ts';

export interface LocationChoice {
  readonly location: LocationPlan;
  readonly why: string;
  /** Other locations that match. */
  readonly lost: readonly Loser[];
  /** Whether a pattern that NGINX tries has a limit on its steps, so that the request may fail with 500. */
  readonly mayFail: boolean;
  /** True if NGINX redirects to the path with a slash at its end, because only that path has a location. */
  readonly slash?: true;
}

/** A match as in nginx.conf: `= /a`, `/a/`, `~* ^/a`, `~ ^/a`. */
export function matchText({ kind, text, literal }: Match): string {
  if (kind === 'regex') return `${literal === undefined ? '~*' : '~'} ${text}`;
  return kind === 'exact' ? `= ${text}` : text;
}

/** Locations that no client can reach: they are for subrequests and for mirrored requests. */
export function isInternal({ mirror, authRequest }: LocationPlan): boolean {
  return mirror !== undefined || authRequest !== undefined;
}

function matches({ kind, text, literal, limit }: Match, path: string): boolean {
  const wanted = toBytes(text);
  if (kind === 'exact') return path === wanted;
  if (kind === 'prefix') return path.startsWith(wanted);
  const flags = { caseless: literal === undefined, dotAll: false };
  return matchPcre(`${limit ?? ''}${wanted}`, path, flags) !== null;
}

function why({ kind, text, exact }: Match): string {
  if (kind === 'exact' || exact === true) return 'its path is exactly that of the request';
  if (kind === 'prefix') return `${text} is the longest prefix of the path, and no regular expression matches`;
  return 'it is the first regular expression that matches; NGINX tries them in the order of nginx.conf, longest path first';
}

function whyLost(lost: Match, won: Match): string {
  if (won.kind === 'exact' || won.exact === true)
    return `${matchText(won)} matches the path exactly, which takes precedence over everything else`;
  if (lost.kind === 'prefix' && won.kind === 'regex')
    return `a regular expression (${matchText(won)}) takes precedence over prefixes`;
  if (lost.kind === 'prefix') return `${matchText(won)} is longer`;
  return `${matchText(won)} comes earlier: NGINX tries longer paths first`;
}

/** Returns the matching location that takes precedence. */
function chosen(candidates: readonly LocationPlan[]): LocationPlan | undefined {
  const longest = candidates
    .filter(({ match }) => match.kind === 'prefix')
    .reduce<LocationPlan | undefined>(
      (best, each) => (best === undefined || each.match.text.length > best.match.text.length ? each : best),
      undefined,
    );
  return (
    candidates.find(({ match }) => match.kind === 'exact') ??
    candidates.find(({ match }) => match.kind === 'regex') ??
    longest
  );
}

/** Whether any of the patterns that NGINX tries until it finds the location has a limit on its steps. */
function mayFail(locations: readonly LocationPlan[], found: LocationPlan): boolean {
  if (found.match.kind === 'exact') return false;
  const regexes = locations.filter(({ match }) => match.kind === 'regex');
  const at = regexes.indexOf(found);
  return regexes.slice(0, at < 0 ? undefined : at + 1).some(({ match }) => (match.limit ?? '') !== '');
}

export function loserOf({ match, owner }: LocationPlan, path: string, reason: string): Loser {
  return {
    match: matchText(match),
    ...(owner !== undefined && { ingress: `${owner.namespace}/${owner.name}` }),
    path,
    why: reason,
  };
}

/** The location for a decoded path; undefined if none matches, so that NGINX answers 404 itself. */
export function chooseLocation({ locations, routes }: HostPlan, path: string): LocationChoice | undefined {
  const candidates = locations.filter(({ match }) => matches(match, path));
  const found = chosen(candidates);
  const slashed = `${path}/`;
  const withSlash = locations.find(({ match }) => match.kind !== 'regex' && toBytes(match.text) === slashed);
  if (withSlash !== undefined && found?.match.kind !== 'exact')
    return {
      location: withSlash,
      why: 'only the path with a slash at its end has a location',
      lost: [],
      mayFail: false,
      slash: true,
    };
  if (found === undefined) return undefined;
  const lost = candidates
    .filter((each) => each !== found && !isInternal(each))
    .map((each) => loserOf(each, routes.get(each.routeId)?.path ?? each.match.text, whyLost(each.match, found.match)));
  return { location: found, why: why(found.match), lost, mayFail: mayFail(locations, found) };
}
