/**
 * Rules for which fields of each kind are kept while a response is read: those that `project` uses, and those of the
 * envelope of a list or watch.
 */
import { standIn } from '../../types/left-out.ts';
import type { Keeping } from '../../types/keeping.ts';
import type { Kind } from '../../types/snapshot.ts';
import { SERVICE_NAME_LABEL } from '../manifests/check/endpoint-slice.ts';
import { LAST_APPLIED } from './project.ts';
import type { Rule } from './skim.ts';

const ALL: Rule = {};

function only(fields: Readonly<Record<string, Rule>>): Rule {
  return { fields: new Map(Object.entries(fields)) };
}

type Limits = Pick<Keeping, 'textBytes' | 'paths' | 'secretChars'>;

function metadata({ textBytes }: Limits): Rule {
  return only({
    name: ALL,
    namespace: ALL,
    uid: ALL,
    resourceVersion: ALL,
    creationTimestamp: ALL,
    labels: only({ [SERVICE_NAME_LABEL]: ALL }),
    annotations: { fields: new Map([[LAST_APPLIED, null]]), others: { text: textBytes } },
  });
}

function ingress({ textBytes, paths }: Limits): Record<string, Rule> {
  const text: Rule = { text: textBytes };
  const backend = only({ service: ALL });
  const path = only({ path: text, pathType: ALL, backend });
  const rest = (count: number) => JSON.stringify({ path: standIn(count), pathType: '' });
  const http = only({ paths: { items: path, most: paths, rest } });
  return {
    spec: only({
      ingressClassName: ALL,
      defaultBackend: backend,
      tls: { items: only({ hosts: ALL, secretName: ALL }) },
      rules: { items: only({ host: text, http }) },
    }),
    status: only({ loadBalancer: only({ ingress: ALL }) }),
  };
}

const FIELDS: { readonly [K in Kind]: (limits: Limits) => Record<string, Rule> } = {
  Ingress: ingress,
  IngressClass: () => ({ spec: ALL }),
  Service: () => ({ spec: only({ type: ALL, clusterIP: ALL, clusterIPs: ALL, externalName: ALL, ports: ALL }) }),
  EndpointSlice: () => ({
    addressType: ALL,
    endpoints: { items: only({ addresses: ALL, conditions: ALL, hints: ALL }) },
    ports: ALL,
  }),
  Secret: ({ secretChars }) => ({ type: ALL, data: { others: { text: secretChars } } }),
  ConfigMap: () => ({ data: ALL, binaryData: ALL }),
  // Of the labels and annotations, those whose names are nearly right are read, too.
  Namespace: ({ textBytes }) => ({
    metadata: only({
      name: ALL,
      uid: ALL,
      resourceVersion: ALL,
      labels: ALL,
      annotations: { fields: new Map([[LAST_APPLIED, null]]), others: { text: textBytes } },
    }),
  }),
};

const STATUS = { code: ALL, message: ALL, reason: ALL, details: only({ retryAfterSeconds: ALL }) };

/** The rule for an object of this kind, or for a Status that is sent instead. */
export function objectRule(kind: Kind, limits: Limits): Rule {
  return { ...only({ ...STATUS, metadata: metadata(limits), ...FIELDS[kind](limits) }), document: true };
}

export function listRule(kind: Kind, limits: Limits): Rule {
  return only({ metadata: ALL, items: { items: objectRule(kind, limits) } });
}

export function eventRule(kind: Kind, limits: Limits): Rule {
  return { ...only({ type: ALL, object: objectRule(kind, limits) }), document: true };
}

const SHORT: Rule = { text: 253 };

/**
 * The rule for the body of an AdmissionReview about an Ingress. The Ingress may have no name yet, or a
 * deletionTimestamp.
 */
export function reviewRule(limits: Limits): Rule {
  const { fields = new Map<string, Rule>() } = metadata(limits);
  const more = new Map([...fields, ['generateName', SHORT], ['deletionTimestamp', SHORT]]);
  const object = only({ metadata: { fields: more }, ...ingress(limits) });
  const request = only({
    uid: SHORT,
    operation: SHORT,
    kind: only({ group: SHORT, version: SHORT, kind: SHORT }),
    subResource: SHORT,
    namespace: SHORT,
    name: SHORT,
    object,
    oldObject: object,
  });
  return { ...only({ apiVersion: SHORT, kind: SHORT, request }), document: true };
}
