/** Creates, updates, patches and deletes objects of the store according to the rules of the API server. */
import { randomUUID } from 'node:crypto';
import { prepare } from './defaults.ts';
import { alreadyExists, badRequest, conflict, invalid, notFound } from './failure.ts';
import { sameJson, textOf } from './object.ts';
import type { ApiObject, JsonObject } from './object.ts';
import { apiVersionOf, findResource, RESOURCES } from './resources.ts';
import type { Resource } from './resources.ts';
import { keyOf } from './store.ts';
import type { Store } from './store.ts';

/** The object that a request reads or changes. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly subresource: string | undefined;
}

const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
const NAMESPACES = findResource('', 'v1', 'namespaces');

/** The current time in seconds, in the format of Kubernetes. */
function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

function nameOf(resource: Resource, object: ApiObject): string {
  const { name, generateName } = object.metadata;
  const chosen = name ?? (generateName === undefined ? undefined : generateName + randomUUID().slice(0, 5));
  if (chosen === undefined)
    throw invalid(resource, '', 'metadata.name', 'Required value: name or generateName is required');
  // The name of an Event is the object's name and a hexadecimal time, which together match the same pattern.
  if (!NAME.test(chosen))
    throw invalid(resource, chosen, 'metadata.name', `Invalid value: "${chosen}": a lowercase RFC 1123 subdomain`);
  return chosen;
}

/** Returns an object; throws a failure with status 404 if it does not exist. */
export function getObject(store: Store, { resource, namespace, name }: Omit<Target, 'subresource'>): ApiObject {
  const found = store.get(resource.table, keyOf(namespace, name));
  if (found === undefined) throw notFound(resource, name);
  return found;
}

/** Throws a failure if the object's namespace is not that of the URL, or if the namespace does not exist. */
function requireNamespace(
  store: Store,
  resource: Resource,
  given: string | undefined,
  namespace: string | undefined,
): void {
  if (!resource.namespaced) return;
  if (given !== undefined && given !== namespace)
    throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
  const owner = namespace === undefined ? undefined : store.get('namespaces', namespace);
  if (owner === undefined && NAMESPACES) throw notFound(NAMESPACES, namespace ?? '');
}

/** Creates an object for a POST request. With `dry`, nothing is stored. */
export function createObject(
  store: Store,
  resource: Resource,
  namespace: string | undefined,
  given: ApiObject,
  dry = false,
): ApiObject {
  const name = nameOf(resource, given);
  requireNamespace(store, resource, given.metadata.namespace, namespace);
  const key = keyOf(namespace, name);
  if (store.get(resource.table, key) !== undefined) throw alreadyExists(resource, name);
  const { status, ...rest } = prepare(resource, given);
  const metadata = {
    ...given.metadata,
    name,
    ...(namespace !== undefined && { namespace }),
    uid: randomUUID(),
    ...('spec' in rest && { generation: 1 }),
    creationTimestamp: now(),
  };
  const emptyStatus: JsonObject = resource.kind === 'Namespace' ? { phase: 'Active' } : {};
  const stored: ApiObject = { ...rest, ...(resource.status && { status: emptyStatus }), metadata };
  const object = { ...stored, ...(!resource.status && status !== undefined && { status }) };
  return dry ? object : store.put(resource.table, key, object);
}

/** `after` with the fields that a client may not change, which are copied from `before`. */
function keepIdentity(before: ApiObject, after: ApiObject): ApiObject {
  const { uid, creationTimestamp, generation, name, namespace, deletionTimestamp } = before.metadata;
  const fixed = { uid, creationTimestamp, generation, name, namespace, deletionTimestamp };
  const present = Object.fromEntries(Object.entries(fixed).filter(([, value]) => value !== undefined)) as JsonObject;
  return { ...after, metadata: { ...after.metadata, ...present } };
}

/** `after` without the changes that this request may not make: to the status, or to everything except the status. */
function allowedPart(target: Target, before: ApiObject, after: ApiObject): ApiObject {
  if (target.subresource === 'status') return { ...before, status: after['status'] ?? {} };
  return target.resource.status ? { ...after, status: before['status'] } : after;
}

