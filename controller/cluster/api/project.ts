/**
 * Creates the stored form of an object, with only the fields that Tidegate reads. The other fields, such as
 * managedFields, the last applied configuration and the status, would take most of the memory, and every write to them
 * would look like a change.
 */
import type {
  V1ConfigMap,
  V1Endpoint,
  V1EndpointConditions,
  V1EndpointSlice,
  V1Ingress,
  V1IngressClass,
  V1Namespace,
  V1ObjectMeta,
  V1Secret,
  V1Service,
} from '@kubernetes/client-node';
import { type KeptEndpoint, keptEndpoint, packEndpoints } from '../../types/endpoint-slice.ts';
import type { Keeping } from '../../types/keeping.ts';
import { ALLOW_FROM } from '../../types/own-annotations.ts';
import type { Kind, Kinds, WrittenKinds } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../manifests/check/endpoint-slice.ts';
import { ingressSpec } from './ingress-spec.ts';
import type { Json } from './json.ts';
import { withoutExcess } from './without-excess.ts';

/** kubectl maintains this annotation, which is as long as the object itself. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Keys of a kubernetes.io/tls Secret that NGINX may need. Other keys are for other programs. */
const TLS_KEYS = ['tls.crt', 'tls.key', 'ca.crt', 'ca.crl'];

const PROJECTIONS: { readonly [K in Kind]: (raw: Json<WrittenKinds[K]>, keeping: Keeping) => object } = {
  Ingress: (raw: Json<V1Ingress>, { ingress }) =>
    ingress({
      metadata: {
        ...identity(raw.metadata),
        ...present({ creationTimestamp: raw.metadata?.creationTimestamp }),
        ...annotationsOf(raw.metadata),
      },
      ...present({ spec: ingressSpec(raw.spec) }),
    }),
  IngressClass: (raw: Json<V1IngressClass>) => ({
    metadata: {
      ...identity(raw.metadata),
      ...present({ creationTimestamp: raw.metadata?.creationTimestamp }),
      ...annotationsOf(raw.metadata),
    },
    ...present({ spec: raw.spec }),
  }),
  Service: ({ metadata, spec }: Json<V1Service>, { isRead }) => ({
    metadata: { ...identity(metadata), ...misplaced(metadata, isRead) },
    spec: present({
      type: spec?.type,
      clusterIP: spec?.clusterIP,
      // With one address, this is the same as clusterIP.
      clusterIPs: spec?.clusterIPs && spec.clusterIPs.length > 1 ? spec.clusterIPs : undefined,
      externalName: spec?.externalName,
      ports: spec?.ports?.map(({ name, port, protocol, targetPort, appProtocol }) =>
        present({ name, port, protocol, targetPort, appProtocol }),
      ),
    }),
  }),
  EndpointSlice: (raw: Json<V1EndpointSlice>) => {
    const { name, namespace } = raw.metadata ?? {};
    const service = raw.metadata?.labels?.[SERVICE_NAME_LABEL];
    return {
      addressType: raw.addressType,
      metadata: present({ name, namespace, labels: service ? { [SERVICE_NAME_LABEL]: service } : undefined }),
      endpoints: packEndpoints((raw.endpoints ?? []).map(endpoint)),
      ports: (raw.ports ?? []).map(({ name: port, port: number, protocol }) =>
        present({ name: port, port: number, protocol }),
      ),
    };
  },
  Secret: ({ metadata, type, data }: Json<V1Secret>, { secretChars }) => ({
    metadata: { ...identity(metadata), ...annotation(metadata, ALLOW_FROM) },
    ...present({
      type,
      data: data && withoutExcess(type === 'kubernetes.io/tls' ? only(data, TLS_KEYS) : data, secretChars),
    }),
  }),
  ConfigMap: ({ metadata, data, binaryData }: Json<V1ConfigMap>, { configMap }) =>
    configMap({
      metadata: { ...identity(metadata), ...annotation(metadata, ALLOW_FROM) },
      ...present({ data, binaryData: binaryData && Object.keys(binaryData).length > 0 ? binaryData : undefined }),
    }),
  Namespace: ({ metadata }: Json<V1Namespace>, { isReadOfNamespace }) => ({
    metadata: {
      ...identity(metadata),
      ...present({
        annotations: named(metadata?.annotations, isReadOfNamespace),
        labels: named(metadata?.labels, isReadOfNamespace),
      }),
    },
  }),
};

