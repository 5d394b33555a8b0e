/** Tables that many add to: an entry stays for as long as somebody still adds it. */
import { type Draft, draftOf, emptyShardedMap, type ShardedMap } from '../../types/sharded-map.ts';
import type { Steps } from '../../types/steps.ts';

export interface Tally<V> {
  readonly values: ShardedMap<V>;
  /** How many add a key, where it is more than one. */
  readonly counts: ShardedMap<number>;
}

export function emptyTally<V>(): Tally<V> {
  return { values: emptyShardedMap(), counts: emptyShardedMap() };
}

/** What one part of the Plan adds. Whoever adds a key in the same build gives it the same value. */
export type Contribution<V> = Iterable<readonly [string, V]>;

interface Change<V> {
  by: number;
  value: V | undefined;
}

const STRIDE = 64;

/** What went and what came since the build before. */
export interface Turnover<T> {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

/** The table after the contributions of some went and those of others came. */
export function* recount<T, V>(
  before: Tally<V>,
  { gone, come }: Turnover<T>,
  contribution: (item: T) => Contribution<V>,
): Steps<Tally<V>> {
  const changes = new Map<string, Change<V>>();
  const changeOf = (key: string): Change<V> => {
    const change = changes.get(key) ?? { by: 0, value: undefined };
    changes.set(key, change);
    return change;
  };
  let seen = 0;
  for (const item of gone) {
    for (const [key] of contribution(item)) changeOf(key).by -= 1;
    if ((seen += 1) % STRIDE === 0) yield;
  }
  for (const item of come) {
    for (const [key, value] of contribution(item)) {
      const change = changeOf(key);
      change.by += 1;
      change.value = value;
    }
    if ((seen += 1) % STRIDE === 0) yield;
  }
  if (changes.size === 0) return before;
  const drafts = { values: draftOf(before.values), counts: draftOf(before.counts) };
  for (const [key, change] of changes) {
    apply(key, change, drafts);
    if ((seen += 1) % STRIDE === 0) yield;
  }
  return { values: drafts.values.freeze(), counts: drafts.counts.freeze() };
}

function apply<V>(
  key: string,
  { by, value }: Change<V>,
  { values, counts }: { values: Draft<V>; counts: Draft<number> },
): void {
  const was = counts.get(key) ?? (values.get(key) === undefined ? 0 : 1);
  const now = was + by;
  if (now === 0) values.set(key, undefined);
  else if (value !== undefined) values.set(key, value);
  counts.set(key, now > 1 ? now : undefined);
}
