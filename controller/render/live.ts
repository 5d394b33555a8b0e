/** The live half of the Plan → keys and JSON texts (docs/live-data.md). Parts that the Plan did not change stay the same. */
import { LIVE_PREFIXES, type LiveDocument } from '../types/live.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { LivePlan } from '../types/plan.ts';
import { draftOf, emptyShardedMap, ShardedMap, SHARDS, shardOf } from '../types/sharded-map.ts';
import type { Steps } from '../types/steps.ts';
import { type SharedRoute, shareRoute } from './shared-parts.ts';
import { type Parts, tableOf } from './shared-table.ts';

type Entry = readonly [string, string];
type Shard = ReadonlyMap<string, string>;

const entries = new WeakMap<object, Entry>();

/** Key and JSON text of a value that is never changed; made once for each object, as far as it has one key. */
function entryOf(key: string, value: object): Entry {
  const known = entries.get(value);
  if (known?.[0] === key) return known;
  const entry: Entry = [key, known?.[1] ?? JSON.stringify(value)];
  if (known === undefined) entries.set(value, entry);
  return entry;
}

/** Key and text of one backend; used alone where only endpoints changed. */
export function renderBackend(key: string, backend: object): readonly [string, string] {
  return entryOf(`b:${key}`, backend);
}

const ORDER: ReadonlyMap<string, number> = new Map(LIVE_PREFIXES.map((prefix, index) => [prefix, index]));

/** Each kind of key has shards of its own, in which keys are where the Plan has them. */
function locate(key: string): number {
  const rank = ORDER.get(key.slice(0, 2));
  return rank === undefined ? -1 : rank * SHARDS + shardOf(key, 2);
}

const sharedRoutes = new WeakMap<LiveRoute, SharedRoute>();

/** What a route is written as; made once for each object. */
function sharedRoute(route: LiveRoute): SharedRoute {
  const known = sharedRoutes.get(route) ?? shareRoute(route);
  sharedRoutes.set(route, known);
  return known;
}

/** Parts that the routes of a shard refer to, for as long as the Plan has it. */
const partsOfShards = new WeakMap<ReadonlyMap<string, LiveRoute>, Parts>();
const NO_PARTS: Parts = new Map();

function partsOf(shard: ReadonlyMap<string, LiveRoute>): Parts {
  const known = partsOfShards.get(shard);
  if (known !== undefined) return known;
  const found = [...shard.values()].flatMap((route) => sharedRoute(route).parts);
  const parts = found.length === 0 ? NO_PARTS : new Map(found);
  partsOfShards.set(shard, parts);
  return parts;
}

/** Shards of the Plan → shards of the document, for as long as the Plan has them. */
const rendered = new WeakMap<ReadonlyMap<string, unknown>, Shard>();
const NOTHING: Shard = new Map();

function* renderShards<V>(
  table: ReadonlyMap<string, V>,
  text: (key: string, value: V) => Entry,
): Steps<readonly Shard[]> {
  const shards: Shard[] = [];
  for (const shard of sharded(table).shards) {
    const known = shard.size === 0 ? NOTHING : rendered.get(shard);
    shards.push(known ?? new Map([...shard].map(([key, value]) => text(key, value))));
    if (known !== undefined) continue;
    rendered.set(shard, shards.at(-1) ?? NOTHING);
    yield;
  }
  return shards;
}

function sharded<V>(table: ReadonlyMap<string, V>): ShardedMap<V> {
  if (table instanceof ShardedMap) return table as ShardedMap<V>;
  const draft = draftOf(emptyShardedMap<V>());
  for (const [key, value] of table) draft.set(key, value);
  return draft.freeze();
}

/** The whole live document, in steps. */
export function* renderLiveSteps(plan: LivePlan): Steps<LiveDocument> {
  const settings = new Map([['settings', plan.settings]]);
  const routes = sharded(plan.routes);
  const texts = yield* renderShards(routes, (id, route) => [`r:${id}`, sharedRoute(route).text]);
  const parts = tableOf(routes.shards.map(partsOf));
  return new ShardedMap(
    [
      yield* renderShards(parts, (hash, text) => [`p:${hash}`, text]),
      yield* renderShards(settings, (key, value) => [`g:${key}`, JSON.stringify(value)]),
      yield* renderShards(plan.certificates, (key, value) => entryOf(`c:${key}`, value)),
      yield* renderShards(plan.backends, renderBackend),
      yield* renderShards(plan.names, (name, certificate) => [`n:${name}`, JSON.stringify(certificate)]),
      texts,
    ].flat(),
    locate,
  );
}
