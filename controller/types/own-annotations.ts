/** Annotations of Tidegate on objects that are not Ingresses. Their names do not depend on --annotations-prefix. */

/** On a Secret or ConfigMap: the namespaces whose Ingresses may name it (model/values/allow-from.ts). */
export const ALLOW_FROM = 'tidegate.dev/allow-from';

/** On a Namespace: the hosts that belong to it, and the only ones that it may use (model/values/host-patterns.ts). */
export const OWNED_HOSTS = 'tidegate.dev/hosts';
