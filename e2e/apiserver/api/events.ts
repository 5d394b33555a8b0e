/** Events have two shapes, core/v1 and events.k8s.io/v1, of one stored object. Kept in the core shape. */
import type { ApiObject } from './object.ts';
import type { Resource } from './resources.ts';

/** core/v1 → events.k8s.io/v1. */
const RENAMED: readonly (readonly [core: string, newer: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['count', 'deprecatedCount'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['reportingComponent', 'reportingController'],
];

function rename(object: ApiObject, pairs: readonly (readonly [string, string])[], apiVersion: string): ApiObject {
  const names = new Map(pairs);
  const fields = Object.entries(object).map(([field, value]) => [names.get(field) ?? field, value] as const);
  return { ...Object.fromEntries(fields), metadata: object.metadata, kind: 'Event', apiVersion };
}

function isNewerEvent({ kind, group }: Resource): boolean {
  return kind === 'Event' && group === 'events.k8s.io';
}

/** The stored form of what a client sent. */
export function toStored(resource: Resource, object: ApiObject): ApiObject {
  if (!isNewerEvent(resource)) return object;
  return rename(
    object,
    RENAMED.map(([core, newer]) => [newer, core] as const),
    'v1',
  );
}

/** A stored object in the form for this resource's clients. */
export function fromStored(resource: Resource, object: ApiObject): ApiObject {
  return isNewerEvent(resource) ? rename(object, RENAMED, 'events.k8s.io/v1') : object;
}
