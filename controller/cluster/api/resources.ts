/** The API server's paths for each kind. */
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

/** What a reflector lists and watches: a kind, everywhere or in one namespace, with the server's selectors. */
export interface Selection {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** Path of a list, or of one object. */
export function resourcePath(kind: Kind, namespace?: string, name?: string): string {
  const { apiVersion } = KINDS[kind];
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${group}${place}/${PLURALS[kind]}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}

/** True if it selects one object by its name. */
export function isSingle({ fieldSelector }: Selection): boolean {
  return nameOf(fieldSelector) !== undefined;
}

function nameOf(fieldSelector: string | undefined): string | undefined {
  return /^metadata\.name=(.*)$/.exec(fieldSelector ?? '')?.[1];
}

/** `secrets in namespace shop`: for messages. */
export function describeSelection({ kind, namespace, fieldSelector }: Selection): string {
  const name = nameOf(fieldSelector);
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`;
  return `${PLURALS[kind]}${name === undefined ? '' : ` ${name}`}${where}`;
}

/** The selectors as query parameters. */
export function selectionQuery({ fieldSelector, labelSelector }: Selection): Record<string, string> {
  return {
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  };
}

/**
 * Order of two resourceVersions; undefined unless both are decimal numbers, as they are in practice. They are compared
 * only within one kind, and only to notice that a server has gone back in time.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (!/^\d+$/.test(a) || !/^\d+$/.test(b)) return undefined;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
