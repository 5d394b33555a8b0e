/**
 * Keeps the content of Secrets and ConfigMaps that NGINX runs with, as a replacement in case these objects become
 * unusable. The build decides whether an object is usable. Certificates of hosts are kept separately
 * (kept-certificates.ts).
 */
import type { Bounds } from '../model/contract/bounds.ts';
import { pairOf } from '../model/values/pem/certificate-pair.ts';
import { type InForce, type Kept, partOf, USES, type Use, usedObject, type UseKey } from '../types/last-good.ts';
import type { Plan } from '../types/plan.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { createAlarm } from '../time/alarm.ts';
import type { KeptStore, Stored } from './kept-store.ts';

export interface LastGoodObjects {
  /** The objects that are kept, by use. Returns the same map until something changes. */
  readonly kept: () => InForce;
  /** Restores what a previous process stored. */
  readonly recover: (stored: ReadonlyMap<UseKey, Stored>) => void;
  /** Called when NGINX runs with this Plan, which was built from this Snapshot. */
  readonly inForce: (plan: Pick<Plan, 'inForce'>, snapshot: Snapshot) => void;
  readonly close: () => void;
}

export interface LastGoodOptions {
  readonly bounds: Bounds;
  /**
   * Maximum time that an object is used as a replacement, in ms. Infinity: as long as the object's certificate is
   * valid, or without limit if it has none; 0: not at all.
   */
  readonly keepMs: number;
  readonly store: KeptStore;
  /** Called when a replacement is dropped because its time is over. */
  readonly ended: () => void;
}

interface Entry {
  readonly object: Kept;
  /** The `Date.now()` value at which the replacement expires; undefined while the object itself is usable. */
  readonly until: number | undefined;
}

/** The inputs of the last update. If the inputs are the same again, nothing can have changed. */
type Seen = Pick<Snapshot, 'Secret' | 'ConfigMap'> & { readonly tables: readonly InForce[] };

export function keepLastGoodObjects({ bounds, keepMs, store, ended }: LastGoodOptions): LastGoodObjects {
  const entries = new Map<UseKey, Entry>();
  let current: InForce = new Map();
  let seen: Seen | undefined;
  const alarm = createAlarm(sweep);

  function renew(): void {
    current = new Map([...entries].map(([use, { object }]) => [use, object]));
    alarm.set(Math.min(...[...entries.values()].map(({ until = Infinity }) => until)));
  }

  function drop(use: UseKey): void {
    store.remove(use);
    entries.delete(use);
  }

  function sweep(): void {
    const over = [...entries].filter(([, { until = Infinity }]) => until <= Date.now());
    for (const [use] of over) drop(use);
    renew();
    if (over.length > 0) ended();
  }

  /** The expiry of a replacement that is used from now on. */
  function untilOf(use: Use, object: Kept): number {
    const pair =
      USES[use].keys !== 'all' && object.data?.['tls.key'] !== undefined ? pairOf(object, bounds) : undefined;
    return Math.min(Date.now() + keepMs, pair?.ok === true ? pair.ends : Infinity);
  }

  function set(key: UseKey, use: Use, { object, until }: Entry): void {
    entries.set(key, { object, until });
    const ends = until === undefined || until === Infinity ? null : until;
    store.put({ use: key, object: partOf(object, use), until: ends });
  }

  /** Updates the entry of one use. Returns true if the entry changed. */
  function look(key: UseKey, object: Kept, snapshot: Snapshot): boolean {
    const used = usedObject(key);
    if (used === undefined) return false;
    const entry = entries.get(key);
    const standsIn = snapshot[USES[used.use].kind].get(used.object) !== object;
    if (entry?.object === object && (entry.until !== undefined) === standsIn) return false;
    const before = entry?.object === object ? entry.until : undefined;
    set(key, used.use, { object, until: standsIn ? (before ?? untilOf(used.use, object)) : undefined });
    return true;
  }

  return {
    kept: () => current,
    recover: (stored) => {
      for (const [key, { object, until }] of stored) {
        const use = usedObject(key)?.use;
        if (use === undefined || use === 'certificate') continue;
        if (keepMs === 0 || (until !== null && until <= Date.now())) drop(key);
        else entries.set(key, { object, until: until ?? undefined });
      }
      renew();
    },
    inForce: ({ inForce }, snapshot) => {
      if (keepMs === 0 || isSame(seen, inForce, snapshot)) return;
      seen = { Secret: snapshot.Secret, ConfigMap: snapshot.ConfigMap, tables: inForce };
      let changed = false;
      for (const table of inForce) for (const [use, object] of table) changed = look(use, object, snapshot) || changed;
      for (const use of entries.keys())
        if (!inForce.some((table) => table.has(use))) {
          drop(use);
          changed = true;
        }
      if (changed) renew();
    },
    close: alarm.close,
  };
}

function isSame(seen: Seen | undefined, tables: readonly InForce[], { Secret, ConfigMap }: Snapshot): boolean {
  return (
    seen?.Secret === Secret &&
    seen.ConfigMap === ConfigMap &&
    tables.every((table, index) => sameTable(table, seen.tables[index]))
  );
}

/**
 * Larger tables are compared by identity only. The tables of objects that settings and flags name are small, but each
 * build creates new ones, so their content is compared.
 */
const MOST_COMPARED = 16;

function sameTable(a: InForce, b: InForce | undefined): boolean {
  if (a === b) return true;
  return a.size === b?.size && a.size <= MOST_COMPARED && [...a].every(([use, object]) => b.get(use) === object);
}
