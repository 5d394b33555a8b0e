/** Method and URL → which verb on which resource. */
import { findResource } from './resources.ts';
import type { Resource } from './resources.ts';

export const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
export type Verb = (typeof VERBS)[number];

export interface Route {
  readonly verb: Verb;
  readonly resource: Resource;
  /** Undefined for all namespaces, and for cluster-scoped kinds. */
  readonly namespace: string | undefined;
  /** Undefined for the collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

function verbOf(method: string, named: boolean, query: URLSearchParams): Verb | undefined {
  if (method === 'GET') {
    // A single object is watched as a collection with a field selector; here `watch` is overlooked.
    if (named) return 'get';
    return ['true', '1'].includes(query.get('watch') ?? '') ? 'watch' : 'list';
  }
  if (method === 'POST') return named ? undefined : 'create';
  if (method === 'DELETE') return named ? 'delete' : 'deletecollection';
  if (!named) return undefined;
  return method === 'PUT' ? 'update' : method === 'PATCH' ? 'patch' : undefined;
}

/** Undefined where nothing is served. */
export function routeOf(method: string, url: URL): Route | undefined {
  const steps = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
  const [root, ...rest] = steps;
  const [group = '', version = '', ...path] = root === 'api' ? ['', ...rest] : root === 'apis' ? rest : [];
  const [first = '', second, third, fourth, fifth] = path;
  // `namespaces/NAME/status` is a subresource; any other third step is a resource in that namespace.
  const nested = first === 'namespaces' && third !== undefined && findResource(group, version, third) !== undefined;
  const inNamespace = first === 'namespaces' && (nested || group !== '');
  const plural = inNamespace ? (third ?? '') : first;
  const [namespace, name, subresource] = inNamespace ? [second, fourth, fifth] : [undefined, second, third];
  const resource = findResource(group, version, plural);
  if (resource === undefined || path.length > (inNamespace ? 5 : 3)) return undefined;
  if (name !== undefined && resource.namespaced !== (namespace !== undefined)) return undefined;
  if (subresource !== undefined && !(subresource === 'status' && resource.status)) return undefined;
  const verb = verbOf(method, name !== undefined, url.searchParams);
  return verb === undefined ? undefined : { verb, resource, namespace, name, subresource };
}
