/** Chooses between the backend of a path and its canaries: see nginx/lua/tidegate/request/canary.lua. */
import type { LiveCanary } from '../types/live.ts';
import { toBytes } from './bytes.ts';
import { note } from './course.ts';
import { matchPcre } from './pcre.ts';
import { cookieOf, headerOf, type SeenRequest } from './request.ts';
import { endpointTexts, type Located, serviceText } from './situation.ts';

/** A backend that may get the request. */
export interface Candidate {
  /** Undefined for the backend of the path itself. */
  readonly canary: LiveCanary | undefined;
  /** The share of requests that go there, from 0 to 1. */
  readonly share: number;
  /** When this is the backend, as a clause that follows "if"; absent if the share or the request decides. */
  readonly when?: string;
}

/** The longest header value, in bytes, that is matched against a pattern. */
const LONGEST_VALUE = 2048;

type Decision = 'chosen' | 'refused' | 'undecided';

function always(value: string | undefined): Decision {
  return value === 'always' ? 'chosen' : value === 'never' ? 'refused' : 'undecided';
}

function byHeader({ header }: LiveCanary, { given }: SeenRequest): Decision {
  if (header === undefined) return 'undecided';
  const value = headerOf(given, header.name);
  if (value === undefined) return 'undecided';
  if (header.value !== undefined) return toBytes(header.value) === value ? 'chosen' : 'undecided';
  if (header.pattern === undefined) return always(value);
  const flags = { caseless: false, dotAll: false };
  const matched = value.length <= LONGEST_VALUE && matchPcre(toBytes(header.pattern), value, flags) !== null;
  return matched ? 'chosen' : 'undecided';
}

interface Named {
  readonly chosen: LiveCanary | undefined;
  readonly refused: ReadonlySet<LiveCanary>;
  readonly by: string;
}

/** The canary that a header or a cookie selects. The headers of all canaries are checked before any cookie. */
function byName(canaries: readonly LiveCanary[], request: SeenRequest): Named {
  const refused = new Set<LiveCanary>();
  for (const canary of canaries) {
    const decision = byHeader(canary, request);
    if (decision === 'chosen') return { chosen: canary, refused, by: `the header ${canary.header?.name}` };
    if (decision === 'refused') refused.add(canary);
  }
  for (const canary of canaries) {
    if (canary.cookie === undefined || refused.has(canary)) continue;
    const decision = always(cookieOf(request.given, canary.cookie));
    if (decision === 'chosen') return { chosen: canary, refused, by: `the cookie ${canary.cookie}` };
    if (decision === 'refused') refused.add(canary);
  }
  return { chosen: undefined, refused, by: '' };
}

/** The shares of all canaries by weight, and the share of the path itself. */
function byWeight(canaries: readonly LiveCanary[], refused: ReadonlySet<LiveCanary>): readonly Candidate[] {
  let reached = 0;
  let main = 1;
  const candidates: Candidate[] = [];
  for (const canary of canaries) {
    const before = Math.min(1, reached);
    reached += canary.weight / canary.total;
    const share = Math.min(1, reached) - before;
    // Requests for a canary that was ruled out go to the path's own backend.
    if (refused.has(canary) || share < 1e-9) continue;
    candidates.push({ canary, share });
    main -= share;
  }
  return main < 1e-9 ? candidates : [...candidates, { canary: undefined, share: main }];
}

/** A canary without endpoints gets no requests: they go to the path's own backend. */
function served(candidates: readonly Candidate[], situation: Located): readonly Candidate[] {
  const usable = candidates.filter(
    ({ canary }) => canary === undefined || endpointTexts(situation, canary.backend).length > 0,
  );
  const lost = candidates.filter((each) => !usable.includes(each)).reduce((sum, { share }) => sum + share, 0);
  if (lost === 0) return usable;
  const main = usable.find(({ canary }) => canary === undefined);
  return [...usable.filter((each) => each !== main), { canary: undefined, share: (main?.share ?? 0) + lost }];
}

/** The candidates if a session cookie may bind the client to an endpoint. */
function withSessions(candidates: readonly Candidate[], { route, request, course }: Located): readonly Candidate[] {
  const { affinity, canaries = [] } = route;
  if (affinity === undefined || cookieOf(request.given, affinity.cookie) === undefined) return candidates;
  const text = `the cookie ${affinity.cookie} may bind the client to an endpoint, which is not known here`;
  note(course, 'canary', 'depends', text);
  const bound = [undefined, ...canaries.filter(({ legacy }) => legacy !== true)];
  const others = bound.filter((canary) => !candidates.some((each) => each.canary === canary));
  const where = (canary: LiveCanary | undefined) => serviceText(canary?.backend ?? route.backend ?? '');
  return [
    ...others.map((canary) => ({ canary, share: 0, when: `the cookie binds the client to ${where(canary)}` })),
    ...candidates,
  ];
}

/** The backends that may get the request. */
export function chooseCanary(situation: Located): readonly Candidate[] {
  const { route, request, course } = situation;
  const { canaries } = route;
  if (canaries === undefined) return [{ canary: undefined, share: 1 }];
  const named = byName(canaries, request);
  const all = named.chosen === undefined ? byWeight(canaries, named.refused) : [{ canary: named.chosen, share: 1 }];
  const usable = served(all, situation);
  const text = usable.map(({ canary, share }) => {
    const name = serviceText(canary?.backend ?? route.backend ?? '');
    return `${Math.round(share * 1000) / 10} % to ${name}`;
  });
  const by = named.chosen === undefined ? 'weights decide' : `${named.by} selects a canary`;
  note(course, 'canary', usable.length > 1 ? 'depends' : 'passed', `${by}: ${text.join(', ')}`);
  return withSessions(usable, situation);
}
