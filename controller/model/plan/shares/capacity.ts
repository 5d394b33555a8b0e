/** How many bytes all namespaces share, and how many of them one namespace may use. */
import { BOUNDS, type Bounds } from '../../contract/bounds.ts';

const MIB = 1024 * 1024;

/** Fractions of the live data; the remaining tenth is a reserve for changing endpoints and for low estimates. */
const PARTS = { routes: 0.3, certificates: 0.4, endpoints: 0.2 } as const;

export interface Capacity {
  /** Bytes for all namespaces together. */
  readonly all: number;
  /** Bytes that one namespace may use. */
  readonly share: number;
  /** The flags that determine `share`, for Problems. */
  readonly flags: string;
}

/** Resources that are shared: bytes of nginx.conf, memory of an NGINX process for it, and three kinds of live data. */
export type Shared = keyof typeof CONF | keyof typeof PARTS;

const CONF = { conf: 'confMegabytes', memory: 'nginxMegabytes' } as const;

function isOfConf(shared: Shared): shared is keyof typeof CONF {
  return shared in CONF;
}

export function capacityOf(shared: Shared, bounds: Bounds): Capacity {
  const name = isOfConf(shared) ? CONF[shared] : 'liveMegabytes';
  const all = Math.floor(bounds[name] * MIB * (isOfConf(shared) ? 1 : PARTS[shared]));
  return {
    all,
    share: Math.floor((all * bounds.namespacePercent) / 100),
    flags: `--${BOUNDS.namespacePercent.flag} and --${BOUNDS[name].flag}`,
  };
}
