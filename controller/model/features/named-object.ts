/** Secrets and ConfigMaps that an annotation names. Another namespace's objects belong to somebody else. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import type { LocationContext } from './annotation.ts';

/** As an annotation names it; the namespace defaults to that of the Ingress. */
export interface Reference {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** `key`: `namespace/name`; `refusal`: why there is no usable object, as a sentence. */
export type Named<T> =
  | { readonly key: string; readonly object: T; readonly refusal?: undefined }
  | { readonly key: string; readonly object?: undefined; readonly refusal: string };

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
    const refusal =
      `${kind} ${key} is in another namespace than the Ingress, and allow-cross-namespace-resources of the ConfigMap ` +
      'is false';
    return { key, refusal };
  }
  const object = find(key);
  return object === undefined ? { key, refusal: `${kind} ${key} does not exist` } : { key, object };
}

/** A Secret of the Ingress's own namespace, or of another one if `allow-cross-namespace-resources` is on. */
export function namedSecret(reference: Reference, context: Context): Named<V1Secret> {
  return named('Secret', reference, context, context.resources.secret);
}

/** A ConfigMap of the Ingress's own namespace, or of another one if `allow-cross-namespace-resources` is on. */
export function namedConfigMap(reference: Reference, context: Context): Named<V1ConfigMap> {
  return named('ConfigMap', reference, context, context.resources.configMap);
}
