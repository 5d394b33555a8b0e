/** A small cluster that edits change; untouched tables and objects stay the same, as in cluster/. */
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

/** The table with one object added, replaced, or (undefined) removed. */
export function edited<T>(table: ReadonlyMap<string, T>, key: string, value: T | undefined): ReadonlyMap<string, T> {
  const draft = draftOf(tableOf(table));
  draft.set(key, value);
  return finish(draft.freeze());
}

/** No object of the copy is shared with the world, and its tables are plain Maps: a build caches nothing of either. */
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

/** One slice for each Service; none without endpoints. */
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
