/** Serves requests of every verb except watch: returns the response, or throws an ApiFailure. */
import { fromStored, toStored } from './events.ts';
import { badRequest } from './failure.ts';
import { createLists } from './lists.ts';
import type { ApiObject, JsonObject } from './object.ts';
import { APPLY, parseBody, parseObject, patched } from './patches.ts';
import { apiVersionOf } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Route } from './route.ts';
import { fieldSelector, labelSelector } from './selectors.ts';
import { keyOf } from './store.ts';
import type { Store } from './store.ts';
import { tableOf } from './tables.ts';
import { createObject, deleteObject, getObject, ofKind, updateObject } from './writes.ts';

export interface ApiRequest {
  readonly route: Route;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The media type of the body, without parameters. */
  readonly mediaType: string;
  readonly accept: string;
}

export interface ApiAnswer {
  readonly code: number;
  readonly body: JsonObject;
}

/** A predicate for the objects that a list, a watch or a deletion of a collection selects. */
export function selectionOf({ resource, namespace }: Route, query: URLSearchParams): (object: ApiObject) => boolean {
  const labels = labelSelector(query.get('labelSelector') ?? '');
  const fields = fieldSelector(query.get('fieldSelector') ?? '', resource);
  return (stored) => {
    if (namespace !== undefined && stored.metadata.namespace !== namespace) return false;
    return labels(stored) && fields(fromStored(resource, stored));
  };
}

/** The items of a list have neither kind nor apiVersion. */
function item(resource: Resource, stored: ApiObject): JsonObject {
  const { kind: _, apiVersion: __, ...rest } = fromStored(resource, stored);
  return rest;
}

/** Returns a function that serves requests with the objects of `store`. */
export function createHandler(store: Store): (request: ApiRequest) => ApiAnswer {
  const lists = createLists(store);
  /** uid, manager and subresource → the object that was last applied server-side. */
  const applied = new Map<string, JsonObject>();

  function list({ route, query, accept }: ApiRequest): ApiAnswer {
    const { resource } = route;
    const { items, metadata } = lists.page(resource.table, selectionOf(route, query), query);
    if (accept.includes('as=Table')) return { code: 200, body: tableOf(resource, items, metadata) };
    const head = { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata };
    return { code: 200, body: { ...head, items: items.map((stored) => item(resource, stored)) } };
  }
  function patch({ route, query, body, mediaType }: ApiRequest, name: string, dry: boolean): ApiAnswer {
    const { resource, namespace, subresource } = route;
    const manager = query.get('fieldManager');
    if (mediaType === APPLY && manager === null) throw badRequest('fieldManager is required for apply patch');
    const change = parseBody(body, mediaType);
    const live = store.get(resource.table, keyOf(namespace, name));
    if (live === undefined && mediaType === APPLY && subresource === undefined) {
      const made = createObject(store, resource, namespace, ofKind(resource, parseObject(body, mediaType)), dry);
      applied.set(`${made.metadata.uid} ${manager} `, parseObject(body, mediaType));
      return { code: 201, body: made };
    }
    const before = live ?? getObject(store, { resource, namespace, name });
    const owner = `${before.metadata.uid} ${manager} ${subresource ?? ''}`;
    const visible = fromStored(resource, before);
    const wanted = patched(resource, visible, change, mediaType, applied.get(owner));
    const target = { resource, namespace, name, subresource };
    const after = updateObject(store, target, toStored(resource, wanted), { dry, patch: true });
    if (mediaType === APPLY && !dry) applied.set(owner, parseObject(body, mediaType));
    return { code: 200, body: fromStored(resource, after) };
  }
  function removeAll(request: ApiRequest): ApiAnswer {
    const { resource } = request.route;
    for (const { metadata } of store.list(resource.table).filter(selectionOf(request.route, request.query))) {
      deleteObject(store, {
        resource,
        namespace: metadata.namespace,
        name: metadata.name ?? '',
        subresource: undefined,
      });
    }
    return list({ ...request, query: new URLSearchParams(), accept: '' });
  }
  function remove({ route, body, mediaType }: ApiRequest, name: string): ApiAnswer {
    const { resource, namespace } = route;
    const options = body === '' ? {} : parseObject(body, mediaType);
    const { preconditions } = options as { preconditions?: JsonObject };
    const gone = deleteObject(store, { resource, namespace, name, subresource: undefined }, preconditions);
    const details = { name, kind: resource.plural, uid: gone.metadata.uid };
    return { code: 200, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } };
  }
  return (request) => {
    const { route, query, body, mediaType, accept } = request;
    const { verb, resource, namespace, name = '', subresource } = route;
    const dry = query.get('dryRun') === 'All';
    const target = { resource, namespace, name, subresource };
    if (verb === 'list') return list(request);
    if (verb === 'get') {
      const found = getObject(store, target);
      const table = accept.includes('as=Table');
      return { code: 200, body: table ? tableOf(resource, [found], {}) : fromStored(resource, found) };
    }
    if (verb === 'create') {
      const given = ofKind(resource, parseObject(body, mediaType));
      const place = resource.namespaced ? (namespace ?? given.metadata.namespace) : undefined;
      return {
        code: 201,
        body: fromStored(resource, createObject(store, resource, place, toStored(resource, given), dry)),
      };
    }
    if (verb === 'update') {
      const given = toStored(resource, ofKind(resource, parseObject(body, mediaType)));
      return { code: 200, body: fromStored(resource, updateObject(store, target, given, { dry })) };
    }
    if (verb === 'patch') return patch(request, name, dry);
    return verb === 'deletecollection' ? removeAll(request) : remove(request, name);
  };
}
