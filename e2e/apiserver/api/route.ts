/** Determines the verb and the resource of a request from its method and URL. */
import { findResource } from './resources.ts';
import type { Resource } from './resources.ts';

export const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
export type Verb = (typeof VERBS)[number];

export interface Route {
  readonly verb: Verb;
  readonly resource: Resource;
  /** Undefined for a request to all namespaces or to a cluster-scoped kind. */
  readonly namespace: string | undefined;
  /** Undefined for a request to a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

function verbOf(method: string, named: boolean, query: URLSearchParams): Verb | undefined {
  if (method === 'GET') {
    // `watch` is ignored for a single object. To watch one object, clients watch the collection with a field selector.
    if (named) return 'get';
    return ['true', '1'].includes(query.get('watch') ?? '') ? 'watch' : 'list';
  }
  if (method === 'POST') return named ? undefined : 'create';
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection';
  if (!named) return undefined;
  return method === 'PUT' ? 'update' : method === 'PATCH' ? 'patch' : undefined;
}

/** The resource, namespace, name and subresource in a path. */
function objectOf(pathname: string): Omit<Route, 'verb'> | undefined {
  const [root, ...rest] = pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const [group = '', version = '', ...path] = root === 'api' ? ['', ...rest] : root === 'apis' ? rest : [];
  const [first = '', second, third, fourth, fifth] = path;
  // `namespaces/NAME/status` is a subresource of the namespace. Any other third segment is a resource in the namespace.
  const nested = third !== undefined && findResource(group, version, third) !== undefined;
  const inNamespace = first === 'namespaces' && (nested || group !== '');
  const resource = findResource(group, version, inNamespace ? (third ?? '') : first);
  if (resource === undefined || path.length > (inNamespace ? 5 : 3)) return undefined;
  return inNamespace
    ? { resource, namespace: second, name: fourth, subresource: fifth }
    : { resource, namespace: undefined, name: second, subresource: third };
}

/** The route of a request, or undefined if the server has no such path or method. */
export function routeOf(method: string, url: URL): Route | undefined {
  const found = objectOf(url.pathname);
  if (found === undefined) return undefined;
  const { resource, namespace, name, subresource } = found;
  if (name !== undefined && resource.namespaced !== (namespace !== undefined)) return undefined;
  if (subresource !== undefined && !(subresource === 'status' && resource.status)) return undefined;
  const verb = verbOf(method, name !== undefined, url.searchParams);
  return verb === undefined ? undefined : { verb, ...found };
}
