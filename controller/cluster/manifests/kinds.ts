/** Defines which apiVersions and kinds are read. */
import type { Kind } from '../../types/snapshot.ts';
import { nearest } from './nearest.ts';

export interface KindInfo {
  readonly apiVersion: string;
  /** Versions that Kubernetes has removed; they are converted. */
  readonly removed: readonly string[];
  readonly namespaced: boolean;
  /** Name of the kind's type in `schema.ts`. */
  readonly type: string;
}

const core = { apiVersion: 'v1', removed: [], namespaced: true } as const;
const networking = 'networking.k8s.io/v1';

export const KINDS: { readonly [K in Kind]: KindInfo } = {
  Ingress: {
    apiVersion: networking,
    removed: ['extensions/v1beta1', 'networking.k8s.io/v1beta1'],
    namespaced: true,
    type: 'V1Ingress',
  },
  IngressClass: {
    apiVersion: networking,
    removed: ['networking.k8s.io/v1beta1'],
    namespaced: false,
    type: 'V1IngressClass',
  },
  Service: { ...core, type: 'V1Service' },
  EndpointSlice: { apiVersion: 'discovery.k8s.io/v1', removed: [], namespaced: true, type: 'V1EndpointSlice' },
  Secret: { ...core, type: 'V1Secret' },
  ConfigMap: { ...core, type: 'V1ConfigMap' },
  Namespace: { ...core, namespaced: false, type: 'V1Namespace' },
};

export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

export type Classification =
  | { readonly is: 'read'; readonly kind: Kind; readonly removed: boolean }
  | { readonly is: 'wrong-version'; readonly kind: Kind }
  | { readonly is: 'misspelt'; readonly kind: Kind }
  | { readonly is: 'other' };

/**
 * API groups of Kubernetes itself. In other groups, a kind of the same name is a different kind: Knative, for example,
 * also has a kind Service.
 */
const OWN_GROUPS = new Set(['', 'extensions', 'networking.k8s.io', 'discovery.k8s.io', 'apps']);

export function isKind(name: string): name is Kind {
  return Object.hasOwn(KINDS, name);
}

export function classify(apiVersion: string, kind: string): Classification {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  if (!OWN_GROUPS.has(group)) return { is: 'other' };
  if (isKind(kind)) {
    const info = KINDS[kind];
    if (apiVersion === info.apiVersion) return { is: 'read', kind, removed: false };
    if (info.removed.includes(apiVersion)) return { is: 'read', kind, removed: true };
    return { is: 'wrong-version', kind };
  }
  const meant = kind === 'Endpoints' ? undefined : nearest(kind, KIND_NAMES);
  return meant !== undefined && isKind(meant) ? { is: 'misspelt', kind: meant } : { is: 'other' };
}
