/** Converts one object from the API server's JSON to its stored form. Pure. */
import type { V1IngressLoadBalancerIngress } from '@kubernetes/client-node';
import { isRecord } from '../../types/is-record.ts';
import type { Kind, Kinds, ObjectKey } from '../../types/snapshot.ts';
import { project } from './project.ts';
import type { Tuning } from './tuning.ts';

export interface Item {
  readonly key: ObjectKey;
  readonly object: Kinds[Kind];
  readonly resourceVersion: string;
  /** `status.loadBalancer.ingress` of an Ingress; empty for other kinds. */
  readonly addresses: readonly V1IngressLoadBalancerIngress[];
}

const NO_ADDRESSES: Item['addresses'] = [];

/** Returns undefined if `raw` is not an object of this kind. */
export function readItem(kind: Kind, raw: unknown, { keeping }: Pick<Tuning, 'keeping'>): Item | undefined {
  const metadata = isRecord(raw) ? raw['metadata'] : undefined;
  if (!isRecord(raw) || !isRecord(metadata)) return undefined;
  const { name, namespace, resourceVersion } = metadata;
  if (typeof name !== 'string' || name === '') return undefined;
  const inside = typeof namespace === 'string' && namespace !== '';
  if (inside !== (kind !== 'IngressClass' && kind !== 'Namespace')) return undefined;
  try {
    return {
      key: inside ? `${namespace}/${name}` : name,
      object: project(kind, raw, keeping),
      resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
      addresses: kind === 'Ingress' ? addressesOf(raw['status']) : NO_ADDRESSES,
    };
  } catch {
    // A field has the wrong type. An API server does not accept such an object.
    return undefined;
  }
}

function addressesOf(status: unknown): Item['addresses'] {
  const loadBalancer = isRecord(status) ? status['loadBalancer'] : undefined;
  const ingress = isRecord(loadBalancer) ? loadBalancer['ingress'] : undefined;
  return Array.isArray(ingress) && ingress.length > 0 ? (ingress as Item['addresses']) : NO_ADDRESSES;
}
