/** The functions by which a test writes and reads objects directly, without HTTP, authentication or faults. */
import type { EmulatorControls } from './controls.ts';
import { toStored } from './events.ts';
import { badRequest } from './failure.ts';
import { isRecord } from './object.ts';
import type { ApiObject, JsonObject } from './object.ts';
import { resourceOf, RESOURCES } from './resources.ts';
import type { Resource } from './resources.ts';
import { keyOf } from './store.ts';
import type { Store } from './store.ts';
import { createObject, deleteObject, updateObject } from './writes.ts';

function named(kind: string): Resource {
  const found = RESOURCES.find((one) => one.kind === kind);
  if (found === undefined)
    throw new Error(`the emulator has no kind ${kind}; it has ${RESOURCES.map((one) => one.kind).join(', ')}`);
  return found;
}

/** Creates a namespace unless it exists. */
export function ensureNamespace(store: Store, name: string): void {
  if (store.get('namespaces', name) !== undefined) return;
  createObject(store, named('Namespace'), undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

export function createObjects(store: Store): Pick<EmulatorControls, 'put' | 'remove' | 'get' | 'list'> {
  return {
    put(given: JsonObject) {
      const { metadata } = given;
      if (!isRecord(metadata)) throw badRequest('an object needs metadata');
      const object: ApiObject = { ...given, metadata };
      const resource = resourceOf(object.apiVersion, object.kind);
      if (resource === undefined) throw badRequest(`the emulator has no ${object.apiVersion} ${object.kind}`);
      const namespace = resource.namespaced ? (object.metadata.namespace ?? 'default') : undefined;
      if (namespace !== undefined) ensureNamespace(store, namespace);
      const { name = '' } = object.metadata;
      const target = { resource, namespace, name, subresource: undefined };
      const stored = toStored(resource, object);
      const there = store.get(resource.table, keyOf(namespace, name));
      const written =
        there === undefined
          ? createObject(store, resource, namespace, stored)
          : updateObject(store, target, stored, { patch: true });
      if (!resource.status || stored['status'] === undefined) return written;
      const finished = { ...written, status: stored['status'] };
      return updateObject(store, { ...target, subresource: 'status' }, finished, { patch: true });
    },
    remove(kind, namespace, name) {
      const resource = named(kind);
      if (store.get(resource.table, keyOf(namespace, name)) === undefined) return;
      deleteObject(store, {
        resource,
        namespace: namespace === '' ? undefined : namespace,
        name,
        subresource: undefined,
      });
    },
    get: (kind, namespace, name) => store.get(named(kind).table, keyOf(namespace, name)),
    list: (kind) => store.list(named(kind).table),
  };
}
