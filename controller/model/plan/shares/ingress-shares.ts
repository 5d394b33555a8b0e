/**
 * Limits each namespace to its share of nginx.conf, of the live data, of NGINX's memory and of limit zones. If the
 * Ingresses of a namespace ask for more, its oldest Ingresses are served, and the paths of the others answer 503. This
 * is decided before hosts are planned, from the cost of each Ingress alone, so that the hosts and paths of other
 * namespaces do not influence the decision. An Ingress that is not served is remembered as an outline: its entry
 * without the model.
 */
import { readableBytes } from './format-bytes.ts';
import {
  byAge,
  type Entries,
  type Entry,
  type EntryInput,
  NO_ENTRIES,
  outlineOf,
  readEntry,
  refusedEntry,
} from '../../ingress/entries.ts';
import { type Fault, faultOf } from '../../../types/fault.ts';
import type { Problem } from '../../../types/problem.ts';
import { namespaceOf } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import type { Change } from '../../../types/table/diff.ts';
import { draftOf, type Table } from '../../../types/table/table.ts';
import { ingressRef } from '../../contract/object-ref.ts';
import { type Bounds, BOUNDS } from '../../contract/bounds.ts';
import { type Capacity, capacityOf } from './capacity.ts';
import { closedCostOf, type Cost, NO_COST } from '../../ingress/cost.ts';
import { levelOf } from './level.ts';
import { NO_ZONE_USES, recountZones, withZones, type ZoneUses } from './limit-zones.ts';
import { changed, NO_USES, over, type Uses } from './uses.ts';

export interface IngressShares {
  /** Entries of all Ingresses; a refused Ingress is present as its outline. */
  readonly asked: Entries;
  /** Entries from which hosts are planned; refused Ingresses are replaced by `Refused.served`. */
  readonly entries: Entries;
  /** Bytes that each namespace asks for. */
  readonly conf: Uses;
  readonly live: Uses;
  /** Bytes of memory in each NGINX process that a namespace asks for. */
  readonly memory: Uses;
  readonly zones: ZoneUses;
  /** Outline of a refused Ingress → what is served instead. */
  readonly refused: ReadonlyMap<Entry, Refused>;
  /** Exceptions thrown while making an Ingress's paths answer 503, or while reading a refused Ingress again. */
  readonly faults: readonly Fault[];
}

interface Refused {
  /** The entry that replaces the refused one: its paths answer 503, or it has no paths at all. */
  readonly served: Entry;
  /** Cost of the Ingress when its paths answer 503. */
  readonly closed: Cost;
}

