/** What there is to share, in bytes, and how much of it one namespace gets. */
import { BOUNDS, type Bounds } from '../bounds/bounds.ts';

const MIB = 1024 * 1024;

/** Of the live data; what is left over is a reserve, for endpoints that change and for what is estimated too low. */
const PARTS = { routes: 0.3, certificates: 0.4, endpoints: 0.2 } as const;

export interface Capacity {
  readonly all: number;
  /** Of one namespace. */
  readonly share: number;
  /** The flags that say so, for Problems. */
  readonly flags: string;
}

/** What is shared: bytes of nginx.conf, and three kinds of live data. */
export type Shared = 'conf' | keyof typeof PARTS;

export function capacityOf(shared: Shared, bounds: Bounds): Capacity {
  const name = shared === 'conf' ? 'confMegabytes' : 'liveMegabytes';
  const all = Math.floor(bounds[name] * MIB * (shared === 'conf' ? 1 : PARTS[shared]));
  return {
    all,
    share: Math.floor((all * bounds.namespacePercent) / 100),
    flags: `--${BOUNDS.namespacePercent.flag} and --${BOUNDS[name].flag}`,
  };
}
