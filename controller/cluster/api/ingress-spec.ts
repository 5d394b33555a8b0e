/**
 * Creates the stored form of the `spec` of an Ingress: equal backends are one object, and equal path types are one
 * string.
 */
import type {
  V1HTTPIngressPath,
  V1IngressBackend,
  V1IngressRule,
  V1IngressSpec,
  V1IngressTLS,
} from '@kubernetes/client-node';
import type { Json } from './json.ts';

const PATH_TYPES = new Map(['Exact', 'Prefix', 'ImplementationSpecific'].map((type) => [type, type]));

/** Throws if a field that must be a list is not a list. */
export function ingressSpec(spec: Json<V1IngressSpec> | null | undefined): V1IngressSpec | undefined {
  if (!spec) return undefined;
  const shared = new Map<string, V1IngressBackend>();
  const backendOf = (backend: Json<V1IngressBackend> | null | undefined) => share(backend, shared);
  const { ingressClassName, defaultBackend, tls, rules } = spec;
  return {
    ...(typeof ingressClassName === 'string' && { ingressClassName }),
    ...(defaultBackend && { defaultBackend: backendOf(defaultBackend) }),
    ...(tls && { tls: tls.map(tlsOf) }),
    ...(rules && { rules: rules.map((rule) => ruleOf(rule, backendOf)) }),
  };
}

function tlsOf({ hosts, secretName }: Json<V1IngressTLS>): V1IngressTLS {
  return { ...(hosts && { hosts: [...hosts] }), ...(typeof secretName === 'string' && { secretName }) };
}

type BackendOf = (backend: Json<V1IngressBackend> | null | undefined) => V1IngressBackend;

function ruleOf({ host, http }: Json<V1IngressRule>, backendOf: BackendOf): V1IngressRule {
  return {
    ...(typeof host === 'string' && { host }),
    ...(http && { http: { paths: (http.paths ?? []).map((path) => pathOf(path, backendOf)) } }),
  };
}

function pathOf({ path, pathType, backend }: Json<V1HTTPIngressPath>, backendOf: BackendOf): V1HTTPIngressPath {
  const type = pathType ?? '';
  const kind = PATH_TYPES.get(type) ?? type;
  return typeof path === 'string'
    ? { path, pathType: kind, backend: backendOf(backend) }
    : { pathType: kind, backend: backendOf(backend) };
}

/** Returns one shared object for equal backends. Backends that are not Services become empty. */
function share(
  backend: Json<V1IngressBackend> | null | undefined,
  shared: Map<string, V1IngressBackend>,
): V1IngressBackend {
  const { name = null, port = null } = backend?.service ?? {};
  const key = JSON.stringify([name, port?.number, port?.name]);
  const known = shared.get(key) ?? Object.freeze(backendFrom(name, port));
  shared.set(key, known);
  return known;
}

function backendFrom(name: string | null, port: Json<{ number: number; name: string }> | null): V1IngressBackend {
  if (name === null) return {};
  const given = port && {
    port: {
      ...(typeof port.number === 'number' && { number: port.number }),
      ...(typeof port.name === 'string' && { name: port.name }),
    },
  };
  return { service: { name, ...given } };
}
