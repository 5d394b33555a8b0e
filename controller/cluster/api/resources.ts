/** Paths and selections of each kind on the API server. */
import type { Kind } from '../../types/snapshot.ts';
import { KINDS } from '../manifests/kinds.ts';

const PLURALS: { readonly [K in Kind]: string } = {
  Ingress: 'ingresses',
  IngressClass: 'ingressclasses',
  Service: 'services',
  EndpointSlice: 'endpointslices',
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  Namespace: 'namespaces',
};

/**
 * What a reflector lists and watches: a kind, in all namespaces or in one, with selectors that the API server applies.
 */
export interface Selection {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** The path of a list, or of one object if `name` is given. */
export function resourcePath(kind: Kind, namespace?: string, name?: string): string {
  const { apiVersion } = KINDS[kind];
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${group}${place}/${PLURALS[kind]}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** Whether a selection contains only one object, selected by its name. */
export function isSingle({ fieldSelector }: Selection): boolean {
  return nameOf(fieldSelector) !== undefined;
}

function nameOf(fieldSelector: string | undefined): string | undefined {
  return /^metadata\.name=(.*)$/.exec(fieldSelector ?? '')?.[1];
}

/** Describes a selection in messages: `secrets in namespace shop`. */
export function describeSelection({ kind, namespace, fieldSelector }: Selection): string {
  const name = nameOf(fieldSelector);
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return `${PLURALS[kind]}${name === undefined ? '' : ` ${name}`}${where}`;
}

/** The selectors of a selection as query parameters. */
export function selectionQuery({ fieldSelector, labelSelector }: Selection): Record<string, string> {
  return {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

/**
 * Compares two resourceVersions; undefined unless both are decimal numbers, which they are in practice. Only versions
 * of the same kind are compared, and only to detect that a server has gone back to an older state.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return undefined;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
