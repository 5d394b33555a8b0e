/**
 * Ingresses of a namespace that ask for more of nginx.conf, or of the live data, than one namespace gets: the oldest are
 * served, the paths of the others answer 503. Decided before hosts are planned, by each Ingress's own cost, so that nothing
 * of another namespace decides.
 */
import { formatBytes } from './format-bytes.ts';
import { byAge, type Entries, type Entry, type EntryInput, NO_ENTRIES, refusedEntry } from '../../ingress/entries.ts';
import { type Fault, faultOf } from '../../../types/fault.ts';
import type { Problem } from '../../../types/problem.ts';
import type { Steps } from '../../../types/steps.ts';
import { ingressRef } from '../../contract/object-ref.ts';
import { type Bounds, BOUNDS } from '../../contract/bounds.ts';
import { type Capacity, capacityOf } from './capacity.ts';
import { closedCostOf, type Cost, costOf, NO_COST } from '../../ingress/cost.ts';
import { levelOf } from './level.ts';
import { NO_ZONES, recountZones, withZones, type ZoneUses } from './limit-zones.ts';
import { changed, namespaceOf, NO_USES, over, type Uses } from './uses.ts';

export interface IngressShares {
  /** What hosts are planned from. */
  readonly entries: Entries;
  /** Bytes by namespace, of what was asked for. */
  readonly conf: Uses;
  readonly live: Uses;
  /** Bytes of an NGINX process. */
  readonly memory: Uses;
  readonly zones: ZoneUses;
  /** Entries that are not served as they are, and what stands in their place. */
  readonly refused: ReadonlyMap<Entry, Entry>;
  /** Of Ingresses whose paths cannot even be closed. */
  readonly faults: readonly Fault[];
}

export const NO_INGRESS_SHARES: IngressShares = {
  entries: NO_ENTRIES,
  conf: NO_USES,
  live: NO_USES,
  memory: NO_USES,
  zones: NO_ZONES,
  refused: new Map(),
  faults: [],
};

const DIMENSIONS = ['conf', 'live', 'memory'] as const satisfies readonly (keyof Cost)[];
const NAMES: Readonly<Record<keyof Cost, string>> = {
  conf: 'nginx.conf',
  live: 'the live data',
  memory: "NGINX's memory",
};

function eachDimension<T>(of: (dimension: keyof Cost) => T): Record<keyof Cost, T> {
  return { conf: of('conf'), live: of('live'), memory: of('memory') };
}

const STRIDE = 64;
/** Part of a share that paths without anything but 503 may take beyond it. */
const CLOSED = 0.25;

/** `before`: of the build that `entries` go on from. */
export function* shareOut(entries: Entries, input: EntryInput, before: IngressShares): Steps<IngressShares> {
  const { gone, come, list } = entries;
  if (gone.length === 0 && come.length === 0) return { ...before, entries: { ...before.entries, gone: [], come: [] } };
  const changes: Record<keyof Cost, [string, number][]> = { conf: [], live: [], memory: [] };
  let count = 0;
  for (const [side, sign] of [[gone, -1] as const, [come, 1] as const]) {
    for (const entry of side) {
      const cost = costOfEntry(entry);
      for (const of of DIMENSIONS) changes[of].push([entry.key, sign * cost[of]]);
      count += 1;
      if (count % STRIDE === 0) yield;
    }
  }
  const uses = eachDimension((of) => changed(before[of], changes[of]));
  const zones = recountZones(before.zones, gone, come);
  yield;
  const faults: Fault[] = [];
  const refused = yield* refusals(list, { ...uses, zones }, input, before.refused, faults);
  return { ...uses, zones, refused, faults, entries: yield* exchange(entries, refused, before.refused) };
}

function costOfEntry({ model }: Entry): Cost {
  return model === undefined ? NO_COST : costOf(model);
}

