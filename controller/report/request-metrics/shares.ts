/**
 * Limits the number of time series (lines of /metrics): in total, for each namespace and for each Ingress, so that the
 * series of one tenant leave room for those of others.
 */
import { namespaceOf } from '../../types/snapshot.ts';

/** The parts of all series that one namespace and one Ingress may have. */
const NAMESPACE_PART = 1 / 2;
const INGRESS_PART = 1 / 20;

/** Whose series are counted; empty strings for requests that belong to no Ingress. */
export interface SeriesOwner {
  readonly namespace: string;
  /** `namespace/name`; without an Ingress, a string that identifies the host. */
  readonly ingress: string;
}

/** `ingress`: `namespace/name`, or empty for requests to a host without an Ingress. */
export function ownerOf(ingress: string, host: string): SeriesOwner {
  return { namespace: namespaceOf(ingress), ingress: ingress === '' ? ` ${host}` : ingress };
}

export interface SeriesShares {
  /** Whether `count` more series fit into the fraction `part` (0 to 1) of each limit. */
  readonly fits: (owner: SeriesOwner, count: number, part: number) => boolean;
  /** Records that an owner has `count` more series, or fewer if it is negative. */
  readonly use: (owner: SeriesOwner, count: number) => void;
  readonly used: () => number;
}

export function createSeriesShares(most: number): SeriesShares {
  const ofNamespace = new Map<string, number>();
  const ofIngress = new Map<string, number>();
  let all = 0;

  function change(counts: Map<string, number>, key: string, count: number): void {
    const now = (counts.get(key) ?? 0) + count;
    if (now > 0) counts.set(key, now);
    else counts.delete(key);
  }

  return {
    fits: ({ namespace, ingress }, count, part) =>
      all + count <= most * part &&
      (ofNamespace.get(namespace) ?? 0) + count <= most * NAMESPACE_PART * part &&
      (ofIngress.get(ingress) ?? 0) + count <= most * INGRESS_PART * part,
    use: ({ namespace, ingress }, count) => {
      all += count;
      change(ofNamespace, namespace, count);
      change(ofIngress, ingress, count);
    },
    used: () => all,
  };
}