/** Throws a failure if the name in a write differs from the URL's, or if its resourceVersion or uid is outdated. */
function requireVersion({ resource, name }: Target, before: ApiObject, given: ApiObject, patch: boolean): void {
  const { resourceVersion, uid } = given.metadata;
  if (given.metadata.name !== undefined && given.metadata.name !== name)
    throw badRequest(`the name of the object (${given.metadata.name}) does not match the name on the URL (${name})`);
  if (resourceVersion === undefined && resource.conditional && !patch)
    throw invalid(resource, name, 'metadata.resourceVersion', 'Invalid value: 0: must be specified for an update');
  if (resourceVersion !== undefined && resourceVersion !== '' && resourceVersion !== before.metadata.resourceVersion)
    throw conflict(
      resource,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  if (uid !== undefined && uid !== before.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid}`,
    );
}

/** Updates an object for a PUT or a PATCH. If nothing would change, the resourceVersion stays the same. */
export function updateObject(
  store: Store,
  target: Target,
  given: ApiObject,
  how: { dry?: boolean; patch?: boolean } = {},
): ApiObject {
  const { resource, namespace, name } = target;
  const before = getObject(store, target);
  requireVersion(target, before, given, how.patch === true);
  const merged = keepIdentity(before, allowedPart(target, before, prepare(resource, given, how.patch)));
  const metadata = { ...merged.metadata, resourceVersion: before.metadata.resourceVersion ?? '' };
  const grown = sameJson(merged['spec'], before['spec']) ? {} : { generation: (before.metadata.generation ?? 0) + 1 };
  const after: ApiObject = { ...merged, metadata: { ...metadata, ...grown } };
  if (how.dry === true || sameJson(after, before)) return after;
  const key = keyOf(namespace, name);
  const finished = after.metadata.deletionTimestamp !== undefined && (after.metadata.finalizers ?? []).length === 0;
  return store.put(resource.table, key, finished ? undefined : after);
}

function contentsOf(store: Store, namespace: string): { readonly resource: Resource; readonly object: ApiObject }[] {
  return RESOURCES.filter(({ namespaced, group }) => namespaced && group !== 'events.k8s.io').flatMap((resource) =>
    store
      .list(resource.table)
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map((object) => ({ resource, object })),
  );
}

/**
 * Deletes an object. Deleting a Namespace also deletes everything in it. An object with finalizers is not deleted, but
 * gets a deletionTimestamp.
 */
export function deleteObject(store: Store, target: Target, preconditions: JsonObject = {}): ApiObject {
  const { resource, namespace, name } = target;
  const before = getObject(store, target);
  for (const field of ['uid', 'resourceVersion'] as const) {
    const wanted = preconditions[field];
    if (wanted === undefined || wanted === before.metadata[field]) continue;
    throw conflict(
      resource,
      name,
      `Precondition failed: ${field} in precondition: ${textOf(wanted)}, in object meta: ${before.metadata[field]}`,
    );
  }
  const key = keyOf(namespace, name);
  if ((before.metadata.finalizers ?? []).length > 0) {
    if (before.metadata.deletionTimestamp !== undefined) return before;
    return store.put(resource.table, key, { ...before, metadata: { ...before.metadata, deletionTimestamp: now() } });
  }
  if (resource.kind === 'Namespace') {
    for (const { resource: kind, object } of contentsOf(store, name))
      store.put(kind.table, keyOf(name, object.metadata.name ?? ''), undefined);
  }
  return store.put(resource.table, key, undefined);
}

/** Checks the apiVersion and kind of a body, and fills them in if they are missing. */
export function ofKind(resource: Resource, object: ApiObject): ApiObject {
  const apiVersion = apiVersionOf(resource);
  const { apiVersion: givenVersion = apiVersion, kind: givenKind = resource.kind } = object;
  if (givenVersion === apiVersion && givenKind === resource.kind) return { ...object, apiVersion, kind: resource.kind };
  throw badRequest(
    `${givenKind} in version "${givenVersion}" cannot be handled as a ${resource.kind} of ${apiVersion}`,
  );
}
