/**
 * Ingresses of a namespace that ask for more of nginx.conf, or of the live data, than one namespace gets: the oldest are
 * served, the paths of the others answer 503. Decided before hosts are planned, by each Ingress's own cost, so that nothing
 * of another namespace decides.
 */
import { formatBytes } from '../bounds/format-bytes.ts';
import { byAge, type Entries, type Entry, type EntryInput, NO_ENTRIES, refusedEntry } from '../entries.ts';
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import { ingressRef } from '../object-ref.ts';
import { capacityOf } from './capacity.ts';
import { closedCostOf, type Cost, costOf, NO_COST } from './cost.ts';
import { levelOf } from './level.ts';
import { changed, namespaceOf, NO_USES, over, type Uses } from './uses.ts';

export interface IngressShares {
  /** What hosts are planned from. */
  readonly entries: Entries;
  /** Bytes by namespace, of what was asked for. */
  readonly conf: Uses;
  readonly live: Uses;
  /** Entries that are not served as they are, and what stands in their place. */
  readonly refused: ReadonlyMap<Entry, Entry>;
}

export const NO_INGRESS_SHARES: IngressShares = {
  entries: NO_ENTRIES,
  conf: NO_USES,
  live: NO_USES,
  refused: new Map(),
};

const STRIDE = 64;
/** Part of a share that paths without anything but 503 may take beyond it. */
const CLOSED = 0.25;

/** `before`: of the build that `entries` go on from. */
export function* shareOut(entries: Entries, input: EntryInput, before: IngressShares): Steps<IngressShares> {
  const { gone, come, list } = entries;
  if (gone.length === 0 && come.length === 0) return { ...before, entries: { ...before.entries, gone: [], come: [] } };
  const conf: [string, number][] = [];
  const live: [string, number][] = [];
  for (const [side, sign] of [[gone, -1] as const, [come, 1] as const]) {
    for (const entry of side) {
      const cost = costOfEntry(entry);
      conf.push([entry.key, sign * cost.conf]);
      live.push([entry.key, sign * cost.live]);
      if (conf.length % STRIDE === 0) yield;
    }
  }
  const uses = { conf: changed(before.conf, conf), live: changed(before.live, live) };
  yield;
  const refused = yield* refusals(list, uses, input, before.refused);
  return { ...uses, refused, entries: yield* exchange(entries, refused, before.refused) };
}

function costOfEntry({ model }: Entry): Cost {
  return model === undefined ? NO_COST : costOf(model);
}

function* refusals(
  list: readonly Entry[],
  { conf, live }: Pick<IngressShares, 'conf' | 'live'>,
  input: EntryInput,
  before: IngressShares['refused'],
): Steps<IngressShares['refused']> {
  const { bounds } = input.options;
  const capacity = { conf: capacityOf('conf', bounds), live: capacityOf('routes', bounds) };
  const most: Cost = {
    conf: levelOf([...conf.values()], capacity.conf.share, capacity.conf.all),
    live: levelOf([...live.values()], capacity.live.share, capacity.live.all),
  };
  const greedy = new Set([...over(conf, most.conf), ...over(live, most.live)]);
  const refused = new Map<Entry, Entry>();
  if (greedy.size === 0) return refused;
  const namespaces = new Map<string, Entry[]>();
  for (const [index, entry] of list.entries()) {
    const namespace = namespaceOf(entry.key);
    if (entry.model !== undefined && greedy.has(namespace)) {
      const entriesOf = namespaces.get(namespace) ?? [];
      namespaces.set(namespace, entriesOf);
      entriesOf.push(entry);
    }
    if (index % (16 * STRIDE) === 0) yield;
  }
  for (const entriesOf of namespaces.values()) {
    let used: Cost = NO_COST;
    let closed: Cost = NO_COST;
    for (const entry of entriesOf.sort(byAge)) {
      const cost = costOfEntry(entry);
      if (fits(used, cost, most, 1)) {
        used = plus(used, cost);
        continue;
      }
      const known = before.get(entry);
      const shut = entry.model === undefined ? NO_COST : closedCostOf(entry.model);
      const ignored = !fits(closed, shut, most, CLOSED);
      if (!ignored) closed = plus(closed, shut);
      const found = problem(entry, cost, capacity, ignored);
      if (known !== undefined && (known.model === undefined) === ignored) refused.set(entry, known);
      else refused.set(entry, ignored ? leftOut(entry, found) : yield* refusedEntry(entry, input, found));
      yield;
    }
  }
  return refused;
}

function fits(used: Cost, cost: Cost, most: Cost, part: number): boolean {
  return used.conf + cost.conf <= most.conf * part && used.live + cost.live <= most.live * part;
}

function plus(a: Cost, b: Cost): Cost {
  return { conf: a.conf + b.conf, live: a.live + b.live };
}

function leftOut(entry: Entry, found: Problem): Entry {
  return { ...entry, model: undefined, hosts: [], problems: [...entry.problems, found] };
}

function problem(
  { ingress }: Entry,
  cost: Cost,
  { conf, live }: Readonly<Record<keyof Cost, ReturnType<typeof capacityOf>>>,
  ignored: boolean,
): Problem {
  const [need, name, { share, flags }] =
    cost.conf / conf.share > cost.live / live.share
      ? [cost.conf, 'nginx.conf', conf]
      : [cost.live, 'the live data', live];
  return {
    code: 'namespace-share-exceeded',
    severity: 'error',
    effect: ignored ? 'object-ignored' : 'denied-location',
    object: ingressRef(ingress),
    message:
      `the namespace asks for more than its share of ${name}, ${formatBytes(share)} (${flags}); its oldest Ingresses are ` +
      `served, and this one, which takes ${formatBytes(need)}, ${ignored ? 'is left out' : 'answers 503'}`,
  };
}

/** Entries with those in the place of others that are to stand there; what went and came, by what stood there before. */
function* exchange(entries: Entries, now: IngressShares['refused'], before: IngressShares['refused']): Steps<Entries> {
  if (now.size === 0 && before.size === 0) return entries;
  const gone = entries.gone.map((entry) => before.get(entry) ?? entry);
  const come = entries.come.map((entry) => now.get(entry) ?? entry);
  const moved = new Set([...entries.gone, ...entries.come]);
  for (const entry of new Set([...before.keys(), ...now.keys()])) {
    const [was, is] = [before.get(entry) ?? entry, now.get(entry) ?? entry];
    if (moved.has(entry) || was === is) continue;
    gone.push(was);
    come.push(is);
  }
  yield;
  return { ...entries, list: entries.list.map((entry) => now.get(entry) ?? entry), gone, come };
}
