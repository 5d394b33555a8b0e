/**
 * What all namespaces use together: the size of NGINX's dictionary of live data, and warnings before a bound is
 * reached.
 */
import type { Problem } from '../../../types/problem.ts';
import { BOUNDS, type Bounds } from '../../contract/bounds.ts';
import type { IngressShares } from './ingress-shares.ts';
import type { TableShares } from './table-shares.ts';
import type { Uses } from './uses.ts';

const MIB = 1024 * 1024;
/** Factor by which the dictionary is larger than the live data, as a reserve for changes until the next build. */
const HEADROOM = 1.25;
/** Fraction of a bound from which a warning is reported. */
const NEARLY_FULL = 0.8;

function sum(uses: Uses): number {
  let total = 0;
  for (const bytes of uses.values()) total += bytes;
  return total;
}

/** Bytes of live data that all namespaces ask for. */
export function liveBytes({ live }: IngressShares, { uses }: TableShares): number {
  return sum(live) + sum(uses.backends) + sum(uses.certificates);
}

/**
 * Size of the dictionary in MiB: the minimum times a power of two, so that the size seldom changes; at most the bound.
 */
export function dictionaryMegabytes(bytes: number, bounds: Bounds): number {
  const { least } = BOUNDS.liveMegabytes;
  let size = least;
  while (size < bounds.liveMegabytes && size * MIB < bytes * HEADROOM) size *= 2;
  return Math.max(least, Math.min(size, bounds.liveMegabytes));
}

export function nearlyFull(
  live: number,
  { conf, memory }: Pick<IngressShares, 'conf' | 'memory'>,
  bounds: Bounds,
): readonly Problem[] {
  const shared = [
    ['liveMegabytes', live, 'the live data'],
    ['confMegabytes', sum(conf), 'nginx.conf'],
    ['nginxMegabytes', sum(memory), 'a process of NGINX'],
  ] as const;
  return shared
    .filter(([name, bytes]) => bytes >= bounds[name] * MIB * NEARLY_FULL)
    .map(([name, , what]) => ({
      code: 'nearly-full',
      severity: 'warning',
      effect: 'none',
      message:
        `all namespaces together ask for at least ${NEARLY_FULL * 100} % of the maximum for ${what}, which is ` +
        `${bounds[name]} MiB (--${BOUNDS[name].flag}); beyond the maximum, the namespaces that use the most are cut ` +
        'back',
    }));
}
