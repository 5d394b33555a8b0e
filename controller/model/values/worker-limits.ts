/** Maximum numbers of connections and open files of an NGINX worker. */
import type { Facts } from '../contract/setting.ts';

export interface WorkerLimits {
  readonly 'max-worker-connections': number;
  readonly 'max-worker-open-files': number;
}

/** Value of `worker_rlimit_nofile`; if the setting is 0, the number that a worker gets by default. */
export function openFiles(limits: WorkerLimits, { standard }: Facts['openFiles']): number {
  return limits['max-worker-open-files'] === 0 ? standard : limits['max-worker-open-files'];
}

/** Value of `worker_connections`; if the setting is 0, three quarters of the open files. */
export function workerConnections(limits: WorkerLimits, files: Facts['openFiles']): number {
  const wanted = limits['max-worker-connections'];
  return wanted === 0 ? Math.floor((openFiles(limits, files) * 3) / 4) : wanted;
}
