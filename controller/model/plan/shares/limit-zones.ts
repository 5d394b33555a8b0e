/**
 * Number of zones of each namespace. NGINX counts the clients of rate and connection limits in zones: shared memory
 * that takes 108 kB when a zone is created, and up to 16 MiB when there are many clients. A zone counts once for a
 * namespace, however many Ingresses of the namespace use it.
 */
import { namespaceOf } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import { emptyTally, recount, type Tally } from '../../../types/table/derive.ts';
import { type Change, diff } from '../../../types/table/diff.ts';
import type { Entry } from '../../ingress/entries.ts';
import { changed, NO_USES, type Uses } from './uses.ts';

export interface ZoneUses {
  /** `namespace/zone` for each zone that at least one Ingress of the namespace uses. */
  readonly held: Tally<true>;
  /** Namespace → number of its zones. */
  readonly uses: Uses;
}

export const NO_ZONE_USES: ZoneUses = { held: emptyTally(), uses: NO_USES };

/** Counts zones again after some entries changed. */
export function* recountZones(before: ZoneUses, changes: Iterable<Change<Entry>>): Steps<ZoneUses> {
  const held = yield* recount(before.held, changes, ({ key, zones }) =>
    [...zones].map((zone) => [`${namespaceOf(key)}/${zone}`, true] as const),
  );
  const more = [...diff(before.held.values, held.values)].map(
    ([key, was]) => [key, was === undefined ? 1 : -1] as const,
  );
  return { held, uses: yield* changed(before.uses, more) };
}

/** The zones in `used` and those of an entry; `used` itself if it contains them all. */
export function withZones(used: ReadonlySet<string>, entry: Entry): ReadonlySet<string> {
  const { zones } = entry;
  return [...zones].every((zone) => used.has(zone)) ? used : new Set([...used, ...zones]);
}
