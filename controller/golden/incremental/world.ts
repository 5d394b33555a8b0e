/** A small cluster that edits change. As in cluster/, unchanged tables and objects are shared between versions. */
import type { Overrides } from '../../app/build.ts';
import type { KeptSlice } from '../../types/endpoint-slice.ts';
import { finish } from '../../types/steps.ts';
import { draftOf, Table, tableOf } from '../../types/table/table.ts';
import { emptySnapshot, type Kind, type Kinds, type Snapshot } from '../../types/snapshot.ts';

export interface World {
  readonly snapshot: Snapshot;
  readonly overrides: Overrides;
}

export function emptyWorld(): World {
  return {
    snapshot: emptySnapshot(),
    overrides: { quarantine: new Map(), resolvedNames: new Map() },
  };
}

/** The table after one object was added or replaced, or removed if the value is undefined. */
export function edited<T>(table: ReadonlyMap<string, T>, key: string, value: T | undefined): ReadonlyMap<string, T> {
  const draft = draftOf(tableOf(table));
  draft.set(key, value);
  return finish(draft.freeze());
}

/**
 * A copy that shares no object with the world, and whose tables are plain Maps, so that a build finds nothing in its
 * caches.
 */
export function copied(world: World): World {
  const inMaps = <T extends object>(tables: T): T =>
    Object.fromEntries(
      Object.entries(tables).map(([name, table]) => [
        name,
        table instanceof Table ? new Map(table) : (table as unknown),
      ]),
    ) as T;
  return structuredClone({ snapshot: inMaps(world.snapshot), overrides: inMaps(world.overrides) });
}

export function put<K extends Exclude<Kind, 'EndpointSlice'>>(
  world: World,
  kind: K,
  key: string,
  object: Kinds[K] | undefined,
): World {
  const table: ReadonlyMap<string, Kinds[Kind]> = world.snapshot[kind];
  return { ...world, snapshot: { ...world.snapshot, [kind]: edited(table, key, object) } };
}

/** Replaces the only EndpointSlice of a Service; undefined removes it. */
export function putSlice(world: World, service: string, slice: KeptSlice | undefined): World {
  const { snapshot } = world;
  return {
    ...world,
    snapshot: {
      ...snapshot,
      EndpointSlice: edited(snapshot.EndpointSlice, service, slice),
      slicesOfService: edited(snapshot.slicesOfService, service, slice === undefined ? undefined : [slice]),
    },
  };
}
