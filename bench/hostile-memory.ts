/** Measures the memory of a pod while a tenant attacks the cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../e2e/cluster/pod.ts';
import { masterOf, workersOf } from '../e2e/runner/processes.ts';
import { memoryOf } from './cores.ts';

/** Memory in MiB. */
export interface Memory {
  readonly controller: number;
  readonly nginx: number;
}

/**
 * The memory of a process. A page that several processes share counts proportionally, so that a sum over the processes
 * counts it once. 0 for a process that has just exited.
 */
function proportional(pid: number): number {
  try {
    return memoryOf(pid, 'Pss');
  } catch {
    return 0;
  }
}

function memory(pod: Pod): Memory {
  const master = masterOf(pod.runDir)?.pid;
  const pids = master === undefined ? [] : [master, ...workersOf(master).map(({ pid }) => pid)];
  return {
    controller: proportional(pod.controller.pid),
    nginx: pids.reduce((sum, pid) => sum + proportional(pid), 0),
  };
}

/** Watches the memory until `isOver` returns true; returns the peaks of controller and NGINX. */
export async function watchMemory(pod: Pod, isOver: () => boolean): Promise<Memory> {
  let most: Memory = { controller: 0, nginx: 0 };
  while (!isOver()) {
    const now = memory(pod);
    most = {
      controller: Math.max(most.controller, now.controller),
      nginx: Math.max(most.nginx, now.nginx),
    };
    await sleep(250);
  }
  return most;
}
