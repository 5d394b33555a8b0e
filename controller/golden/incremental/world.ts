/** A small cluster that edits change; tables and objects that an edit does not touch stay the same, as in cluster/. */
import type { Circumstances } from '../../app/assembly.ts';
import type { KeptSlice } from '../../types/endpoint-slice.ts';
import { emptySnapshot, type Kind, type Kinds, type Snapshot } from '../../types/snapshot.ts';

export interface World {
  readonly snapshot: Snapshot;
  readonly circumstances: Circumstances;
}

export function emptyWorld(): World {
  return {
    snapshot: emptySnapshot(),
    circumstances: { quarantine: new Map(), resolvedNames: new Map() },
  };
}

/** The table with one object put in, replaced, or (undefined) taken out; in the order of keys. */
export function edited<T>(table: ReadonlyMap<string, T>, key: string, value: T | undefined): ReadonlyMap<string, T> {
  const copy = new Map(table);
  copy.delete(key);
  if (value !== undefined) copy.set(key, value);
  return new Map([...copy].sort(([a], [b]) => (a < b ? -1 : 1)));
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

/** One slice for each Service; without endpoints there is none. */
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
