/**
 * Which Ingresses are served, and which other objects matter: sets that stay the same object while their content does.
 */
import type { InForce, Kept, UseKey } from '../../types/last-good.ts';
import type { ObjectKey, ReferencedObjects } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import type { Entries, Entry } from '../ingress/entries.ts';

export interface KeySets extends ReferencedObjects {
  readonly ingresses: ReadonlySet<ObjectKey>;
  readonly inForce: InForce;
}

export const NO_REFERENCES: ReferencedObjects = { secrets: new Set(), configMaps: new Set() };
export const NO_KEY_SETS: KeySets = { ingresses: new Set(), inForce: new Map(), ...NO_REFERENCES };

const STRIDE = 256;

function ingressesOf({ key, ours }: Entry): readonly ObjectKey[] {
  return ours ? [key] : [];
}

export function* keySets(before: KeySets, entries: Entries): Steps<KeySets> {
  const { list, gone, come } = entries;
  if (gone.length === 0 && come.length === 0) return before;
  return {
    ingresses: same(gone, come, ingressesOf) ? before.ingresses : yield* collect(list, ingressesOf),
    inForce: sameInForce(gone, come) ? before.inForce : yield* collectInForce(list),
    ...(yield* referencesOf(before, entries)),
  };
}

/** Every Secret and ConfigMap that these Ingresses read, or would read if it existed. */
export function* referencesOf(before: ReferencedObjects, { list, gone, come }: Entries): Steps<ReferencedObjects> {
  return {
    secrets: same(gone, come, secretsOf) ? before.secrets : yield* collect(list, secretsOf),
    configMaps: same(gone, come, configMapsOf) ? before.configMaps : yield* collect(list, configMapsOf),
  };
}

function secretsOf({ secrets }: Entry): readonly ObjectKey[] {
  return secrets;
}

function configMapsOf({ configMaps }: Entry): readonly ObjectKey[] {
  return configMaps;
}

/** With more changes than this the set is built anew instead of being compared. */
const MOST_COMPARED = 256;

function same(gone: readonly Entry[], come: readonly Entry[], keys: (entry: Entry) => readonly ObjectKey[]): boolean {
  if (gone.length + come.length > MOST_COMPARED) return false;
  const [left, right] = [gone.flatMap(keys).sort(), come.flatMap(keys).sort()];
  return left.length === right.length && left.every((key, index) => key === right[index]);
}

function* collect(
  entries: readonly Entry[],
  keys: (entry: Entry) => readonly ObjectKey[],
): Steps<ReadonlySet<ObjectKey>> {
  const set = new Set<ObjectKey>();
  let seen = 0;
  for (const entry of entries) {
    for (const key of keys(entry)) set.add(key);
    if ((seen += 1) % STRIDE === 0) yield;
  }
  return set;
}

/** Whether the new Ingresses use what the removed ones used, each the very same object. */
function sameInForce(gone: readonly Entry[], come: readonly Entry[]): boolean {
  if (gone.length + come.length > MOST_COMPARED) return false;
  const [left, right] = [gone.flatMap(inForceOf), come.flatMap(inForceOf)];
  const [before, after] = [new Map(left), new Map(right)];
  return before.size === after.size && left.every(([use, object]) => after.get(use) === object);
}

function inForceOf({ inForce }: Entry): (readonly [UseKey, Kept])[] {
  return [...inForce];
}

function* collectInForce(entries: readonly Entry[]): Steps<InForce> {
  const all = new Map<UseKey, Kept>();
  let seen = 0;
  for (const { inForce } of entries) {
    for (const [use, object] of inForce) all.set(use, object);
    if ((seen += 1) % STRIDE === 0) yield;
  }
  return all;
}
