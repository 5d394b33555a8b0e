/**
 * Zones in which the limits of a namespace are counted: shared memory of all NGINX processes, 108 kB at once and 16 MiB
 * after many clients. Each zone is counted once per namespace, however many of its Ingresses use it.
 */
import type { Steps } from '../../../types/steps.ts';
import { draftOf, emptyTable, type Table } from '../../../types/table/table.ts';
import type { Entry } from '../../ingress/entries.ts';
import { namespaceOf, NO_USES, type Uses } from './uses.ts';

export interface ZoneUses {
  /** Namespace and zone → number of Ingresses that use it. */
  readonly holders: Table<number>;
  /** Namespace → its zones. */
  readonly uses: Uses;
}

export const NO_ZONES: ZoneUses = { holders: emptyTable<number>(), uses: NO_USES };

/** Zones after some entries were removed and others added. */
export function* recountZones(before: ZoneUses, gone: readonly Entry[], come: readonly Entry[]): Steps<ZoneUses> {
  const [holders, uses] = [draftOf(before.holders), draftOf(before.uses)];
  const add = (entry: Entry, by: 1 | -1): void => {
    const namespace = namespaceOf(entry.key);
    for (const zone of entry.zones) {
      const key = `${namespace} ${zone}`;
      const were = holders.get(key) ?? 0;
      const are = were + by;
      holders.set(key, are === 0 ? undefined : are);
      if ((were === 0) === (are === 0)) continue;
      const count = (uses.get(namespace) ?? 0) + by;
      uses.set(namespace, count === 0 ? undefined : count);
    }
  };
  // Additions first, so that no count falls below zero in between.
  for (const entry of come) add(entry, 1);
  for (const entry of gone) add(entry, -1);
  return { holders: yield* holders.freeze(), uses: yield* uses.freeze() };
}

/** The zones of a namespace with those of an Ingress; the same set if it has these already. */
export function withZones(used: ReadonlySet<string>, entry: Entry): ReadonlySet<string> {
  const { zones } = entry;
  return [...zones].every((zone) => used.has(zone)) ? used : new Set([...used, ...zones]);
}