// oxlint-disable-next-line eslint/complexity -- one pass with pauses: each part taken out would be a generator of its own
function* refusals(
  list: readonly Entry[],
  uses: Pick<IngressShares, keyof Cost | 'zones'>,
  input: EntryInput,
  before: IngressShares['refused'],
  faults: Fault[],
): Steps<IngressShares['refused']> {
  const { bounds } = input.options;
  const capacity = eachDimension((of) => capacityOf(of === 'live' ? 'routes' : of, bounds));
  const most: Cost = eachDimension((of) => levelOf([...uses[of].values()], capacity[of].share, capacity[of].all));
  const greedy = new Set([
    ...DIMENSIONS.flatMap((of) => [...over(uses[of], most[of])]),
    ...over(uses.zones.uses, bounds.limitZones),
  ]);
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
    let zones: ReadonlySet<string> = new Set();
    for (const entry of entriesOf.sort(byAge)) {
      const cost = costOfEntry(entry);
      const together = withZones(zones, entry);
      const enoughZones = together.size <= bounds.limitZones;
      if (enoughZones && fits(used, cost, most, 1)) {
        used = plus(used, cost);
        zones = together;
        continue;
      }
      const known = before.get(entry);
      const shut = entry.model === undefined ? NO_COST : closedCostOf(entry.model);
      const ignored = !fits(closed, shut, most, CLOSED);
      if (!ignored) closed = plus(closed, shut);
      const found = enoughZones
        ? problem(entry, cost, capacity, ignored)
        : tooManyZones(entry, together.size - zones.size, bounds, ignored);
      if (known !== undefined && (known.model === undefined) === ignored) refused.set(entry, known);
      else refused.set(entry, ignored ? leftOut(entry, found) : yield* closeOrFail(entry, input, found, faults));
      yield;
    }
  }
  return refused;
}

/** Left out where closing its paths fails, which is a fault of ours. */
function* closeOrFail(entry: Entry, input: EntryInput, found: Problem, faults: Fault[]): Steps<Entry> {
  try {
    return yield* refusedEntry(entry, input, found);
  } catch (error) {
    faults.push(faultOf(error, [ingressRef(entry.ingress)]));
    return leftOut(entry, found);
  }
}

function fits(used: Cost, cost: Cost, most: Cost, part: number): boolean {
  return DIMENSIONS.every((of) => used[of] + cost[of] <= most[of] * part);
}

function plus(a: Cost, b: Cost): Cost {
  return eachDimension((of) => a[of] + b[of]);
}

function leftOut(entry: Entry, found: Problem): Entry {
  return { ...entry, model: undefined, hosts: [], problems: [...entry.problems, found] };
}

function problem(
  entry: Entry,
  cost: Cost,
  capacity: Readonly<Record<keyof Cost, Capacity>>,
  ignored: boolean,
): Problem {
  const scarce = DIMENSIONS.reduce((a, b) => (cost[b] / capacity[b].share > cost[a] / capacity[a].share ? b : a));
  const [need, name, { share, flags }] = [cost[scarce], NAMES[scarce], capacity[scarce]];
  return exceeded(
    entry,
    ignored,
    `the namespace asks for more than its share of ${name}, ${formatBytes(share)} (${flags}); its oldest Ingresses are ` +
      `served, and this one, which takes ${formatBytes(need)}, ${ignored ? 'is left out' : 'answers 503'}`,
  );
}

function exceeded({ ingress }: Entry, ignored: boolean, message: string): Problem {
  const effect = ignored ? 'object-ignored' : 'denied-location';
  return { code: 'namespace-share-exceeded', severity: 'error', effect, object: ingressRef(ingress), message };
}

/** Without its zone a limit would let everybody in: the Ingress is closed. */
function tooManyZones(entry: Entry, more: number, bounds: Bounds, ignored: boolean): Problem {
  return exceeded(
    entry,
    ignored,
    `limit-rps, limit-rpm and limit-connections of the namespace need more than its ${bounds.limitZones} zones ` +
      `(--${BOUNDS.limitZones.flag}); its oldest Ingresses are served, and this one, which needs ${more} more, ` +
      `${ignored ? 'is left out' : 'answers 503'}; Ingresses with the same number and limit-allowlist share a zone`,
  );
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
