/** Which path owns which match of a host (annotations-notes, sections 2 and 4). */
import type { Match } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { PathModel } from './ingress-rules.ts';
import { inNginxOrder } from './location-order.ts';
import { DENIED, type LocationSettings } from './location-settings.ts';
import { checkPathRegex, cookiePath, escapeRegex, literalStart } from './path-regex.ts';
import { type Claim, conflict } from './claims.ts';
import { widerPaths } from './wider-paths.ts';

/** A location to be: how it is chosen, and what it does. */
export interface Draft {
  readonly match: Match;
  readonly claim: Claim;
  readonly settings: LocationSettings;
  readonly slashRedirect: string | null;
}

/** What decides how the paths of a host are matched, besides the paths. */
export interface PathMode {
  readonly host: string;
  readonly strictPaths: boolean;
}

/** Matches that a path gets in a host without regular expressions. */
function plainMatches(path: PathModel): { match: Match; slashRedirect?: string }[] {
  if (path.type === 'Exact') return [{ match: { kind: 'exact', text: path.text } }];
  if (path.text === '/') return [{ match: { kind: 'prefix', text: '/' } }];
  const bare = path.text.replace(/\/$/, '');
  const exact: Match = { kind: 'exact', text: bare };
  const prefix: Match = { kind: 'prefix', text: `${bare}/` };
  return [{ match: prefix }, path.text === bare ? { match: exact } : { match: exact, slashRedirect: bare }];
}

/** Matches in a host whose paths are regular expressions: anchored at the start, Exact and Prefix alike. */
function regexMatches(path: PathModel): Match[] {
  const matches: Match[] = [{ kind: 'regex', text: `^${path.text}` }];
  const expanded = path.type === 'Prefix' && !path.settings.regex && !path.text.endsWith('/');
  return expanded ? [{ kind: 'regex', text: `^${path.text}/` }, ...matches] : matches;
}

/**
 * A path that cannot be matched as it was meant answers 503 on the plain text it begins with, so that what it guarded
 * does not fall to a shorter path; nothing is taken from the neighbours' longer ones.
 */
function refusedMatches(path: PathModel): Match[] {
  const start = literalStart(path.text);
  return start === '' || start === '/' ? [] : [{ kind: 'regex', text: `^${escapeRegex(start)}` }];
}

function draft(claim: Claim, match: Match, settings = claim.path.settings, slashRedirect: string | null = null): Draft {
  return { match, claim, settings, slashRedirect };
}

/** Drafts of all locations, in their order. */
export function draftLocations(claims: readonly Claim[], mode: PathMode, problems: Problem[]): Draft[] {
  const asks = claims.find((claim) => claim.path.settings.regex);
  if (asks === undefined) return unique(claims.flatMap(plainDrafts), problems);
  if (!mode.strictPaths) problems.push(...widerPaths(mode.host, claims, asks.model));
  return unique(matchPaths(claims, mode.strictPaths, problems), problems);
}

function plainDrafts(claim: Claim): Draft[] {
  return plainMatches(claim.path).map(({ match, slashRedirect }) =>
    draft(claim, match, claim.path.settings, slashRedirect ?? null),
  );
}

/** nginx prefers every regular expression to a prefix: among them a plain path is one, in the place of its text. */
function amongRegexes(each: Draft): Draft {
  const { kind, text } = each.match;
  if (kind !== 'prefix' || text === '/') return each;
  return { ...each, match: { kind: 'regex', text: `^${escapeRegex(text)}`, literal: text } };
}

/** Paths of a host of which some are regular expressions; the others too, unless `strict`. */
function matchPaths(claims: readonly Claim[], strict: boolean, problems: Problem[]): Draft[] {
  return claims.flatMap((claim) => {
    if (claim.model.quarantined) return refusedMatches(claim.path).map((match) => draft(claim, match, DENIED));
    if (strict && !claim.path.settings.regex) return plainDrafts(claim).map(amongRegexes);
    const checked = checkPathRegex(claim.path.text);
    if (checked.ok) {
      const path = { ...claim.path, text: checked.pattern };
      const settings = withPattern(claim.path.settings, checked.pattern);
      return regexMatches(path).map((match) => draft(claim, match, settings));
    }
    problems.push({
      code: 'refused-path-regex',
      severity: 'error',
      effect: 'denied-location',
      object: claim.model.ref,
      field: [...claim.path.field, 'path'],
      value: claim.path.text,
      message: `the path ${checked.reason}; it is a regular expression because an Ingress of this host uses use-regex or rewrite-target`,
      example: 'path: /api(/|$)(.*)',
    });
    return refusedMatches(claim.path).map((match) => draft(claim, match, DENIED));
  });
}

/** The rewrite matches with what nginx matched with; no client knows a cookie's Path that is a pattern. */
function withPattern(settings: LocationSettings, pattern: string): LocationSettings {
  const { rewrite, route } = settings;
  const { affinity } = route;
  if (rewrite === undefined && affinity === undefined) return settings;
  return {
    ...settings,
    rewrite: rewrite === undefined ? undefined : { ...rewrite, pattern },
    route: affinity === undefined ? route : { ...route, affinity: { path: cookiePath(pattern), ...affinity } },
  };
}

/** Each match once; Exact paths go before what a Prefix brings along for the same text. */
function unique(drafts: readonly Draft[], problems: Problem[]): Draft[] {
  const rank = (each: Draft) => (each.claim.path.type === 'Exact' ? 0 : each.slashRedirect === null ? 1 : 2);
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
