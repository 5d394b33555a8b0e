/**
 * Finds the Secret or ConfigMap that an annotation names. Objects of other namespaces belong to other teams, so an
 * annotation may use them only if the ConfigMap allows it.
 */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { Problem } from '../../types/problem.ts';
import type { LocationContext } from './annotation.ts';

/** The namespace and name in an annotation; without a namespace, the Ingress's namespace is used. */
export interface Reference {
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * The result of a search. `key`: `namespace/name`. `refusal`: why the object cannot be used, as a sentence; `elsewhere`
 * if the object is missing.
 */
export type Named<T> =
  | { readonly key: string; readonly object: T; readonly refusal?: undefined }
  | ({ readonly key: string; readonly object?: undefined; readonly refusal: string } & Pick<Problem, 'elsewhere'>);

/** Marks the Problem of an object that is missing. */
export function elsewhereOf({ elsewhere }: Pick<Problem, 'elsewhere'>): Pick<Problem, 'elsewhere'> {
  return elsewhere === undefined ? {} : { elsewhere };
}

type Context = Pick<LocationContext, 'ingress' | 'settings' | 'resources'>;

function named<T>(
  kind: string,
  reference: Reference,
  { ingress, settings }: Context,
  find: (key: string) => T | undefined,
): Named<T> {
  const key = `${reference.namespace ?? ingress.namespace}/${reference.name}`;
  const foreign = reference.namespace !== undefined && reference.namespace !== ingress.namespace;
  if (foreign && !settings['allow-cross-namespace-resources']) {
    const refusal = `${kind} ${key} is in another namespace, and allow-cross-namespace-resources of the ConfigMap is false`;
    return { key, refusal };
  }
  const object = find(key);
  return object === undefined ? { key, refusal: `${kind} ${key} does not exist`, elsewhere: true } : { key, object };
}

/** Finds a Secret of the Ingress's namespace, or of any namespace if `allow-cross-namespace-resources` is on. */
export function namedSecret(reference: Reference, context: Context): Named<V1Secret> {
  return named('Secret', reference, context, context.resources.secret);
}

/** Finds a ConfigMap of the Ingress's namespace, or of any namespace if `allow-cross-namespace-resources` is on. */
export function namedConfigMap(reference: Reference, context: Context): Named<V1ConfigMap> {
  return named('ConfigMap', reference, context, context.resources.configMap);
}
