/** Snapshots out of Snapshots: tables are copied on write, and only those that a change touches. Pure. */
import type { V1EndpointSlice } from '@kubernetes/client-node';
import type { Kind, ObjectKey, Snapshot } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from './check/endpoint-slice.ts';
import type { AnyObject } from './read-object.ts';

/** An object that takes its place in the tables, or leaves them (undefined). */
export interface TableEdit {
  readonly kind: Kind;
  readonly key: ObjectKey;
  readonly object: AnyObject | undefined;
}

/** The Snapshot after the edits. Every table goes on iterating in the order of its keys, as a fresh reading does. */
export function editTables(snapshot: Snapshot, edits: readonly TableEdit[]): Snapshot {
  const byKind = Map.groupBy(edits, (edit) => edit.kind);
  const tables = [...byKind].map(([kind, ofKind]) => {
    const table: ReadonlyMap<ObjectKey, AnyObject> = snapshot[kind];
    return [
      kind,
      replace(
        table,
        ofKind.map(({ key, object }) => [key, object]),
      ),
    ];
  });
  const slices = byKind.get('EndpointSlice') ?? [];
  const slicesOfService = slices.length === 0 ? snapshot.slicesOfService : editSlices(snapshot, slices);
  return { ...snapshot, ...Object.fromEntries(tables), slicesOfService } as Snapshot;
}

function replace<T>(
  table: ReadonlyMap<string, T>,
  edits: readonly (readonly [string, T | undefined])[],
): ReadonlyMap<string, T> {
  const edited = new Map(table);
  let sorted = true;
  for (const [key, value] of edits) {
    if (value === undefined) edited.delete(key);
    else {
      sorted &&= edited.has(key);
      edited.set(key, value);
    }
  }
  return sorted ? edited : new Map([...edited].sort(byKey));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function editSlices(snapshot: Snapshot, edits: readonly TableEdit[]): Snapshot['slicesOfService'] {
  const lists = new Map<ObjectKey, Map<string, V1EndpointSlice>>();
  function listOf(service: ObjectKey): Map<string, V1EndpointSlice> {
    const known = lists.get(service);
    if (known !== undefined) return known;
    const list = new Map((snapshot.slicesOfService.get(service) ?? []).map((slice) => [sliceName(slice), slice]));
    lists.set(service, list);
    return list;
  }
  for (const { key, object } of edits) {
    const old = snapshot.EndpointSlice.get(key);
    const oldService = old === undefined ? undefined : serviceOf(old);
    if (old !== undefined && oldService !== undefined) listOf(oldService).delete(sliceName(old));
    const slice = object as V1EndpointSlice | undefined;
    const service = slice === undefined ? undefined : serviceOf(slice);
    if (slice !== undefined && service !== undefined) listOf(service).set(sliceName(slice), slice);
  }
  const edited = [...lists].map(([service, list]) => {
    const slices = [...list].sort(byKey).map(([, slice]) => slice);
    return [service, slices.length === 0 ? undefined : slices] as const;
  });
  return replace(snapshot.slicesOfService, edited);
}

function sliceName(slice: V1EndpointSlice): string {
  return slice.metadata?.name ?? '';
}

/** `namespace/name` of the Service a slice belongs to. */
function serviceOf(slice: V1EndpointSlice): ObjectKey | undefined {
  const service = slice.metadata?.labels?.[SERVICE_NAME_LABEL];
  return service === undefined || service === '' ? undefined : `${slice.metadata?.namespace ?? ''}/${service}`;
}
