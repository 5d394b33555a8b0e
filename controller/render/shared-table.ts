/** The parts that routes share, each once for as long as a route refers to it. */
import { type Draft, draftOf, emptyShardedMap, type ShardedMap } from '../types/sharded-map.ts';

/** Hash → JSON. */
export type Parts = ReadonlyMap<string, string>;

/** What the shards of the routes refer to, and how many of them to each part. */
interface Held {
  readonly shards: readonly Parts[];
  readonly counts: Map<string, number>;
  readonly table: ShardedMap<string>;
}

let held: Held = { shards: [], counts: new Map(), table: emptyShardedMap() };

function count(counts: Map<string, number>, draft: Draft<string>, parts: Parts, by: 1 | -1): void {
  for (const [hash, text] of parts) {
    const now = (counts.get(hash) ?? 0) + by;
    if (now === 0) counts.delete(hash);
    else counts.set(hash, now);
    draft.set(hash, now === 0 ? undefined : text);
  }
}

/** The table of all parts. It goes on from the last one: only shards that are not the same objects are looked at. */
export function tableOf(shards: readonly Parts[]): ShardedMap<string> {
  const { counts, table, shards: before } = held;
  const draft = draftOf(table);
  const differing = Array.from({ length: Math.max(shards.length, before.length) }, (_, index) => index).filter(
    (index) => shards[index] !== before[index],
  );
  for (const index of differing) count(counts, draft, shards[index] ?? NOTHING, 1);
  for (const index of differing) count(counts, draft, before[index] ?? NOTHING, -1);
  held = { shards, counts, table: draft.freeze() };
  return held.table;
}

const NOTHING: Parts = new Map();