export const NO_INGRESS_SHARES: IngressShares = {
  asked: NO_ENTRIES,
  entries: NO_ENTRIES,
  conf: NO_USES,
  live: NO_USES,
  memory: NO_USES,
  zones: NO_ZONE_USES,
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

const STRIDE = 1024;
/**
 * Paths that answer 503 may use this additional fraction of the namespace's share. Beyond it, Ingresses are left out.
 */
const CLOSED = 0.25;

/** Updates the shares. `before`: shares of the previous build; `changes`: how `entries` differ from `before.asked`. */
export function* shareOut(
  entries: Entries,
  changes: readonly Change<Entry>[],
  input: EntryInput,
  before: IngressShares,
): Steps<IngressShares> {
  if (changes.length === 0) return { ...before, asked: entries };
  const bytes = (of: keyof Cost) =>
    changes.map(([key, was, now]) => [key, (now?.cost[of] ?? 0) - (was?.cost[of] ?? 0)] as const);
  const uses = {
    conf: yield* changed(before.conf, bytes('conf')),
    live: yield* changed(before.live, bytes('live')),
    memory: yield* changed(before.memory, bytes('memory')),
  };
  const zones = yield* recountZones(before.zones, changes);
  const faults: Fault[] = [];
  const refused = yield* refusals(entries.table, { ...uses, zones }, input, before.refused, faults);
  return { ...uses, zones, faults, ...(yield* exchange(entries, refused, { changes, input, before, faults })) };
}

/** The entries that exceed a share, and what is served instead of each. */
function* refusals(
  entries: Table<Entry>,
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
  const refused = new Map<Entry, Refused>();
  for (const entriesOf of yield* entriesByNamespace(entries, greedy)) {
    let used: Cost = NO_COST;
    let closed: Cost = NO_COST;
    let zones: ReadonlySet<string> = new Set();
    for (const entry of entriesOf.sort(byAge)) {
      const together = withZones(zones, entry);
      const enoughZones = together.size <= bounds.limitZones;
      if (enoughZones && fits(used, entry.cost, most, 1)) {
        used = plus(used, entry.cost);
        zones = together;
        continue;
      }
      const known = before.get(entry);
      const shut = known?.closed ?? closedCost(entry);
      const ignored = !fits(closed, shut, most, CLOSED);
      if (!ignored) closed = plus(closed, shut);
      if (known !== undefined && (known.served.model === undefined) === ignored) refused.set(entry, known);
      else {
        const problem = enoughZones
          ? tooLarge(entry, capacity, ignored)
          : tooManyZones(entry, together.size - zones.size, bounds, ignored);
        const served = ignored ? leftOut(entry, problem) : yield* closeOrFail(entry, input, problem, faults);
        refused.set(entry, { served, closed: shut });
      }
      yield;
    }
  }
  return refused;
}

/** The Ingresses of these namespaces that this controller serves. */
function* entriesByNamespace(entries: Table<Entry>, namespaces: ReadonlySet<string>): Steps<Iterable<Entry[]>> {
  const found = new Map<string, Entry[]>();
  if (namespaces.size === 0) return [];
  let seen = 0;
  for (const entry of entries.values()) {
    const namespace = namespaceOf(entry.key);
    if (entry.ours && namespaces.has(namespace)) {
      const entriesOf = found.get(namespace);
      if (entriesOf === undefined) found.set(namespace, [entry]);
      else entriesOf.push(entry);
    }
    if ((seen += 1) % STRIDE === 0) yield;
  }
  return found.values();
}

function closedCost({ model }: Entry): Cost {
  return model === undefined ? NO_COST : closedCostOf(model);
}

/** An entry whose paths answer 503. If an exception is thrown, which is a bug of ours, the entry is left out. */
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

function tooLarge(entry: Entry, capacity: Readonly<Record<keyof Cost, Capacity>>, ignored: boolean): Problem {
  const { cost } = entry;
  const scarce = DIMENSIONS.reduce((a, b) => (cost[b] / capacity[b].share > cost[a] / capacity[a].share ? b : a));
  const [need, name, { share, flags }] = [cost[scarce], NAMES[scarce], capacity[scarce]];
  return exceeded(
    entry,
    ignored,
    `the namespace asks for more than its share of ${name}, ${readableBytes(share)} (${flags}); its oldest Ingresses are ` +
      `served, and this one, which takes ${readableBytes(need)}, ${ignored ? 'is left out' : 'answers 503'}`,
  );
}

function exceeded({ ingress }: Entry, ignored: boolean, message: string): Problem {
  const effect = ignored ? 'object-ignored' : 'denied-location';
  return { code: 'namespace-share-exceeded', severity: 'error', effect, object: ingressRef(ingress), message };
}

/** A limit without its zone would admit every request, so the paths of the Ingress answer 503. */
function tooManyZones(entry: Entry, more: number, bounds: Bounds, ignored: boolean): Problem {
  return exceeded(
    entry,
    ignored,
    `limit-rps, limit-rpm and limit-connections of the namespace need more than its ${bounds.limitZones} zones ` +
      `(--${BOUNDS.limitZones.flag}); its oldest Ingresses are served, and this one, which needs ${more} more, ` +
      `${ignored ? 'is left out' : 'answers 503'}; Ingresses with the same limit and limit-allowlist share a zone`,
  );
}

interface Exchange {
  /** How `asked` differs from the previous build. */
  readonly changes: readonly Change<Entry>[];
  readonly input: EntryInput;
  readonly before: IngressShares;
  readonly faults: Fault[];
}

/**
 * Puts an outline in place of each entry that is now refused, and a full entry in place of each outline that is now
 * served; for the latter, the Ingress is read again.
 */
function* exchange(
  asked: Entries,
  refused: IngressShares['refused'],
  { changes, input, before, faults }: Exchange,
): Steps<Pick<IngressShares, 'asked' | 'entries' | 'refused'>> {
  if (refused.size === 0 && before.refused.size === 0) return { asked, entries: asked, refused };
  const [kept, served] = [draftOf(asked.table), draftOf(before.entries.table)];
  const outlines = new Map<Entry, Refused>();
  for (const [key, , entry] of changes) served.set(key, entry);
  for (const [entry, each] of refused) {
    const outline = outlineOf(entry);
    outlines.set(outline, each);
    kept.set(entry.key, outline);
    served.set(entry.key, each.served);
  }
  for (const outline of before.refused.keys()) {
    if (refused.has(outline) || asked.table.get(outline.key) !== outline) continue;
    const entry = yield* readAgain(outline, input, faults);
    kept.set(outline.key, entry);
    served.set(outline.key, entry);
    yield;
  }
  return {
    asked: { ...asked, table: yield* kept.freeze() },
    entries: { ...asked, table: yield* served.freeze() },
    refused: outlines,
  };
}

/**
 * The entry of an Ingress of which only the outline was remembered. If reading throws an exception, which is a bug of
 * ours, the outline is returned; no host is planned from it.
 */
function* readAgain(outline: Entry, input: EntryInput, faults: Fault[]): Steps<Entry> {
  try {
    return yield* readEntry(outline.key, outline.ingress, input);
  } catch (error) {
    faults.push(faultOf(error, [ingressRef(outline.ingress)]));
    return outline;
  }
}
