/**
 * A map that never changes and of which the next version shares all but what differs: a change of one host must cost
 * one host, and not a copy of 50,000 entries. The order of its entries means nothing.
 */

/** Shards of a map that nobody laid out otherwise. */
export const SHARDS = 256;

/** Index below SHARDS of the shard that a key is in; the first `from` characters do not count. */
export function shardOf(key: string, from = 0): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SHARDS - 1);
}

type Shard<V> = ReadonlyMap<string, V>;

/** Stands for every shard without entries. */
const NOTHING: Shard<never> = new Map<string, never>();

export class ShardedMap<V> implements ReadonlyMap<string, V> {
  readonly shards: readonly Shard<V>[];
  readonly size: number;
  /** Which of the shards a key is in. */
  readonly locate: (key: string) => number;

  constructor(shards: readonly Shard<V>[], locate: (key: string) => number = shardOf) {
    this.shards = shards;
    this.size = shards.reduce((total, shard) => total + shard.size, 0);
    this.locate = locate;
  }

  get(key: string): V | undefined {
    return this.shards[this.locate(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.shards[this.locate(key)]?.has(key) === true;
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  *entries(): MapIterator<[string, V]> {
    for (const shard of this.shards) yield* shard;
  }

  *keys(): MapIterator<string> {
    for (const shard of this.shards) yield* shard.keys();
  }

  *values(): MapIterator<V> {
    for (const shard of this.shards) yield* shard.values();
  }

  [Symbol.iterator](): MapIterator<[string, V]> {
    return this.entries();
  }
}

export function emptyShardedMap<V>(): ShardedMap<V> {
  return new ShardedMap<V>(Array.from({ length: SHARDS }, () => NOTHING));
}

/** The next version of a map while it is made. */
export interface Draft<V> {
  readonly get: (key: string) => V | undefined;
  /** Undefined removes the key. */
  readonly set: (key: string, value: V | undefined) => void;
  /** The very map that the draft began with where nothing differs. Nothing may be set afterwards. */
  readonly freeze: () => ShardedMap<V>;
}

export function draftOf<V>(base: ShardedMap<V>): Draft<V> {
  const fresh = new Map<number, Map<string, V>>();
  const get = (key: string): V | undefined => {
    const index = base.locate(key);
    return (fresh.get(index) ?? base.shards[index])?.get(key);
  };
  return {
    get,
    set: (key, value) => {
      if (get(key) === value) return;
      const index = base.locate(key);
      const shard = fresh.get(index) ?? new Map(base.shards[index]);
      fresh.set(index, shard);
      if (value === undefined) shard.delete(key);
      else shard.set(key, value);
    },
    freeze: () => {
      if (fresh.size === 0) return base;
      const shards = base.shards.map((shard, index) => fresh.get(index) ?? shard);
      return new ShardedMap(
        shards.map((shard) => (shard.size === 0 ? NOTHING : shard)),
        base.locate,
      );
    },
  };
}

export interface Difference<V> {
  readonly set: readonly (readonly [string, V])[];
  readonly remove: readonly string[];
}

/** Pairs of maps that hold all that differs. Shards that both have in common are left out. */
function* differing<V>(
  before: ReadonlyMap<string, V>,
  after: ReadonlyMap<string, V>,
): Generator<readonly [ReadonlyMap<string, V>, ReadonlyMap<string, V>]> {
  if (before instanceof ShardedMap && after instanceof ShardedMap && before.locate === after.locate) {
    const [olds, news]: [readonly Shard<V>[], readonly Shard<V>[]] = [before.shards, after.shards];
    for (const [index, shard] of news.entries()) if (olds[index] !== shard) yield [olds[index] ?? NOTHING, shard];
  } else if (before !== after) yield [before, after];
}

/** What leads from one map to another. */
export function differenceOf<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): Difference<V> {
  const set: (readonly [string, V])[] = [];
  const remove: string[] = [];
  for (const [old, now] of differing(before, after)) {
    for (const [key, value] of now) if (old.get(key) !== value) set.push([key, value]);
    for (const key of old.keys()) if (!now.has(key)) remove.push(key);
  }
  return { set, remove };
}

/** The keys of that difference, one after the other; of many keys each shall get the time it takes. */
export function* differingKeys<V>(before: ReadonlyMap<string, V>, after: ReadonlyMap<string, V>): Generator<string> {
  for (const [old, now] of differing(before, after)) {
    for (const [key, value] of now) if (old.get(key) !== value) yield key;
    for (const key of old.keys()) if (!now.has(key)) yield key;
  }
}
