/** How many processors NGINX may use: the value of `worker-processes: auto`. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

export interface ProcessorFacts {
  /**
   * CPU limit of the NGINX container as a Kubernetes quantity: `2`, `1.5`, `1500m`. The downward API reports whole
   * numbers, and the node's capacity if the container has no limit. Undefined if the environment variable is not set.
   */
  readonly envLimit: string | undefined;
  /**
   * Quota and period of this process's cgroup, in microseconds: `150000 100000`. If there is no quota, the value is
   * `max 100000` (cgroup v2) or `-1 100000` (cgroup v1). Undefined if the cgroup cannot be read.
   */
  readonly cgroupMax: string | undefined;
  /** The number of processors that this process may run on, at least 1. */
  readonly available: number;
}

/** More workers use memory and do not make a proxy faster. The ConfigMap may set a higher number. */
const MOST = 64;

/**
 * Determines the number of processors, between 1 and 64. A fraction counts as a whole processor, because all workers
 * share the quota anyway. The limit of the NGINX container takes precedence over the cgroup and the processors of this
 * process, which may run in another container with fewer processors. An unreadable limit is ignored.
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

/** Returns undefined for 0, which stands for "no limit". */
function positive(limit: number): number | undefined {
  return Number.isFinite(limit) && limit > 0 ? limit : undefined;
}

/**
 * Calls `processorsFrom` with the values of this machine. `TIDEGATE_NGINX_CPU_LIMIT` is the limit of the NGINX
 * container.
 */
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
