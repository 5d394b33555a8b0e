/**
 * Keys of the Ingresses that are served and of the objects that they refer to. A set remains the same object as long as
 * its content does not change.
 */
import type { InForce, Kept } from '../../types/last-good.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { emptyTally, recount, type Tally } from '../../types/table/derive.ts';
import type { Change } from '../../types/table/diff.ts';
import type { Entry } from '../ingress/entries.ts';

/** Keys of objects of one kind, each contributed by at least one Ingress. */
interface Keys {
  readonly tally: Tally<true>;
  readonly set: ReadonlySet<ObjectKey>;
}

export interface KeySets {
  /** Keys of the Secrets that Ingresses read, or would read if they existed. */
  readonly secrets: Keys;
  /** Keys of the ConfigMaps that Ingresses read, or would read if they existed. */
  readonly configMaps: Keys;
  /** Keys of the Ingresses that are served. */
  readonly ingresses: Keys;
  /** Secrets and ConfigMaps whose content is in force, each in the version that is in use. */
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
