/**
 * Which Ingresses are served, and which other objects matter: sets that stay the same object while their content does.
 */
import type { InForce, Kept } from '../../types/last-good.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { emptyTally, recount, type Tally } from '../../types/table/derive.ts';
import type { Change } from '../../types/table/diff.ts';
import type { Entry } from '../ingress/entries.ts';

/** Keys that some Ingress names. */
interface Keys {
  readonly tally: Tally<true>;
  readonly set: ReadonlySet<ObjectKey>;
}

export interface KeySets {
  /** Every Secret and ConfigMap that these Ingresses read, or would read if it existed. */
  readonly secrets: Keys;
  readonly configMaps: Keys;
  readonly ingresses: Keys;
  readonly inForce: Tally<Kept>;
}

const NO_KEYS: Keys = { tally: emptyTally(), set: new Set() };
export const NO_KEY_SETS: KeySets = {
  secrets: NO_KEYS,
  configMaps: NO_KEYS,
  ingresses: NO_KEYS,
  inForce: emptyTally(),
};

export function* keySets(before: KeySets, changes: readonly Change<Entry>[]): Steps<KeySets> {
  return {
    secrets: yield* collect(before.secrets, changes, ({ secrets }) => secrets),
    configMaps: yield* collect(before.configMaps, changes, ({ configMaps }) => configMaps),
    ingresses: yield* collect(before.ingresses, changes, ({ key, ours }) => (ours ? [key] : [])),
    inForce: yield* recount(before.inForce, changes, ({ inForce }) => inForce),
  };
}

function* collect(
  before: Keys,
  changes: readonly Change<Entry>[],
  keysOf: (entry: Entry) => readonly ObjectKey[],
): Steps<Keys> {
  const tally = yield* recount(before.tally, changes, (entry) => keysOf(entry).map((key) => [key, true] as const));
  return { tally, set: tally.values === before.tally.values ? before.set : new Set(tally.values.keys()) };
}

export function inForceOf({ inForce }: KeySets): InForce {
  return inForce.values as ReadonlyMap<string, Kept> as InForce;
}
