/**
 * Zones in which the limits of a namespace are counted: shared memory of all NGINX processes, 108 kB at once and 16 MiB
 * after many clients. Each zone is counted once per namespace, however many of its Ingresses use it.
 */
import type { Steps } from '../../../types/steps.ts';
import { emptyTally, recount, type Tally } from '../../../types/table/derive.ts';
import { type Change, diff } from '../../../types/table/diff.ts';
import type { Entry } from '../../ingress/entries.ts';
import { changed, namespaceOf, NO_USES, type Uses } from './uses.ts';

export interface ZoneUses {
  /** Namespace and zone, while some Ingress uses it. */
  readonly held: Tally<true>;
  /** Namespace → its zones. */
  readonly uses: Uses;
}

export const NO_ZONE_USES: ZoneUses = { held: emptyTally(), uses: NO_USES };

/** Zones after some entries changed. */
export function* recountZones(before: ZoneUses, changes: Iterable<Change<Entry>>): Steps<ZoneUses> {
  const held = yield* recount(before.held, changes, ({ key, zones }) =>
    [...zones].map((zone) => [`${namespaceOf(key)}/${zone}`, true] as const),
  );
  const more = [...diff(before.held.values, held.values)].map(
    ([key, was]) => [key, was === undefined ? 1 : -1] as const,
  );
  return { held, uses: yield* changed(before.uses, more) };
}

/** The zones of a namespace with those of an Ingress; the same set if it has these already. */
export function withZones(used: ReadonlySet<string>, entry: Entry): ReadonlySet<string> {
  const { zones } = entry;
  return [...zones].every((zone) => used.has(zone)) ? used : new Set([...used, ...zones]);
}
