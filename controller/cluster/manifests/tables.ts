/**
 * Creates Snapshots from edits. The cost depends on the size of the edit, and untouched tables stay the same objects.
 * Pure.
 */
import type { Kind, ObjectKey, Snapshot } from '../../types/snapshot.ts';
import type { KeptSlice } from '../../types/endpoint-slice.ts';
import { exact } from '../../types/exact.ts';
import { finish } from '../../types/steps.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import { SERVICE_NAME_LABEL } from './check/endpoint-slice.ts';
import { KIND_NAMES } from './kinds.ts';
import type { ManifestObject } from './read-object.ts';

export interface SnapshotTables {
  /** The object with all edits so far applied. */
  get(kind: Kind, key: ObjectKey): ManifestObject | undefined;
  /** Adds or replaces an object; undefined removes it. */
  set(kind: Kind, key: ObjectKey, object: ManifestObject | undefined): void;
  /**
   * Returns `before` with the current tables of these kinds. Tables iterate in the order of their keys, as after a
   * fresh reading.
   */
  freeze(before: Snapshot, kinds: Iterable<Kind>): Snapshot;
}

/** A table to which edits are applied for as long as the process runs. */
interface Edited<T> {
  readonly get: (key: ObjectKey) => T | undefined;
  readonly set: (key: ObjectKey, value: T | undefined) => void;
  readonly freeze: () => Table<T>;
}

/**
 * After this many edits, the edits are merged into the table. If a list of 10,000 objects were merged only for the next
 * Snapshot, that would block the event loop.
 */
const AT_ONCE = 256;

function createEdited<T>(): Edited<T> {
  const draft = draftOf(emptyTable<T>());
  let edits = 0;
  const freeze = (): Table<T> => {
    edits = 0;
    return finish(draft.freeze());
  };
  return {
    get: draft.get,
    set(key, value) {
      draft.set(key, value);
      edits += 1;
      if (edits >= AT_ONCE) freeze();
    },
    freeze,
  };
}

export function createTables(): SnapshotTables {
  const drafts = Object.fromEntries(KIND_NAMES.map((kind) => [kind, createEdited()])) as unknown as {
    readonly [K in Kind]: Edited<ManifestObject>;
  };
  const slicesOfService = createEdited<readonly KeptSlice[]>();

  function withoutSlice(slice: KeptSlice): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    const rest = exact((slicesOfService.get(service) ?? []).filter((other) => other !== slice));
    slicesOfService.set(service, rest.length === 0 ? undefined : rest);
  }

  function withSlice(slice: KeptSlice): void {
    const service = serviceOf(slice);
    if (service === undefined) return;
    slicesOfService.set(service, exact([...(slicesOfService.get(service) ?? []), slice]).sort(byName));
  }

  return {
    get: (kind, key) => drafts[kind].get(key),
    set(kind, key, object) {
      const before = drafts[kind].get(key);
      if (object === before) return;
      drafts[kind].set(key, object);
      if (kind !== 'EndpointSlice') return;
      if (before !== undefined) withoutSlice(before as KeptSlice);
      if (object !== undefined) withSlice(object as KeptSlice);
    },
    freeze(before, kinds) {
      const frozen: Partial<Record<keyof Snapshot, ReadonlyMap<ObjectKey, unknown>>> = {};
      for (const kind of kinds) {
        frozen[kind] = drafts[kind].freeze();
        if (kind === 'EndpointSlice') frozen.slicesOfService = slicesOfService.freeze();
      }
      return { ...before, ...(frozen as Partial<Snapshot>) };
    },
  };
}

function byName(a: KeptSlice, b: KeptSlice): number {
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}

/** `namespace/name` of the Service that a slice belongs to; undefined if the slice has no label for it. */
function serviceOf(slice: KeptSlice): ObjectKey | undefined {
  const service = slice.metadata?.labels?.[SERVICE_NAME_LABEL];
  return service === undefined || service === '' ? undefined : `${slice.metadata?.namespace ?? ''}/${service}`;
}
