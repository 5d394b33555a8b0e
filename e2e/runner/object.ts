/** A Kubernetes object with the fields that the tests use. */

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
    creationTimestamp?: string;
  };
  [field: string]: unknown;
}

export const ANNOTATION_PREFIX = 'nginx.ingress.kubernetes.io/';

const CLUSTER_SCOPED = new Set(['IngressClass', 'Namespace']);

/** Adds a namespace to an object that has none, unless its kind is cluster-scoped. */
export function placeIn(namespace: string, object: KubernetesObject): KubernetesObject {
  if (CLUSTER_SCOPED.has(object.kind) || object.metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
