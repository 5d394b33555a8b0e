/** How many connections and open files a worker of NGINX may have. */
import type { Facts } from '../contract/setting.ts';

export interface WorkerLimits {
  readonly 'max-worker-connections': number;
  readonly 'max-worker-open-files': number;
}

/** `worker_rlimit_nofile`; 0 is the machine's limit. */
export function openFiles(limits: WorkerLimits, { standard }: Facts['openFiles']): number {
  return limits['max-worker-open-files'] === 0 ? standard : limits['max-worker-open-files'];
}

/** `worker_connections`; 0 is three quarters of the open files. */
export function workerConnections(limits: WorkerLimits, files: Facts['openFiles']): number {
  const wanted = limits['max-worker-connections'];
  return wanted === 0 ? Math.floor((openFiles(limits, files) * 3) / 4) : wanted;
}
