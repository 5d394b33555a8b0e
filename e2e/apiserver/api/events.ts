/**
 * Converts Events, which clients read and write in core/v1 or events.k8s.io/v1. They are stored in the form of core/v1.
 */
import type { ApiObject } from './object.ts';
import type { Resource } from './resources.ts';

/** Names of fields in core/v1 and in events.k8s.io/v1. */
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

/** Converts an object that a client sent to the stored form. */
export function toStored(resource: Resource, object: ApiObject): ApiObject {
  if (!isNewerEvent(resource)) return object;
  return rename(
    object,
    RENAMED.map(([core, newer]) => [newer, core] as const),
    'v1',
  );
}

/** Converts a stored object to the form in which clients of this resource read it. */
export function fromStored(resource: Resource, object: ApiObject): ApiObject {
  return isNewerEvent(resource) ? rename(object, RENAMED, 'events.k8s.io/v1') : object;
}