/** Returns the stored form of an object. Throws if `raw` does not have the shape of its kind. */
export function project(kind: Kind, raw: Record<string, unknown>, keeping: Keeping): Kinds[Kind] {
  const projection: (raw: Record<string, unknown>, keeping: Keeping) => object = PROJECTIONS[kind];
  return projection(raw, keeping);
}

function identity(metadata: Json<V1ObjectMeta> | null | undefined): object {
  const { name, namespace, uid } = metadata ?? {};
  return present({ name, namespace, uid });
}

function annotationsOf(metadata: Json<V1ObjectMeta> | null | undefined): object {
  if (!metadata?.annotations) return {};
  const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations;
  return Object.keys(annotations).length === 0 ? {} : { annotations };
}

/** The `annotations` with only the annotation `name`; empty if the object does not have it. */
function annotation(metadata: Json<V1ObjectMeta> | null | undefined, name: string): object {
  const value = metadata?.annotations?.[name];
  return value === undefined || value === null ? {} : { annotations: { [name]: value } };
}

/** The entries whose names `isRead` accepts; undefined if there are none. */
function named(of: object | null | undefined, isRead: (name: string) => boolean): object | undefined {
  const found = Object.entries(of ?? {}).filter(([name, value]) => value !== null && isRead(name));
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

const MOST_MISPLACED = 100;

/** Annotations of a Service that have an effect only if they are set on an Ingress; their values are dropped. */
function misplaced(metadata: Json<V1ObjectMeta> | null | undefined, isRead: Keeping['isRead']): object {
  const names = Object.keys(metadata?.annotations ?? {}).filter(isRead);
  if (names.length === 0) return {};
  return { annotations: Object.fromEntries(names.slice(0, MOST_MISPLACED).map((name) => [name, ''])) };
}

function endpoint({ addresses, conditions, hints }: Json<V1Endpoint>): KeptEndpoint {
  return keptEndpoint({
    addresses: [...(addresses ?? [])],
    ...(conditions ? { conditions: share(conditions) } : {}),
    ...(hints?.forZones ? { hints: shareHints(hints.forZones.map(({ name }) => name ?? '')) } : {}),
  });
}

const MOST_SHARED_HINTS = 1000;
const sharedHints = new Map<string, object>();

/** Returns one shared object for each set of zones; there are only a few sets. */
function shareHints(zones: readonly string[]): object {
  const key = zones.join(' ');
  const known = sharedHints.get(key) ?? Object.freeze({ forZones: zones.map((name) => ({ name })) });
  if (sharedHints.size < MOST_SHARED_HINTS) sharedHints.set(key, known);
  return known;
}

const sharedConditions = new Map<string, object>();

/** Returns one shared object for equal conditions: at most 27 objects for, say, 20,000 endpoints. */
function share({ ready, serving, terminating }: Json<V1EndpointConditions>): object {
  const key = `${ready} ${serving} ${terminating}`;
  const known = sharedConditions.get(key) ?? Object.freeze(present({ ready, serving, terminating }));
  if (sharedConditions.size < 27) sharedConditions.set(key, known);
  return known;
}

function only(data: object | null | undefined, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([key]) => keys.includes(key)));
}

/** Removes absent fields, which JSON may contain as null. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in fields) if (fields[name] !== undefined && fields[name] !== null) kept[name] = fields[name];
  return kept;
}
