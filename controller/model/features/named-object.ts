/**
 * Finds the Secret or ConfigMap that an annotation names. Objects of other namespaces belong to other teams, so an
 * annotation may use them only if the ConfigMap allows it, or if the object's owner does (tidegate.dev/allow-from).
 */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { ALLOW_FROM } from '../../types/own-annotations.ts';
import type { Problem } from '../../types/problem.ts';
import { allowFrom, type Grant, type Referring } from '../values/allow-from.ts';
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

function named<T extends V1Secret | V1ConfigMap>(
  kind: string,
  by: Referring,
  reference: Reference,
  { ingress, settings }: Context,
  find: (key: string) => T | undefined,
): Named<T> {
  const key = `${reference.namespace ?? ingress.namespace}/${reference.name}`;
  const foreign = reference.namespace !== undefined && reference.namespace !== ingress.namespace;
  const object = find(key);
  if (!foreign || settings['allow-cross-namespace-resources'])
    return object === undefined ? { key, refusal: `${kind} ${key} does not exist`, elsewhere: true } : { key, object };
  if (object !== undefined && isAllowed(object, ingress.namespace, by)) return { key, object };
  // The message is the same whether or not the object exists: tenants must not learn the names of others' Secrets.
  const refusal =
    `${kind} ${key} is in another namespace, and allow-cross-namespace-resources of the ConfigMap is false; ` +
    `its owner can allow its use with the annotation ${ALLOW_FROM}: ${ingress.namespace}`;
  return { key, refusal };
}

const grants = new WeakMap<object, readonly Grant[]>();

/** Whether the object's owner allows Ingresses of a namespace to name the object in the annotation `by`. */
function isAllowed(object: V1Secret | V1ConfigMap, namespace: string, by: Referring): boolean {
  let granted = grants.get(object);
  if (granted === undefined) {
    const parsed = allowFrom.parse(object.metadata?.annotations?.[ALLOW_FROM] ?? '');
    granted = parsed.ok ? parsed.value : [];
    grants.set(object, granted);
  }
  return granted.some(
    (grant) =>
      (grant.namespace === '*' || grant.namespace === namespace) && (grant.by === undefined || grant.by === by),
  );
}

/**
 * Finds the Secret that the annotation `by` names, if it is in the Ingress's namespace or may be used outside of its
 * own.
 */
export function namedSecret(by: Referring, reference: Reference, context: Context): Named<V1Secret> {
  return named('Secret', by, reference, context, context.resources.secret);
}

/** Finds the ConfigMap that the annotation `by` names, under the same conditions as `namedSecret`. */
export function namedConfigMap(by: Referring, reference: Reference, context: Context): Named<V1ConfigMap> {
  return named('ConfigMap', by, reference, context, context.resources.configMap);
}
