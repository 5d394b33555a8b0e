/** How many processors NGINX may use: what `worker-processes: auto` becomes. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

export interface ProcessorFacts {
  /**
   * CPU limit of NGINX's container as Kubernetes writes quantities: `2`, `1.5`, `1500m`. The downward API gives whole
   * numbers, and where the container has no limit, what the node has. Undefined where nobody said so.
   */
  readonly envLimit: string | undefined;
  /**
   * Quota and period of the own control group, microseconds: `150000 100000`; `max 100000` (version 2) or
   * `-1 100000` (version 1) for none. Undefined where there is none to be read.
   */
  readonly cgroupMax: string | undefined;
  /** Processors this process may run on; ≥ 1. */
  readonly available: number;
}

/** More workers than this cost memory and gain nothing for a proxy; the ConfigMap's number may be higher. */
const MOST = 64;

/**
 * Part of a processor counts as one, as the quota is shared by all workers anyway. A limit of NGINX's container
 * outranks what is seen here: this process may be in another container, pinned to fewer processors. What cannot be
 * read as a limit is none. At least 1, at most 64.
 */
export function processorsFrom({ envLimit, cgroupMax, available }: ProcessorFacts): number {
  const wanted = quantity(envLimit ?? '') ?? Math.min(quota(cgroupMax ?? '') ?? available, available);
  return Math.min(MOST, Math.max(1, Math.ceil(wanted)));
}

function quantity(text: string): number | undefined {
  const match = /^\s*([0-9]+(?:\.[0-9]+)?)(m?)\s*$/.exec(text);
  if (match === null) return undefined;
  return positive(Number(match[1]) / (match[2] === 'm' ? 1000 : 1));
}

function quota(text: string): number | undefined {
  const match = /^\s*([0-9]+)\s+([0-9]+)\s*$/.exec(text);
  return match === null ? undefined : positive(Number(match[1]) / Number(match[2]));
}

/** A limit of 0 is the absence of one. */
function positive(limit: number): number | undefined {
  return Number.isFinite(limit) && limit > 0 ? limit : undefined;
}

/** `processorsFrom` on this machine, with the limit of NGINX's container in `TIDEGATE_NGINX_CPU_LIMIT`. */
export async function processors(): Promise<number> {
  return processorsFrom({
    envLimit: process.env['TIDEGATE_NGINX_CPU_LIMIT'],
    cgroupMax: await ownQuota('/sys/fs/cgroup'),
    available: availableParallelism(),
  });
}

async function ownQuota(root: string): Promise<string | undefined> {
  const read = (path: string): Promise<string | undefined> =>
    readFile(`${root}/${path}`, 'utf8').catch(() => undefined);
  const unified = await read('cpu.max');
  if (unified !== undefined) return unified;
  const [most, period] = [await read('cpu/cpu.cfs_quota_us'), await read('cpu/cpu.cfs_period_us')];
  return most === undefined || period === undefined ? undefined : `${most.trim()} ${period.trim()}`;
}
